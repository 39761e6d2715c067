import { FrameringError } from '../errors/framering-error.ts'
import type { NdArray } from '../ndarray/index.ts'
import { refuse } from '../options/index.ts'
import type { Segment } from '../segment/index.ts'
import { segmentOf } from './view.ts'

/** `msync`: have it written, and return at once. */
export const MS_ASYNC = 1
/** `msync`: drop what other mappings of the file have cached. Linux keeps them equal anyway. */
export const MS_INVALIDATE = 2
/** `msync`: have it written, and return when it is. */
export const MS_SYNC = 4

const WAYS = [MS_ASYNC, MS_SYNC]

/**
 * Has the file of an array written to its disk. Without a disk, as with `shm://`, there is nothing to
 * do and it succeeds.
 *
 * ```ts
 * msync(samples, MS_SYNC)
 * msync(samples, MS_ASYNC | MS_INVALIDATE)
 * ```
 *
 * A view stands for the whole array, here and below. `flags`: exactly one of `MS_ASYNC` and `MS_SYNC`,
 * with or without `MS_INVALIDATE`. Throws `OPTION_INVALID` for others, for `MS_INVALIDATE` of a locked
 * array, and for an array that is not in shared memory; `CLOSED` for a detached one; `TRUNCATED` when
 * somebody has cut the file off.
 */
export function msync(array: NdArray, flags: number): void {
  if (!WAYS.some((way) => flags === way || flags === (way | MS_INVALIDATE))) {
    refuse('flags', flags, 'one of MS_ASYNC and MS_SYNC, with or without MS_INVALIDATE')
  }
  const segment = attachedSegmentOf('msync', array)
  segment.sync(0, segment.bytes, flags)
}

/**
 * Keeps an array in RAM: nothing of it goes to swap until `munlock`, or until it is detached here.
 * Locking twice counts once.
 *
 * Throws `MEMLOCK` with `needed` and `available` bytes when that is more than this process may lock.
 */
export function mlock(array: NdArray): void {
  const segment = attachedSegmentOf('mlock', array)
  segment.lock(0, segment.bytes)
}

/** Undoes `mlock`. Does nothing when it is not locked. */
export function munlock(array: NdArray): void {
  const segment = attachedSegmentOf('munlock', array)
  segment.unlock(0, segment.bytes)
}

/**
 * Lets go of an array now, and not when it is collected: it and all views of it are empty from here on,
 * and reading them throws `RELEASED`. A second time does nothing.
 *
 * ```ts
 * remove('shm://frame')
 * detach(frame) // the memory is free if nobody else has it
 * ```
 *
 * Throws `OPTION_INVALID` for an array that is not in shared memory.
 */
export function detach(array: NdArray): void {
  segmentOf('detach', array).close()
}

function attachedSegmentOf(what: string, array: NdArray): Segment {
  const segment = segmentOf(what, array)
  if (!segment.closed) return segment
  throw new FrameringError('CLOSED', `${what} of a detached array; attach it again first`)
}
