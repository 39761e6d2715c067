import { FrameringError } from '../errors/framering-error.ts'
import { itemsizeOf, type DType } from '../ndarray/index.ts'
import type { FileEnds } from './file-ends.ts'
import {
  ITEMSIZE_AT,
  LAYOUT_NAMES,
  LAYOUTS,
  MAGIC,
  ndimsAt,
  SIZE_AT,
  TYPENUM_AT,
  type Layout,
  type LayoutName,
} from './layouts.ts'
import { dtypeOf, typenumOf } from './typenum.ts'

/** What a record says, checked against the file that it stands in. */
export interface ArrayRecord {
  readonly layout: LayoutName
  /** NumPy's number; not necessarily of a dtype that arrays here can have */
  readonly typenum: number
  readonly shape: readonly number[]
  /** byte of the file where the elements start */
  readonly start: number
  /** bytes of the elements */
  readonly bytes: number
}

/** Whether the file has the mark of an array in a place where one can be. */
export function isArray(ends: FileEnds): boolean {
  return LAYOUT_NAMES.some((name) => bytesOf(LAYOUTS[name], ends) !== undefined)
}

/**
 * The record of a file; `what` is the file's name in messages.
 *
 * A file can satisfy two layouts only when somebody put a record among the elements on purpose. The one
 * at the end counts then, which is where every version since 0.4 looks.
 *
 * Throws `NOT_AN_ARRAY` when there is none, `TRUNCATED` when the file is shorter than it says, and
 * `FORMAT_INVALID` when it does not agree with the file or with itself.
 */
export function findRecord(what: string, ends: FileEnds): ArrayRecord {
  let damage: FrameringError | undefined
  for (const name of LAYOUT_NAMES) {
    const bytes = bytesOf(LAYOUTS[name], ends)
    if (bytes === undefined) continue
    const found = readRecord(what, name, bytes, ends.fileBytes)
    if (!(found instanceof FrameringError)) return found
    // An array of 0.3 cut off behind its record ends in one as well.
    if (damage === undefined || found.code === 'TRUNCATED') damage = found
  }
  throw damage ?? noRecord(what, ends)
}

function bytesOf(layout: Layout, { head, tail, fileBytes }: FileEnds): Uint8Array | undefined {
  const atStart = layout.at === 'start'
  // Cut off anywhere, an array of 0.3 still starts with its magic, which is all there is to go by.
  const least = atStart ? MAGIC.length : layout.bytes
  if (fileBytes < least) return undefined
  const bytes = atStart ? head : tail.subarray(tail.length - layout.bytes)
  return MAGIC.every((byte, i) => bytes[i] === byte) ? bytes : undefined
}

function readRecord(
  what: string,
  name: LayoutName,
  bytes: Uint8Array,
  fileBytes: number,
): ArrayRecord | FrameringError {
  const layout: Layout = LAYOUTS[name]
  const wrong = (how: string): FrameringError =>
    new FrameringError(
      'FORMAT_INVALID',
      `${what} has a damaged record of SharedArray ${name}: ${how}; remove it and create it anew`,
    )
  if (bytes.length < layout.bytes) return cutOff(what, layout.bytes, fileBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

  const size = view.getBigUint64(SIZE_AT, true)
  const room = BigInt(fileBytes - layout.bytes)
  if (size > room && layout.at === 'start') {
    return cutOff(what, Number(size) + layout.bytes, fileBytes)
  }
  if (size !== room) {
    return wrong(`it says ${size} bytes of elements and the file has room for ${room}`)
  }

  const ndims = view.getInt32(ndimsAt(layout), true)
  if (ndims < 0 || ndims > layout.maxDims) {
    return wrong(`it says ${ndims} dimensions, and there can be 0 to ${layout.maxDims}`)
  }
  const dims = Array.from({ length: layout.maxDims }, (_, axis) =>
    view.getBigInt64(ndimsAt(layout) + 4 + axis * 8, true),
  )
  const shape = dims.splice(0, ndims)
  if (dims.some((length) => length !== 0n)) {
    return wrong(`it says ${ndims} dimensions and has lengths for more`)
  }
  const negative = shape.findIndex((length) => length < 0n)
  if (negative >= 0) return wrong(`dimension ${negative} has length ${shape[negative]!}`)

  const typenum = view.getInt32(TYPENUM_AT, true)
  const dtype = dtypeOf(typenum)
  const own = dtype === undefined ? undefined : itemsizeOf(dtype)
  const said = layout.hasItemsize ? view.getInt32(ITEMSIZE_AT, true) : own
  if (said !== undefined && (said < 0 || (own !== undefined && said !== own))) {
    return wrong(`it says ${said} bytes an element` + (own === undefined ? '' : `, not ${own}`))
  }

  // A length of 0 hides the others in the size, but an array of that shape must still be countable.
  const item = BigInt(said ?? 1)
  const span = shape.reduce((product, length) => product * (length || 1n), item || 1n)
  if (span > BigInt(Number.MAX_SAFE_INTEGER)) {
    return wrong(`shape [${shape.join(', ')}] has more bytes than can be counted`)
  }
  const needed = shape.reduce((product, length) => product * length, item)
  // The older records do not say how long a string is: there the size is taken at its word.
  if (said !== undefined && needed !== size) {
    return wrong(`shape [${shape.join(', ')}] has ${needed} bytes and it says ${size}`)
  }
  return {
    layout: name,
    typenum,
    shape: shape.map(Number),
    start: layout.at === 'start' ? layout.bytes : 0,
    bytes: Number(size),
  }
}

/** The error for a file without a record where one could be. */
export function noRecord(what: string, { tail, fileBytes }: FileEnds): FrameringError {
  // SharedArray gives a new file its name first and its size later.
  if (fileBytes === 0) return cutOff(what, undefined, 0)
  const near = Buffer.from(tail.buffer, tail.byteOffset, tail.length).lastIndexOf(MAGIC)
  const start = fileBytes - tail.length + near
  if (near >= 0 && tail.length - near >= SIZE_AT + 8) {
    const view = new DataView(tail.buffer, tail.byteOffset + near)
    // It stands right behind as many elements as it says: nothing but its own end is missing.
    if (view.getBigUint64(SIZE_AT, true) === BigInt(start)) {
      return cutOff(what, undefined, fileBytes)
    }
  }
  return new FrameringError(
    'NOT_AN_ARRAY',
    `${what} is no array of SharedArray: neither end of it has the mark of one; ` +
      'list() shows the arrays there are',
  )
}

function cutOff(what: string, needed: number | undefined, available: number): FrameringError {
  return new FrameringError(
    'TRUNCATED',
    `${what} was cut off: it has ${available} bytes` +
      (needed === undefined ? ', too few for its record' : ` and needs ${needed}`) +
      '; remove it and create it anew',
    { ...(needed !== undefined && { needed }), available },
  )
}

/** The record of an array that is to be created. */
export function encodeRecord(
  name: LayoutName,
  dtype: DType,
  shape: readonly number[],
  bytes: number,
): Uint8Array {
  const layout: Layout = LAYOUTS[name]
  const record = new Uint8Array(layout.bytes)
  record.set(MAGIC)
  const view = new DataView(record.buffer)
  view.setBigUint64(SIZE_AT, BigInt(bytes), true)
  view.setInt32(TYPENUM_AT, typenumOf(dtype), true)
  if (layout.hasItemsize) view.setInt32(ITEMSIZE_AT, itemsizeOf(dtype), true)
  view.setInt32(ndimsAt(layout), shape.length, true)
  for (const [axis, length] of shape.entries()) {
    view.setBigInt64(ndimsAt(layout) + 4 + axis * 8, BigInt(length), true)
  }
  return record
}
