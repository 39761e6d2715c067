import { execFileSync } from 'node:child_process'

/** Makes a FIFO that nobody has open. */
export function fifo(path: string): string {
  execFileSync('mkfifo', [path])
  return path
}
