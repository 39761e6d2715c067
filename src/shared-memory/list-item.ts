import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'
import { Float } from './float.ts'

/** What a list can be given. */
export type ListItem = ListValue | Float

/** What a list gives back. */
export type ListValue = number | bigint | boolean | string | Uint8Array | null

/** What tells how to read an item again: CPython's transformation code. */
export const PLAIN = 0
export const TEXT = 1
export const BYTES = 2
export const NONE = 3

export const ALIGNMENT = 8
/** The format of a longer one, `10000000s`, does not fit in the 8 bytes that a format has. */
export const LONGEST_SLOT = 9_999_992

/** An item as it is stored. `format` is undefined where it depends on the slot: `16s`. */
export interface StoredItem {
  readonly format: string | undefined
  readonly code: number
  readonly bytes: Uint8Array
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * How `item` is stored. A number that is a safe integer, and a bigint, becomes an int of 64 bits; every
 * other number, −0 too, a float.
 *
 * Throws `DTYPE_MISMATCH` for what a list cannot hold, `VALUE_TOO_LARGE` for a bigint beyond int64 and
 * for text or bytes of 10 MB, `OPTION_INVALID` for text that UTF-8 cannot hold.
 */
export function encodeItem(where: string, item: unknown): StoredItem {
  if (typeof item === 'number') {
    const whole = Number.isSafeInteger(item) && !Object.is(item, -0)
    return whole ? int(BigInt(item)) : floating(item)
  }
  if (item instanceof Float) return floating(item.value)
  if (typeof item === 'bigint') {
    if (item >= INT64_MIN && item <= INT64_MAX) return int(item)
    const what = `${where} is ${show(item)}, beyond 64 bits`
    throw new FrameringError('VALUE_TOO_LARGE', `${what}; store it as text`)
  }
  if (typeof item === 'boolean') {
    return { format: 'xxxxxxx?', code: PLAIN, bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, +item) }
  }
  if (item === null) return { format: 'xxxxxx?x', code: NONE, bytes: new Uint8Array(8) }
  if (typeof item === 'string') return text(where, item)
  if (item instanceof Uint8Array) return sized(where, BYTES, item)
  throw new FrameringError(
    'DTYPE_MISMATCH',
    `${where} is ${show(item)}; give a number, bigint, boolean, string, Uint8Array or null`,
  )
}

/** The slot that CPython gives to so many bytes of text or bytes: there is always one to spare. */
export function slotFor(bytes: number): number {
  return ALIGNMENT * (Math.floor(bytes / ALIGNMENT) + 1)
}

/** Whether items of that format and code exist, and have room in so many bytes. */
export function isStorable(format: string, code: number, bytes: number): boolean {
  if (code === PLAIN) return format === 'q' || format === 'd' || format === 'xxxxxxx?'
  if (code === NONE) return format === 'xxxxxx?x'
  if (code !== TEXT && code !== BYTES) return false
  return /^[1-9]\d{0,6}s$/.test(format) && Number.parseInt(format, 10) <= bytes
}

/**
 * The storable item that stands at `at` in `memory`; undefined for text that is no UTF-8. Numbers are
 * read in one piece and bytes are copied before they are looked at: peers may be writing.
 */
export function decodeItem(
  format: string,
  code: number,
  memory: DataView,
  at: number,
): ListValue | undefined {
  if (code === NONE) return null
  if (format === 'q') return narrowed(memory.getBigInt64(at, true))
  if (format === 'd') return memory.getFloat64(at, true)
  if (code === PLAIN) return memory.getUint8(at + 7) !== 0
  const length = Number.parseInt(format, 10)
  const bytes = withoutTrailingNuls(
    new Uint8Array(memory.buffer, memory.byteOffset + at, length).slice(),
  )
  if (code === BYTES) return bytes
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Whether two values are one for `count` and `indexOf`: numbers by value, bytes by content. */
export function sameValue(a: ListValue, b: ListValue): boolean {
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  }
  if (typeof a === 'number' || typeof a === 'bigint') {
    // An int beyond 2^53 comes as a bigint, and stays equal to the number that has its value.
    return (typeof b === 'number' || typeof b === 'bigint') && a == b
  }
  return a === b
}

function int(value: bigint): StoredItem {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value, true)
  return { format: 'q', code: PLAIN, bytes }
}

function floating(value: number): StoredItem {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return { format: 'd', code: PLAIN, bytes }
}

function text(where: string, value: string): StoredItem {
  if (LONE_SURROGATE.test(value)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `${where} has half a surrogate pair, which UTF-8 cannot hold; store it as bytes`,
    )
  }
  return sized(where, TEXT, encoder.encode(value))
}

function sized(where: string, code: number, bytes: Uint8Array): StoredItem {
  if (slotFor(bytes.length) <= LONGEST_SLOT) return { format: undefined, code, bytes }
  throw new FrameringError(
    'VALUE_TOO_LARGE',
    `${where} has ${bytes.length} bytes and an item at most ${LONGEST_SLOT - 1}; use a SharedMemory`,
    { needed: bytes.length, available: LONGEST_SLOT - 1 },
  )
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function withoutTrailingNuls(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return end === bytes.length ? bytes : bytes.slice(0, end)
}
