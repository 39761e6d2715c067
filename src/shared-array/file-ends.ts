import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LONGEST_HEAD, LONGEST_TAIL } from './layouts.ts'

/** The two ends of a file: where a record can stand. */
export interface FileEnds {
  /** the first bytes, as far as the longest record at the start reaches */
  readonly head: Uint8Array
  /** the last bytes, as far as the longest record at the end reaches */
  readonly tail: Uint8Array
  readonly fileBytes: number
}

/** The ends of a mapped file. Copies: what others can write must not change between check and use. */
export function endsOf(bytes: Uint8Array): FileEnds {
  return {
    head: copyOf(bytes.subarray(0, LONGEST_HEAD)),
    tail: copyOf(bytes.subarray(Math.max(0, bytes.length - LONGEST_TAIL))),
    fileBytes: bytes.length,
  }
}

/**
 * Into Node's pool: V8 counts a mapping as memory that it has allocated, and with a large one takes each
 * further ArrayBuffer as a reason to collect garbage, for milliseconds.
 */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes)
}

/**
 * The ends of a file, read and not mapped: mapping gives a sparse file all its memory, and there may be
 * none left just when an array is to be removed. `undefined` for what is no regular file. Waits for
 * nobody at the other end of a FIFO.
 *
 * Throws what `node:fs` throws.
 */
export function readEnds(path: string, followLinks = false): FileEnds | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW))
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) return undefined
    const start = Math.max(0, stat.size - LONGEST_TAIL)
    return {
      head: readAt(fd, 0, Math.min(stat.size, LONGEST_HEAD)),
      tail: readAt(fd, start, stat.size - start),
      fileBytes: stat.size,
    }
  } finally {
    closeSync(fd)
  }
}

/** Zeros stand for what was cut off since the size was asked for: no record looks like that. */
function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length).fill(0)
  for (let got = 0; got < length;) {
    const more = readSync(fd, bytes, got, length - got, position + got)
    if (more === 0) break
    got += more
  }
  return bytes
}
