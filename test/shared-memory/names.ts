import { existsSync, readdirSync, rmSync, watch } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { FrameringError } from '../../src/errors/framering-error.ts'

let count = 0

/** A name that no other test or run uses; whatever has it at the end of the test is removed. */
export function memoryName(): string {
  count += 1
  const name = `test-list-${process.pid}-${Date.now().toString(36)}-${count}`
  onTestFinished(() => {
    rmSync(`/dev/shm/${name}`, { force: true })
  })
  return name
}

/** Has memory with a name of its own removed at the end of the test, if it still is there. */
export function ownedByTest<T extends { readonly name: string }>(memory: T): T {
  onTestFinished(() => {
    rmSync(`/dev/shm/${memory.name}`, { force: true })
  })
  return memory
}

export function isThere(name: string): boolean {
  return existsSync(`/dev/shm/${name}`)
}

/** Names in /dev/shm that start like that. */
export function namesLike(start: string): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith(start))
}

/** Resolves as soon as none of the names is there. */
export async function gone(names: readonly string[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (names.some(isThere)) return
      watcher.close()
      resolve()
    }
    // Watching first: one that goes between a look and the watch would never be reported.
    const watcher = watch('/dev/shm', look)
    look()
  })
}

/** The code of the FrameringError that `act` throws. */
export function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(FrameringError)
    return (error as FrameringError).code
  }
  return 'nothing was thrown'
}
