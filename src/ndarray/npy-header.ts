import { FrameringError } from '../errors/framering-error.ts'
import { show } from './layout.ts'
import { parsePythonLiteral, type PythonValue } from './python-literal.ts'

/** What an `.npy` header says. */
export interface NpyHeader {
  /** NumPy's type string, such as `<f4` */
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  /** where the elements start, in bytes from the start of the file */
  readonly payload: number
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
const ALIGNMENT = 64
const LONGEST_V1 = 0xffff
const LONGEST_STREAMED = 2 ** 20 // bytes; NumPy itself reads 10,000 unless told to

/*
 *  0        6       7       8                  10 (v1) or 12
 *  | magic  | major | minor | length (LE)      | dict text, spaces, newline |  elements …
 *  |        |       |       | u16 v1, u32 v2+3 | `length` bytes             |  at a multiple of 64
 */

/** The header's bytes, in the lowest format version that can hold it. */
export function writeNpyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  const total = (start: number) => Math.ceil((start + dict.length + 1) / ALIGNMENT) * ALIGNMENT
  const start = total(10) - 10 <= LONGEST_V1 ? 10 : 12
  const bytes = new Uint8Array(total(start)).fill(0x20)
  bytes.set(MAGIC)
  bytes[6] = start === 10 ? 1 : 2
  bytes[7] = 0
  const view = new DataView(bytes.buffer)
  if (start === 10) view.setUint16(8, bytes.length - start, true)
  else view.setUint32(8, bytes.length - start, true)
  for (let i = 0; i < dict.length; i++) bytes[start + i] = dict.charCodeAt(i)
  bytes[bytes.length - 1] = 0x0a
  return bytes
}

/** Reads the header at the start of `bytes`. Throws `NPY_INVALID`. */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  const { major, start, payload } = readNpyStart(bytes)
  if (payload > bytes.length) {
    const length = payload - start
    throw npyInvalid(`the header is ${length} bytes long and the file ends after ${bytes.length}`)
  }
  const raw = Buffer.from(bytes.subarray(start, payload))
  const text = raw.toString(major === 3 ? 'utf8' : 'latin1')
  return { ...fieldsOf(parsePythonLiteral(text)), payload }
}

/**
 * @internal How many bytes of a file stand before its elements, from the first twelve. Throws `NPY_INVALID`, also for
 * a header of more than a mebibyte, which no array needs.
 */
export function npyHeaderBytes(bytes: Uint8Array): number {
  const { payload } = readNpyStart(bytes)
  if (payload <= LONGEST_STREAMED) return payload
  throw npyInvalid(`the header is ${payload} bytes long`)
}

function readNpyStart(bytes: Uint8Array): { major: number; start: number; payload: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    const start = Buffer.from(bytes.subarray(0, MAGIC.length)).toString('hex') || 'nothing'
    throw npyInvalid(`a file starts with 934e554d5059 (\\x93NUMPY), this with ${start}`)
  }
  const major = view.getUint8(6)
  const minor = view.getUint8(7)
  if (minor !== 0 || major < 1 || major > 3) {
    throw npyInvalid(`format version ${major}.${minor} is unknown; 1.0, 2.0 and 3.0 are read`)
  }
  const start = major === 1 ? 10 : 12
  if (bytes.length < start) throw npyInvalid(`the file ends after ${bytes.length} bytes`)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  return { major, start, payload: start + length }
}

function fieldsOf(dict: PythonValue): Omit<NpyHeader, 'payload'> {
  if (!(dict instanceof Map)) throw npyInvalid('the header is not a dict')
  const unknown = [...dict.keys()].filter((key) => !FIELDS.includes(key))
  const missing = FIELDS.filter((key) => !dict.has(key))
  if (unknown.length > 0 || missing.length > 0) {
    throw npyInvalid(
      `the header has the keys ${show([...dict.keys()])}; ` +
        `it needs ${FIELDS.join(', ')} and no other`,
    )
  }
  const descr = dict.get('descr')
  if (typeof descr !== 'string') {
    const names = Array.isArray(descr) ? show(descr.map(fieldName)) : JSON.stringify(descr)
    throw npyInvalid(
      `the elements are a structured dtype (fields ${names.slice(0, 200)}); save each field by itself, ` +
        "as in np.save(path, a['field'])",
    )
  }
  const fortranOrder = dict.get('fortran_order')
  if (typeof fortranOrder !== 'boolean') throw npyInvalid('fortran_order is not True or False')
  const shape = dict.get('shape')
  if (!Array.isArray(shape) || !shape.every(isLength)) {
    throw npyInvalid('shape is not a tuple of whole numbers, 0 or more')
  }
  return { descr, fortranOrder, shape }
}

const FIELDS = ['descr', 'fortran_order', 'shape']

function isLength(value: PythonValue): value is number {
  return typeof value === 'number' && value >= 0
}

function fieldName(field: PythonValue): string {
  const name = Array.isArray(field) ? field[0] : field
  return typeof name === 'string' ? name : JSON.stringify(name)
}

/** The error for a file that is not what `.npy` says it should be. */
export function npyInvalid(what: string): FrameringError {
  return new FrameringError('NPY_INVALID', `not a readable .npy: ${what}`)
}
