/**
 * Where SharedArray keeps the record that makes a file an array. The record is packed, in the machine's
 * byte order, and has no version in it: which one it is follows from where the magic stands.
 *
 * ```
 *      0  magic      16 bytes, "[SharedArray]" and NULs
 *     16  size       u64, bytes of the elements: neither record nor padding
 *     24  typenum    i32, NumPy's number of the dtype
 *    (28  itemsize   i32, bytes of one element: 3.1 and later only)
 *  28/32  ndims      i32
 *  32/36  dims       i64 × maxDims; what ndims does not use is zero
 * ```
 */
export interface Layout {
  /** before the elements, or after the last of them */
  readonly at: 'start' | 'end'
  /** of the record */
  readonly bytes: number
  /** NumPy's NPY_MAXDIMS when that version was built */
  readonly maxDims: number
  readonly hasItemsize: boolean
}

/** Offsets that all layouts have in common, and those that move when there is an itemsize. */
export const SIZE_AT = 16
export const TYPENUM_AT = SIZE_AT + 8
export const ITEMSIZE_AT = TYPENUM_AT + 4

/** Offset of `ndims`; the dims follow it. */
export function ndimsAt(layout: Layout): number {
  return layout.hasItemsize ? ITEMSIZE_AT + 4 : ITEMSIZE_AT
}

/**
 * Every layout, by the first version of SharedArray that wrote it. A file is tried against them in
 * this order, so the newer ones come first: whoever wrote since 0.4 reads only the end of a file.
 */
export const LAYOUTS = {
  /** 3.1 and later on NumPy 1 */
  '3.1': { at: 'end', bytes: 292, maxDims: 32, hasItemsize: true },
  /** 3.1 and later on NumPy 2 */
  '3.1-numpy2': { at: 'end', bytes: 548, maxDims: 64, hasItemsize: true },
  /** 2.0 to 3.0 */
  '2.0': { at: 'end', bytes: 288, maxDims: 32, hasItemsize: false },
  /** 0.4 to 1.0 */
  '1.0': { at: 'end', bytes: 160, maxDims: 16, hasItemsize: false },
  /** up to 0.3 */
  '0.3': { at: 'start', bytes: 160, maxDims: 16, hasItemsize: false },
} as const satisfies Readonly<Record<string, Layout>>

export type LayoutName = keyof typeof LAYOUTS

export const LAYOUT_NAMES = Object.keys(LAYOUTS) as LayoutName[]

/** Bytes of the longest record at the end of a file, and of the one at its start. */
export const LONGEST_TAIL = LAYOUTS['3.1-numpy2'].bytes
export const LONGEST_HEAD = LAYOUTS['0.3'].bytes

export const MAGIC = Uint8Array.from(Buffer.from('[SharedArray]'.padEnd(SIZE_AT, '\0'), 'latin1'))
