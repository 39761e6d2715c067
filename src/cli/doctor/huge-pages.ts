import { type Check, fine } from './finding.ts'

const CHECK = 'huge-pages'
const SWITCH = '/sys/kernel/mm/transparent_hugepage/shmem_enabled'

/**
 * Whether the rings' memory comes in huge pages, which takes readers fewer TLB misses. Never needed.
 *
 * The mount's own `huge=` counts, unless the kernel's switch is `deny` or `force`
 * (Documentation/admin-guide/mm/transhuge.rst).
 */
export const hugePages: Check = (system, directory) => {
  const chosen = /\[(\w+)\]/.exec(system.read(SWITCH) ?? '')?.[1]
  if (chosen === undefined) return [fine(CHECK, 'this kernel has none for shared memory')]
  const mount = mountOf(system.read('/proc/mounts') ?? '', directory)
  const huge = /(?:^|,)huge=(\w+)/.exec(mount?.[3] ?? '')?.[1] ?? 'never'
  if (chosen === 'deny') return [fine(CHECK, `forbidden (${SWITCH} is deny)`)]
  if (chosen === 'force') return [fine(CHECK, 'used for all shared memory')]
  if (huge !== 'never') return [fine(CHECK, `${directory} is mounted with huge=${huge}`)]
  return [
    fine(
      CHECK,
      `not used for ${directory}: pages of 4 KiB`,
      `for frames of many megabytes: mount -o remount,huge=within_size ${directory}`,
    ),
  ]
}

/** Fields of the file system that a directory is on: the deepest mount above it, of those the latest. */
function mountOf(mounts: string, directory: string): readonly string[] | undefined {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, where]) => where === '/' || `${directory}/`.startsWith(`${where ?? ''}/`))
    .sort(([, a = ''], [, b = '']) => a.length - b.length)
    .at(-1)
}
