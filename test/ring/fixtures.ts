import { expect, onTestFinished } from 'vitest'
import type { ErrorCode, ReaderOptions, Reader, Writer, WriterOptions } from '../../src/index.ts'
import { createWriter, openReader } from '../../src/index.ts'
import { remains, ringName } from '../support/ring-name.ts'

/** A small ring: 4 × 4 bytes, so that a frame is a fill value. */
export const SMALL = { dtype: 'uint8', shape: [4, 4] } as const

/** A ring that is closed when the test ends, and must have left nothing in /dev/shm then. */
export function testWriter(options: WriterOptions = SMALL, name = ringName()): Writer {
  const writer = createWriter(name, options)
  onTestFinished(() => {
    writer.close()
    expect(remains(name)).toEqual([])
  })
  return writer
}

export function testReader(ring: string | { name: string }, options: ReaderOptions = {}): Reader {
  const reader = openReader(typeof ring === 'string' ? ring : ring.name, options)
  onTestFinished(() => {
    reader.close()
  })
  return reader
}

/** A frame of SMALL that is `value` all over. */
export function flat(value: number, length = 16): Uint8Array {
  return new Uint8Array(length).fill(value)
}

/** Matches a FrameringError with this code, and a message if one is given. */
export function failure(code: ErrorCode, message?: RegExp): unknown {
  return expect.objectContaining({
    name: 'FrameringError',
    code,
    ...(message && { message: expect.stringMatching(message) as unknown }),
  })
}

/** The next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Runs the event loop until something holds; the test's own time limit is the bound. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn()
}
