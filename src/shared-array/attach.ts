import { FrameringError } from '../errors/framering-error.ts'
import type { DType, NdArray } from '../ndarray/index.ts'
import { checkOptions, flagOption } from '../options/index.ts'
import { Segment } from '../segment/index.ts'
import { endsOf } from './file-ends.ts'
import { openEnds } from './open-ends.ts'
import { placeOf } from './place.ts'
import { findRecord, type ArrayRecord } from './record.ts'
import { dtypeOf, foreignDTypeOf } from './typenum.ts'
import { arrayOver } from './view.ts'

export interface AttachOptions {
  /** Default false. `set` and `fill` throw `READ_ONLY`, and reading permission is enough. */
  readonly readOnly?: boolean
}

/**
 * The array of a name, in the memory that all who attach it share. Nothing is copied.
 *
 * ```ts
 * const frame = attach('shm://frame', { readOnly: true })
 * if (frame.dtype === 'uint8') sharpen(frame)
 * ```
 *
 * Takes arrays that any version of SharedArray wrote. Stays valid when the name is removed, until the
 * array is collected or `detach` is called.
 *
 * Throws `NOT_FOUND`, `PERMISSION`, `NAME_INVALID`; `NOT_AN_ARRAY` for another file, `TRUNCATED` for one
 * that was cut off, `FORMAT_INVALID` for a damaged record and for a dtype that arrays here cannot have,
 * by name; `SHM_FULL` when there is no memory left for the elements that nobody has written yet.
 */
export function attach(name: string, options: AttachOptions = {}): NdArray {
  checkOptions('attach', options, ['readOnly'])
  const readOnly = flagOption('readOnly', options.readOnly)
  const place = placeOf(name)
  // Read before it is mapped: mapping gives a sparse file all its memory, whatever is in it.
  attachable(place.what, findRecord(place.what, openEnds(place)))
  const segment = Segment.open(place.path, { readOnly })
  try {
    // Once more, for it may be another file by now: these are the bytes that stay.
    const record = findRecord(place.what, endsOf(new Uint8Array(segment.buffer)))
    return arrayOver(segment, name, attachable(place.what, record), record)
  } catch (error) {
    segment.close()
    throw error
  }
}

/** The dtype of an array, if arrays here can have it. */
function attachable(what: string, { typenum }: ArrayRecord): DType {
  const dtype = dtypeOf(typenum)
  if (dtype !== undefined) return dtype
  const foreign = foreignDTypeOf(typenum)
  const said =
    foreign === undefined
      ? `of NumPy's type number ${typenum}, which nobody knows`
      : `NumPy's ${foreign}${foreign === 'void' ? ' (a structured dtype)' : ''}, ` +
        'which has no counterpart here'
  throw new FrameringError(
    'FORMAT_INVALID',
    `the elements of ${what} are ${said}; create it with a dtype of plain numbers`,
  )
}
