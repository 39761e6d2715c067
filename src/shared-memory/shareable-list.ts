import { inspect } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, flagOption, show, wholeOption } from '../options/index.ts'
import { Float } from './float.ts'
import {
  decodeItem,
  encodeItem,
  isStorable,
  type ListItem,
  type ListValue,
  sameValue,
  type StoredItem,
} from './list-item.ts'
import {
  formatAt,
  layoutOf,
  type ListLayout,
  readLayout,
  slotSizes,
  writeItem,
  writeList,
} from './list-layout.ts'
import { createMemory } from './named-memory.ts'
import { SharedMemory } from './shared-memory.ts'

/** What `new ShareableList(items, { … })` takes. */
export interface ShareableListOptions {
  /** 1 to 255 bytes without `/`; a fresh one where items are given and this is left out */
  readonly name?: string | undefined
  /** permission bits of a new list's memory, exactly (the umask takes none away), of 0o664; 0o600 */
  readonly mode?: number | undefined
  /** attach without being able to assign; false */
  readonly readOnly?: boolean | undefined
}

/** A list that is written out and has no memory yet. */
export interface PackedList {
  readonly bytes: number
  readonly fill: (memory: Uint8Array) => void
}

const OPTIONS = ['name', 'mode', 'readOnly']

/**
 * A list of fixed length in shared memory, of numbers, booleans, strings, bytes and nulls: Python's
 * `multiprocessing.shared_memory.ShareableList`, byte for byte.
 *
 * ```ts
 * const list = new ShareableList(['front', 30, true, null, float(1)])
 * child.send(list.shm.name)
 *
 * const same = new ShareableList(undefined, { name }) // in Python: ShareableList(name=name)
 * same.set(1, 25)
 * list.at(1) // 25
 * list.shm.unlink()
 * ```
 *
 * Each string and bytes item has a slot of its length, rounded up to the next multiple of 8 bytes with
 * at least one to spare, and whatever is assigned later has to fit it. An assignment is not atomic:
 * others may see half of it unless a semaphore keeps them apart.
 *
 * Nothing in the memory is trusted: what makes no sense of it is an error, and never memory of others.
 */
export class ShareableList implements Iterable<ListValue>, Disposable {
  /** where it is: name, size, `unlink()` */
  readonly shm: SharedMemory
  readonly #layout: ListLayout
  readonly #view: DataView

  /**
   * With items, or without a name: creates. With a name alone: attaches to a list of CPython 3.8 or
   * later, or of ours.
   *
   * Throws what `SharedMemory` does; `DTYPE_MISMATCH`, `VALUE_TOO_LARGE`, `OPTION_INVALID` for an item
   * that a list cannot hold; `NOT_A_LIST`, `FORMAT_INVALID` for memory that is none, or is damaged.
   */
  constructor(items?: Iterable<ListItem>, options?: ShareableListOptions)
  /** @internal */
  constructor(memory: SharedMemory)
  constructor(items?: Iterable<ListItem> | SharedMemory, options: ShareableListOptions = {}) {
    this.shm = items instanceof SharedMemory ? items : memoryOf(items, options)
    try {
      this.#layout = readLayout(this.shm.name, this.shm.buf)
      this.#view = new DataView(this.shm.buf.buffer)
      for (let i = 0; i < this.#layout.count; i++) this.#checked(i)
    } catch (error) {
      this.shm.close()
      throw error
    }
  }

  /** @internal A list of these items, to be put in memory of its own. */
  static pack(items: Iterable<ListItem>): PackedList {
    if (typeof (items as unknown) !== 'string' && !isIterable(items)) {
      throw new FrameringError(
        'OPTION_INVALID',
        `items is ${show(items)}; give an array or another iterable, or undefined to attach`,
      )
    }
    const given = items instanceof ShareableList ? items.#typed() : items
    const stored: StoredItem[] = []
    for (const item of given) stored.push(encodeItem(`item ${stored.length}`, item))
    const layout = layoutOf(slotSizes(stored))
    const fill = (memory: Uint8Array) => {
      writeList(memory, layout, stored)
    }
    return { bytes: layout.bytes, fill }
  }

  /** items; 0 once it is closed */
  get length(): number {
    return this.shm.closed ? 0 : this.#layout.count
  }

  /** CPython's `struct` format of all items in a row: `8sqd`; empty once it is closed. */
  get format(): string {
    let format = ''
    for (let i = 0; i < this.length; i++) format += formatAt(this.shm.buf, this.#layout, i)
    return format
  }

  /** The item at `index`, −1 the last; undefined outside the list, as of an array. */
  at(index: number): ListValue | undefined {
    const place = index < 0 ? index + this.length : index
    return Number.isInteger(place) && place >= 0 && place < this.length
      ? this.#read(place)
      : undefined
  }

  /**
   * The item at `index`, from −length to length − 1. An int comes as a number if that is exact and as a
   * bigint otherwise, bytes as a copy; trailing NULs of text and bytes are lost, as in Python.
   *
   * Throws `OPTION_INVALID` outside the list, `FORMAT_INVALID` when somebody has damaged the item,
   * `TRUNCATED` when somebody has cut the memory, `CLOSED`.
   */
  get(index: number): ListValue {
    return this.#read(this.#place(index))
  }

  /**
   * Replaces the item at `index`, from −length to length − 1, also by one of another type. When it
   * throws, the list is as before.
   *
   * Throws `VALUE_TOO_LARGE` for text or bytes beyond the slot and a bigint beyond int64,
   * `DTYPE_MISMATCH` for what a list cannot hold, `OPTION_INVALID` outside the list, `READ_ONLY`,
   * `TRUNCATED` when somebody has cut the memory, `CLOSED`.
   */
  set(index: number, value: ListItem): void {
    const place = this.#place(index)
    if (this.shm.readOnly) {
      throw new FrameringError(
        'READ_ONLY',
        `the list '${this.shm.name}' was attached with readOnly; attach without it to assign`,
      )
    }
    const item = encodeItem(`item ${place}`, value)
    const { slots } = this.#layout
    const available = slots[place + 1]! - slots[place]!
    if (item.bytes.length > available) {
      throw new FrameringError(
        'VALUE_TOO_LARGE',
        `item ${place} of '${this.shm.name}' has room for ${available} bytes and was given ` +
          `${item.bytes.length}; create the list with the longest that will stand there`,
        { needed: item.bytes.length, available },
      )
    }
    writeItem(this.shm.buf, this.#layout, place, item)
    // Afterwards, for it is the write that finds the page missing: what was written reached nobody.
    if (this.shm.truncated) throw this.#damaged(place, '')
  }

  /** How many items are equal to `value`: numbers by value, bytes by content, `true` is not 1. */
  count(value: ListValue): number {
    let count = 0
    for (const item of this) if (sameValue(item, value)) count += 1
    return count
  }

  /** Where the first item equal to `value` stands, or −1. Equal as for `count`. */
  indexOf(value: ListValue): number {
    for (let i = 0; i < this.length; i++) if (sameValue(this.#read(i), value)) return i
    return -1
  }

  toArray(): ListValue[] {
    return [...this]
  }

  *[Symbol.iterator](): IterableIterator<ListValue> {
    for (let i = 0; i < this.length; i++) yield this.#read(i)
  }

  /** Lets go of the memory: the list reads as empty. It stays for others. Idempotent. */
  close(): void {
    this.shm.close()
  }

  /** Removes the name. Throws `NOT_FOUND` the second time, `PERMISSION`, `SYSTEM`. */
  unlink(): void {
    this.shm.unlink()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What another process attaches with: `new ShareableList(undefined, JSON.parse(text))`. */
  toJSON(): { readonly name: string } {
    return this.shm.toJSON()
  }

  toString(): string {
    return `ShareableList(${inspect(this.toArray(), { breakLength: Infinity })}, name='${this.shm.name}')`
  }

  [inspect.custom](): string {
    return this.toString()
  }

  #place(index: number): number {
    if (this.shm.closed) {
      throw new FrameringError(
        'CLOSED',
        `the list '${this.shm.name}' is closed; attach to it again`,
      )
    }
    const place = index < 0 ? index + this.length : index
    if (Number.isInteger(place) && place >= 0 && place < this.length) return place
    const range =
      this.length === 0 ? 'the list is empty' : `give ${-this.length} to ${this.length - 1}`
    throw new FrameringError('OPTION_INVALID', `index is ${show(index)}; ${range}`)
  }

  #read(place: number): ListValue {
    const { format, code } = this.#checked(place)
    const item = decodeItem(format, code, this.#view, this.#layout.slots[place]!)
    if (item !== undefined) return item
    throw this.#damaged(
      place,
      'is text of bytes that are no UTF-8: CPython cuts text off that has more bytes than letters; ' +
        'have it written as bytes, or assign it anew',
    )
  }

  /** How to read an item, once it is clear that it can be. */
  #checked(place: number): { readonly format: string; readonly code: number } {
    const { slots, codes } = this.#layout
    const format = formatAt(this.shm.buf, this.#layout, place)
    const code = this.shm.buf[codes + place]!
    if (isStorable(format, code, slots[place + 1]! - slots[place]!)) return { format, code }
    throw this.#damaged(
      place,
      `has the format ${show(format)} and the code ${code}, which are none of its slot's: its creator ` +
        'has not written it yet, or it is damaged; assign it anew',
    )
  }

  #damaged(place: number, what: string): FrameringError {
    const where = `item ${place} of the list '${this.shm.name}'`
    return this.shm.truncated
      ? new FrameringError('TRUNCATED', `${where} is gone: somebody cut the memory short`)
      : new FrameringError('FORMAT_INVALID', `${where} ${what}`)
  }

  /** Items as they are to be stored in a copy: a whole float stays one. */
  *#typed(): Iterable<ListItem> {
    for (let i = 0; i < this.length; i++) {
      const value = this.#read(i)
      const isFloat = typeof value === 'number' && formatAt(this.shm.buf, this.#layout, i) === 'd'
      yield isFloat ? new Float(value) : value
    }
  }
}

function isIterable(items: unknown): boolean {
  return typeof (items as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'
}

function memoryOf(
  items: Iterable<ListItem> | undefined,
  options: ShareableListOptions,
): SharedMemory {
  checkOptions('new ShareableList()', options, OPTIONS)
  const { name } = options
  const mode = wholeOption('mode', options.mode, 0o600, 0, 0o777)
  const readOnly = flagOption('readOnly', options.readOnly)
  if (items === undefined && name !== undefined) return new SharedMemory({ name, readOnly })
  if (readOnly) {
    throw new FrameringError(
      'OPTION_INVALID',
      'readOnly is for a list that somebody else writes; attach to it by name, without items',
    )
  }
  return new SharedMemory(
    createMemory({ name, mode, ...ShareableList.pack(items === undefined ? [] : items) }),
  )
}
