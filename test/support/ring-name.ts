import { readdirSync } from 'node:fs'

let count = 0

/** A ring name no other test or run uses. */
export function ringName(): string {
  count += 1
  return `test-${process.pid}-${process.env['VITEST_POOL_ID'] ?? '0'}-${Date.now().toString(36)}-${count}`
}

/** What stands in /dev/shm of this ring. */
export function remains(name: string, directory = '/dev/shm'): string[] {
  return readdirSync(directory).filter(
    (entry) => entry.startsWith(`framering.${name}.`) || entry.startsWith(`framering.${name}@`),
  )
}
