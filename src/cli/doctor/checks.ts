import { cameras } from './cameras.ts'
import { container } from './container.ts'
import { directory } from './directory.ts'
import type { Check, Finding } from './finding.ts'
import { hugePages } from './huge-pages.ts'
import { kernel } from './kernel.ts'
import { memlock } from './memlock.ts'
import { memoryCgroup } from './memory-cgroup.ts'
import { nativePart } from './native-part.ts'
import { removeIpc } from './remove-ipc.ts'
import { sharedMemory } from './shared-memory.ts'
import type { System } from './system.ts'
import { versions } from './versions.ts'

const CHECKS: readonly Check[] = [
  kernel,
  container,
  sharedMemory,
  directory,
  memoryCgroup,
  memlock,
  hugePages,
  removeIpc,
  nativePart,
  cameras,
  versions,
]

/** Everything there is to say of a system. */
export async function examine(system: System, where: string): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const check of CHECKS) found.push(...(await check(system, where)))
  return found
}
