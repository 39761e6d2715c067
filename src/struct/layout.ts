import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** What a layout needs to know of a field. */
interface Sized {
  readonly size: number
  readonly alignment: number
}

/** Where the fields of a struct lie. */
export interface Layout {
  /** Of each field, in bytes from the start of the struct. */
  readonly offsets: readonly number[]
  readonly size: number
  readonly alignment: number
}

/**
 * Lays fields out as C does.
 *
 * ```
 *   struct { u8 a; f64 b; u8 c }      packed to 2
 *   0  a                              0  a
 *   1  padding up to b's alignment    1  padding
 *   8  b                              2  b
 *   16 c                              10 c
 *   17 padding up to the struct's     11 padding
 *   24 size, alignment 8              12 size, alignment 2
 * ```
 *
 * Each field at the next multiple of its alignment; the struct as aligned as the most aligned of them,
 * and its size a multiple of that, so that the next one in an array is aligned as well. `pack` caps
 * every alignment: C's `#pragma pack(pack)`.
 *
 * Throws `OPTION_INVALID` when it is more than memory can hold.
 */
export function layOut(fields: readonly Sized[], pack: number): Layout {
  const offsets: number[] = []
  let end = 0
  let alignment = 1
  for (const field of fields) {
    const own = Math.min(field.alignment, pack)
    const offset = roundUp(end, own)
    offsets.push(offset)
    end = offset + field.size
    alignment = Math.max(alignment, own)
  }
  return { offsets, size: checkSize(roundUp(end, alignment)), alignment }
}

/** `length` of a `what`. Throws `OPTION_INVALID` unless it is whole and 1 to `max`. */
export function checkLength(what: string, length: unknown, max: number): number {
  if (Number.isSafeInteger(length) && (length as number) >= 1 && (length as number) <= max) {
    return length as number
  }
  throw new FrameringError(
    'OPTION_INVALID',
    `the length of ${what} is ${show(length)}; give a whole number from 1 to ${max}`,
  )
}

/** `size` in bytes. Throws `OPTION_INVALID` when it is more than a double counts exactly. */
export function checkSize(size: number): number {
  if (Number.isSafeInteger(size)) return size
  throw new FrameringError(
    'OPTION_INVALID',
    `the type would take ${size} bytes, more than any memory holds; define shorter arrays`,
  )
}

/** Not with bit operations: those cut sizes to 32 bits. */
function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
