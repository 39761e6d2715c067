import { FrameringError } from '../errors/framering-error.ts'
import type { DType, NdArray } from '../ndarray/index.ts'
import { checkOptions, flagOption } from '../options/index.ts'
import { Segment } from '../segment/index.ts'
import { checkHandle } from './check-handle.ts'
import { viewOf } from './view.ts'

/**
 * What stands for an array where the array itself cannot go: plain JSON.
 *
 * ```ts
 * { name: '4711.23.0f3a5b7c9d1e2f40', dtype: 'uint8', shape: [2, 3], strides: [3, 1], byteOffset: 0 }
 * ```
 */
export interface ArrayHandle {
  /** which memory */
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** as those of an NdArray: elements from one index to the next on each axis; may be negative or 0 */
  readonly strides: readonly number[]
  /** byte of the memory where index 0, 0, … lies */
  readonly byteOffset: number
}

export interface OpenOptions {
  /** Default false. `set` and `fill` throw `READ_ONLY`. */
  readonly readOnly?: boolean
}

/**
 * The handle of an array, or of a view of one: slices and transposes keep their part and their strides.
 *
 * ```ts
 * child.send(handleOf(image))                          // child_process, any serialization
 * worker.postMessage(handleOf(image.slice([0, 10])))   // worker_threads
 * socket.write(JSON.stringify(handleOf(image.T)))      // a socket, a file
 * ```
 *
 * It does not keep the memory: whoever gets it must open it while some process still has the array.
 *
 * Throws `OPTION_INVALID` for an array that is not in memory of `zeros` and its like, `CLOSED` for a
 * detached one.
 */
export function handleOf<D extends DType>(array: NdArray<D>): ArrayHandle & { readonly dtype: D } {
  const segment = segmentOf('handleOf', array)
  if (segment.closed) {
    throw new FrameringError('CLOSED', 'a detached array has no handle; take it before detach')
  }
  return {
    name: segment.name!,
    dtype: array.dtype,
    shape: [...array.shape],
    strides: [...array.strides],
    byteOffset: array.data.byteOffset + array.offset * array.itemsize,
  }
}

/**
 * The array of a handle: the same memory, nothing is copied. It stays for as long as this process has
 * it, whatever becomes of the process that made it.
 *
 * ```ts
 * process.on('message', (handle) => {
 *   const image = open(handle as ArrayHandle)
 * })
 * ```
 *
 * For processes of the same user that see each other in /proc: not across containers.
 *
 * Throws `OPTION_INVALID` for what cannot be a handle, `NOT_FOUND` when nobody has the memory any more
 * or only another user's processes have, `SHAPE_MISMATCH` for a handle that reaches beyond it, `PERMISSION`.
 */
export function open<D extends DType>(
  handle: ArrayHandle & { readonly dtype: D },
  options: OpenOptions = {},
): NdArray<D> {
  checkOptions('open', options, ['readOnly'])
  const readOnly = flagOption('readOnly', options.readOnly)
  // A copy: what was checked is what is used.
  const checked = checkHandle(handle)
  const segment = Segment.attach(checked.name, { readOnly })
  try {
    return viewOf(segment, checked as typeof handle)
  } catch (error) {
    segment.close()
    throw error
  }
}

/** The segment under an array. Throws `OPTION_INVALID` when it is not anonymous. */
export function segmentOf(what: string, array: NdArray): Segment {
  const segment = Segment.of(array.data.buffer)
  if (segment?.name !== undefined) return segment
  throw new FrameringError(
    'OPTION_INVALID',
    `${what} takes an array in anonymous shared memory, or a view of one: what zeros or open gave; ` +
      'fromArray makes one of any other',
  )
}
