import { unlinkFile } from '../segment/index.ts'
import { openEnds } from './open-ends.ts'
import { placeOf } from './place.ts'
import { isArray, noRecord } from './record.ts'

/**
 * Takes an array's name away. Who has it attached keeps it; the memory is free when the last of them
 * has let go.
 *
 * ```ts
 * remove('shm://frame')
 * ```
 *
 * A damaged array, or one of a dtype that cannot be attached, can be removed like any other.
 *
 * Throws `NOT_FOUND` (so also for the second time), `NOT_AN_ARRAY` for anything else that has this
 * name, which stays, `PERMISSION` and `NAME_INVALID`.
 */
export function remove(name: string): void {
  const place = placeOf(name)
  // A link is not followed: it would go, and the array it leads to would stay.
  const ends = openEnds({ ...place, followLinks: false })
  if (!isArray(ends)) throw noRecord(place.what, ends)
  unlinkFile(place.path)
}
