// A folder in shared memory for one row's objects, which goes when the row ends, however it ends.
import { mkdtempSync, rmSync } from 'node:fs'

export function scratch() {
  const folder = mkdtempSync('/dev/shm/framering-bench-')
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
