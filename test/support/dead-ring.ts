import { expect } from 'vitest'
import { actor, crash } from './actor.ts'
import { remains, ringName } from './ring-name.ts'

/** A ring in this directory whose writer was killed; its name. */
export async function deadRing(
  directory: string,
  user?: { uid: number; gid: number },
): Promise<string> {
  const name = ringName()
  const writer = await actor(user && { user })
  await writer.does('create', { name, options: { dtype: 'uint8', shape: [4, 4], directory } })
  await writer.does('write')
  await crash(writer)
  expect(remains(name, directory)).toHaveLength(4)
  return name
}
