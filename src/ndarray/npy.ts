import { copyElements } from './copy.ts'
import { componentsOf, itemsizeOf, storageConstructor, type DType } from './dtype.ts'
import { fromBytes } from './factories.ts'
import { show, sizeOf } from './layout.ts'
import { NdArray } from './ndarray.ts'
import { npyInvalid, readNpyHeader, writeNpyHeader } from './npy-header.ts'

/** NumPy's type strings: byte order, kind, bytes. One byte has no order: `|`. */
const DESCRS: { readonly [D in DType]: string } = {
  bool: '|b1',
  int8: '|i1',
  int16: '<i2',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  uint16: '<u2',
  uint32: '<u4',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
}

const DTYPE_OF_KIND: ReadonlyMap<string, DType> = new Map(
  (Object.keys(DESCRS) as DType[]).map((dtype) => [DESCRS[dtype].slice(1), dtype]),
)

/** Kinds of NumPy that have no counterpart here, for the message. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  O: 'Python objects',
  S: 'byte strings',
  a: 'byte strings',
  U: 'text',
  V: 'raw or structured data',
  M: 'dates',
  m: 'time spans',
}

/**
 * The start of an `.npy` file, for writing the elements after it without joining the two.
 *
 * ```ts
 * stream.write(npyHeader('uint8', [1080, 1920, 3]))
 * stream.write(frame.data) // row-major, little-endian
 * ```
 *
 * A multiple of 64 bytes long, in the lowest format version that holds it (1.0 unless the array has
 * thousands of axes). Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * Throws `OPTION_INVALID` for an unknown dtype or bad lengths.
 */
export function npyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  storageConstructor(dtype)
  sizeOf(shape)
  return writeNpyHeader(DESCRS[dtype], shape)
}

/**
 * A whole `.npy` file, which `numpy.load` reads back with the same dtype, shape and values.
 *
 * ```ts
 * await writeFile('depth.npy', encodeNpy(frame.array))
 * ```
 *
 * The elements are written row-major, whatever the strides. Throws `RELEASED` when the array's memory
 * is gone.
 */
export function encodeNpy(array: NdArray): Uint8Array {
  const header = npyHeader(array.dtype, array.shape)
  const bytes = new Uint8Array(header.length + array.nbytes)
  bytes.set(header)
  const Storage = storageConstructor(array.dtype)
  const cells = array.size * componentsOf(array.dtype)
  const target = new Storage(bytes.buffer, header.length, cells)
  copyElements(array.data, array.dtype, array, target)
  return bytes
}

/**
 * The array in an `.npy` file of format version 1.0, 2.0 or 3.0.
 *
 * ```ts
 * const array = decodeNpy(await readFile('points.npy'))
 * if (array.dtype === 'float32') …
 * ```
 *
 * A view of `bytes` where that is possible. Copied are big-endian elements, and elements that do not
 * lie on a multiple of their size in the underlying buffer. Arrays saved in Fortran order keep their
 * memory order and get strides to match. Bytes after the last element are ignored, as NumPy does.
 *
 * Throws `NPY_INVALID` that says what is wrong: not an `.npy`, a broken header, fewer elements than
 * the shape says, elements of a type outside {@link DType} (objects, text, dates, structs).
 */
export function decodeNpy(bytes: Uint8Array): NdArray {
  const { descr, fortranOrder, shape, payload } = readNpyHeader(bytes)
  const { dtype, bigEndian } = parseDescr(descr)
  const needed = countOf(shape) * itemsizeOf(dtype)
  const available = bytes.length - payload
  if (needed > available) {
    throw npyInvalid(
      `${dtype} of shape ${show(shape)} needs ${needed} bytes after the header, ` +
        `and ${available} follow`,
    )
  }
  const elements = alignElements(bytes.subarray(payload, payload + needed), dtype, bigEndian)
  if (!fortranOrder) return fromBytes(dtype, shape, elements)
  return fromBytes(dtype, [...shape].reverse(), elements).transpose()
}

/** @internal What an `.npy` file holds, by its header. */
export interface NpyLayout {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** whether the elements stand in the file as they do in a slot: row-major, little-endian */
  readonly inOrder: boolean
}

/** @internal What its header says of a file that need not be there as a whole. Throws `NPY_INVALID`. */
export function npyLayout(bytes: Uint8Array): NpyLayout {
  const { descr, fortranOrder, shape } = readNpyHeader(bytes)
  const { dtype, bigEndian } = parseDescr(descr)
  countOf(shape)
  const swapped = bigEndian && itemsizeOf(dtype) > 1
  return { dtype, shape, inOrder: !swapped && !(fortranOrder && shape.length > 1) }
}

function countOf(shape: readonly number[]): number {
  try {
    return sizeOf(shape)
  } catch (cause) {
    throw npyInvalid(cause instanceof Error ? cause.message : String(cause))
  }
}

function parseDescr(descr: string): { dtype: DType; bigEndian: boolean } {
  const [, order = '', kind = ''] = /^([<>|=]?)(.*)$/s.exec(descr) ?? []
  const dtype = DTYPE_OF_KIND.get(kind)
  if (dtype !== undefined) return { dtype, bigEndian: order === '>' }
  const what = OTHER_KINDS[kind.charAt(0)]
  throw npyInvalid(
    `the elements are ${JSON.stringify(descr.slice(0, 40))}${what === undefined ? '' : ` (${what})`}, ` +
      `and only ${[...DTYPE_OF_KIND.keys()].join(', ')} are read`,
  )
}

/** The same bytes where they can be used as they are, else a copy in order and in place. */
function alignElements(bytes: Uint8Array, dtype: DType, bigEndian: boolean): Uint8Array {
  const cell = storageConstructor(dtype).BYTES_PER_ELEMENT
  const swap = bigEndian && cell > 1
  if (!swap && bytes.byteOffset % cell === 0) return bytes
  const copy = Buffer.alloc(bytes.length)
  copy.set(bytes)
  if (!swap) return copy
  if (cell === 2) return copy.swap16()
  return cell === 4 ? copy.swap32() : copy.swap64()
}
