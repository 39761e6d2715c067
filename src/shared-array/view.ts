import { FrameringError } from '../errors/framering-error.ts'
import {
  componentsOf,
  itemsizeOf,
  NdArray,
  storageConstructor,
  type DType,
} from '../ndarray/index.ts'
import { Segment } from '../segment/index.ts'

// By the buffer, which every view of an array has in common and which dies with the last of them.
const names = new WeakMap<ArrayBufferLike, string>()

/** The array whose elements start at byte `start` of a segment that has the name `name`. */
export function arrayOver<D extends DType>(
  segment: Segment,
  name: string,
  dtype: D,
  { shape, start, bytes }: { shape: readonly number[]; start: number; bytes: number },
): NdArray<D> {
  const { buffer, readOnly } = segment
  names.set(buffer, name)
  const Storage = storageConstructor(dtype)
  const data = new Storage(buffer, start, (bytes / itemsizeOf(dtype)) * componentsOf(dtype))
  return new NdArray(dtype, data, shape, undefined, 0, { readOnly })
}

/**
 * The name that an array was created or attached with, for it and for any view of it.
 *
 * ```ts
 * remove(nameOf(array))
 * ```
 *
 * Throws `OPTION_INVALID` for an array that `create` or `attach` did not make.
 */
export function nameOf(array: NdArray): string {
  const name = names.get(bufferOf(array))
  if (name !== undefined) return name
  throw notShared('nameOf')
}

/** The segment under an array or a view of one, open or not. Throws `OPTION_INVALID` without one. */
export function segmentOf(what: string, array: NdArray): Segment {
  const segment = Segment.of(bufferOf(array))
  if (segment === undefined) throw notShared(what)
  return segment
}

function bufferOf(array: NdArray): ArrayBufferLike {
  return array.data.buffer
}

function notShared(what: string): FrameringError {
  return new FrameringError(
    'OPTION_INVALID',
    `${what} takes an array in shared memory, or a view of one: what create or attach gave`,
  )
}
