// A ShareableList's memory, in words of 8 bytes, little-endian:
//
//   CPython 3.9 and later          CPython 3.8
//   +---------------------------+  +---------------------------+
//   | N                         |  | N                         |
//   | offset[0] = 0             |  | size[0]                   |
//   | …                         |  | …                         |
//   | offset[N] = bytes of data |  | size[N - 1]               |
//   +---------------------------+  +---------------------------+
//   | data: a slot per item, each a multiple of 8 bytes        |
//   +----------------------------------------------------------+
//   | N formats of 8 bytes, NUL-padded                         |
//   | N codes of 1 byte                                        |
//   +----------------------------------------------------------+
//
// Offsets are relative to the data. No slot is empty, so the word after N is 0 in the first and never
// in the second; without items the first has 16 bytes and the second 8.
import { FrameringError } from '../errors/framering-error.ts'
import { ALIGNMENT, LONGEST_SLOT, slotFor, type StoredItem } from './list-item.ts'

export const FORMAT_BYTES = 8
const WORD = 8
/** Of one item: a word that says where it is, the smallest slot, a format, a code. */
const LEAST_PER_ITEM = WORD + ALIGNMENT + FORMAT_BYTES + 1

/** Where everything is, in bytes from the start. */
export interface ListLayout {
  readonly count: number
  /** of each slot, and where the last one ends: `count + 1` of them */
  readonly slots: Float64Array
  readonly formats: number
  readonly codes: number
  readonly bytes: number
}

/** Of a list with slots of these sizes, as CPython 3.9 and later lays it out. */
export function layoutOf(sizes: readonly number[]): ListLayout {
  return placed(sizes, (2 + sizes.length) * WORD)
}

function placed(sizes: readonly number[], data: number): ListLayout {
  const count = sizes.length
  const slots = new Float64Array(count + 1)
  slots[0] = data
  for (let i = 0; i < count; i++) slots[i + 1] = slots[i]! + sizes[i]!
  const formats = slots[count]!
  const codes = formats + count * FORMAT_BYTES
  return { count, slots, formats, codes, bytes: codes + count }
}

/** The sizes of the slots that these items get in a new list. */
export function slotSizes(items: readonly StoredItem[]): number[] {
  return items.map(({ format, bytes }) =>
    format === undefined ? slotFor(bytes.length) : ALIGNMENT,
  )
}

/** Writes a new list into zero-filled `memory` of `layout.bytes`. */
export function writeList(
  memory: Uint8Array,
  layout: ListLayout,
  items: readonly StoredItem[],
): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength)
  view.setBigInt64(0, BigInt(layout.count), true)
  layout.slots.forEach((slot, i) => {
    view.setBigInt64((1 + i) * WORD, BigInt(slot - layout.slots[0]!), true)
  })
  items.forEach((item, i) => {
    writeItem(memory, layout, i, item)
  })
}

/** Writes an item that fits: its slot's other bytes stay, as CPython leaves them. */
export function writeItem(
  memory: Uint8Array,
  layout: ListLayout,
  index: number,
  { format, code, bytes }: StoredItem,
): void {
  const slot = layout.slots[index]!
  const size = layout.slots[index + 1]! - slot
  const at = layout.formats + index * FORMAT_BYTES
  const letters = format ?? `${size}s`
  for (let i = 0; i < FORMAT_BYTES; i++) {
    memory[at + i] = i < letters.length ? letters.charCodeAt(i) : 0
  }
  memory[layout.codes + index] = code
  memory.set(bytes, slot)
  if (format === undefined) memory.fill(0, slot + bytes.length, slot + size)
}

/** An item's format, without its padding. */
export function formatAt(memory: Uint8Array, layout: ListLayout, index: number): string {
  const at = layout.formats + index * FORMAT_BYTES
  let format = ''
  let padding = ''
  for (let i = at; i < at + FORMAT_BYTES; i++) {
    const letter = String.fromCharCode(memory[i]!)
    if (letter === '\0') padding += letter
    else {
      format += padding + letter
      padding = ''
    }
  }
  return format
}

/**
 * Where the items of the list in `memory` are. Reads either layout, and trusts nothing.
 *
 * Throws `NOT_A_LIST` where the words at its start are none of a list's, `FORMAT_INVALID` where they
 * are and the memory is too small for what they say.
 */
export function readLayout(name: string, memory: Uint8Array): ListLayout {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength)
  const size = memory.byteLength
  if (size < WORD) throw notAList(name, `has ${size} bytes`)
  const count = word(view, 0)
  if (count === 0) return emptyList(name, view)
  if (!(count > 0)) throw notAList(name, 'starts with no number of items')
  if (count > size / LEAST_PER_ITEM) {
    throw notAList(name, `has ${size} bytes and starts with a number that as a count needs more`)
  }
  const modern = view.getBigInt64(WORD, true) === 0n
  const sizes = modern ? sizesByOffset(view, count) : sizesAsWritten(view, count)
  const wrong = sizes.findIndex((slot) => !(slot > 0 && slot <= LONGEST_SLOT && slot % 8 === 0))
  if (wrong >= 0) throw notAList(name, `says that item ${wrong} has ${sizes[wrong]!} bytes`)
  const layout = placed(sizes, (1 + count + (modern ? 1 : 0)) * WORD)
  if (layout.bytes <= size) return layout
  throw new FrameringError(
    'FORMAT_INVALID',
    `the list '${name}' needs ${layout.bytes} bytes by what its start says, and has ${size}: ` +
      'it is damaged; have it written again',
    { needed: layout.bytes, available: size },
  )
}

function emptyList(name: string, view: DataView): ListLayout {
  if (view.byteLength === WORD) return placed([], WORD)
  if (view.byteLength === 2 * WORD && word(view, 1) === 0) return placed([], 2 * WORD)
  throw notAList(name, `has ${view.byteLength} bytes and no items`)
}

function sizesByOffset(view: DataView, count: number): number[] {
  return Array.from({ length: count }, (_, i) => word(view, i + 2) - word(view, i + 1))
}

function sizesAsWritten(view: DataView, count: number): number[] {
  return Array.from({ length: count }, (_, i) => word(view, i + 1))
}

function word(view: DataView, index: number): number {
  return Number(view.getBigInt64(index * WORD, true))
}

function notAList(name: string, what: string): FrameringError {
  return new FrameringError(
    'NOT_A_LIST',
    `'${name}' ${what}: it is no ShareableList, or its creator has not written it yet; ` +
      'wait for the creator to pass on the name',
  )
}
