import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { ErrorCode } from '../../src/index.ts'
import type { LayoutName } from '../../src/shared-array/index.ts'

export const LAYOUTS: LayoutName[] = ['3.1', '3.1-numpy2', '2.0', '1.0', '0.3']

/** Where a layout's record stands and how long it is: from the table in the format's description. */
export const RECORD = {
  '3.1': { bytes: 292, maxDims: 32, ndims: 32, itemsize: 28 },
  '3.1-numpy2': { bytes: 548, maxDims: 64, ndims: 32, itemsize: 28 },
  '2.0': { bytes: 288, maxDims: 32, ndims: 28, itemsize: undefined },
  '1.0': { bytes: 160, maxDims: 16, ndims: 28, itemsize: undefined },
  '0.3': { bytes: 160, maxDims: 16, ndims: 28, itemsize: undefined },
} as const satisfies Record<LayoutName, object>

const SHM = '/dev/shm'
let count = 0

/** A name that no other test or run uses. What stands there when the test ends is removed. */
export function arrayName(): string {
  count += 1
  const name = `framering-test-array-${process.pid}-${Date.now().toString(36)}-${count}`
  onTestFinished(() => {
    rmSync(join(SHM, name), { force: true })
  })
  return name
}

/** The file of a name in shared memory. */
export function shmFile(name: string): string {
  return join(SHM, name)
}

/** What there is in shared memory of this process's tests. */
export function remains(): string[] {
  return readdirSync(SHM).filter((file) => file.includes(`framering-test-array-${process.pid}-`))
}

/** A directory on a disk, or whatever is under the temporary directory, for this test. */
export function diskFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'framering-array-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  return folder
}

/** A file with these bytes, under a name of its own in shared memory. */
export function fileOf(bytes: Uint8Array): string {
  const name = arrayName()
  writeFileSync(shmFile(name), bytes)
  return name
}

export function bytesOf(name: string): Buffer {
  return readFileSync(shmFile(name))
}

/** Matches a FrameringError with this code, and a message if one is given. */
export function failure(code: ErrorCode, message?: RegExp): unknown {
  return expect.objectContaining({
    name: 'FrameringError',
    code,
    ...(message && { message: expect.stringMatching(message) as unknown }),
  })
}

/** What `run` throws, to be compared with `failure`; a sentence when it throws nothing. */
export function thrown(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}
