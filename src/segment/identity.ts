import { lstatSync } from 'node:fs'

/** Which file a segment is, for as long as anybody has it open. */
export interface Identity {
  readonly device: string
  readonly inode: string
}

/** Whether `path` still is that file. A link to it does not count. */
export function isStill(path: string, { device, inode }: Identity): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return there?.dev === BigInt(device) && there.ino === BigInt(inode)
}
