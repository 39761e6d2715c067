import { transport } from '../transport/index.ts'

/**
 * How a reader hands out the bytes of its frames:
 *
 * - `'revoke'` (default): views on shared memory that have length 0 once the frame is released
 * - `'cached'`: views on shared memory that stay readable until the reader closes and then show
 *   whatever frame comes next; for code that never touches a frame after its release
 * - `'copy'`: views on private memory, one copy per frame whose bytes are looked at; revoked as well
 *
 * Where the runtime forbids ArrayBuffers on foreign memory (Electron), all of them copy.
 */
export type ViewStrategy = 'revoke' | 'cached' | 'copy'

/** What makes buffers over the slots of one mapping: a native reader or writer. */
export interface SlotMemory {
  buffer(slot: number): ArrayBuffer | undefined
}

/** ArrayBuffers over slots, each lent while its slot is held. */
export interface SlotViews {
  /** Whether `lend` has reason to give one; asked before a slot is taken for nothing. */
  readonly available: boolean
  /** Whether what was lent stays as it is after `takeBack`, so that it need not be lent again. */
  readonly stay: boolean
  /** The slot's memory itself; undefined where it is not to be had and the caller must copy. */
  lend(slot: number): ArrayBuffer | undefined
  /** The hold is over. `lent` is what `lend` returned, whatever the user did with it meanwhile. */
  takeBack(slot: number, lent: ArrayBuffer): void
  /** Gives back memory now instead of at some collection. For when no slot is held any more. */
  close(): void
}

/**
 * Detached buffers whose finaliser has not run. Node runs those from the event loop, so a worker
 * that never returns to it would collect them without end: beyond this many it copies instead.
 */
const MAX_PENDING = 65536

/** `ArrayBuffer.prototype.transfer`, which moves foreign memory without copying it: Node ≥ 22. */
const TRANSFERS = typeof ArrayBuffer.prototype.transfer === 'function'

export function slotViews(strategy: ViewStrategy, memory: SlotMemory): SlotViews {
  if (strategy === 'copy') return NO_VIEWS
  if (strategy === 'cached') return new CachedViews(memory)
  return TRANSFERS && transport().buffersMove ? new MovedViews(memory) : new DetachedViews(memory)
}

/** The same memory in a new ArrayBuffer; the old one has length 0. Not for foreign memory. */
export function moveBuffer(buffer: ArrayBuffer): ArrayBuffer {
  return TRANSFERS ? buffer.transfer() : structuredClone(buffer, { transfer: [buffer] })
}

const NO_VIEWS: SlotViews = {
  available: false,
  stay: false,
  lend: () => undefined,
  takeBack: () => undefined,
  close: () => undefined,
}

/**
 * One buffer per slot for ever: taking back moves the memory into a new ArrayBuffer, which detaches
 * the user's, and the new one is lent the next time. No finaliser is ever queued.
 */
class MovedViews implements SlotViews {
  readonly stay = false
  readonly #memory: SlotMemory
  readonly #kept: (ArrayBuffer | undefined)[] = []
  available = true

  constructor(memory: SlotMemory) {
    this.#memory = memory
  }

  lend(slot: number): ArrayBuffer | undefined {
    const kept = this.#kept[slot]
    if (kept !== undefined) {
      this.#kept[slot] = undefined
      return kept
    }
    if (!this.available) return undefined
    const made = this.#memory.buffer(slot)
    if (made === undefined) this.available = false
    return made
  }

  takeBack(slot: number, lent: ArrayBuffer): void {
    // Length 0: the user moved it away himself, and the memory with it.
    if (lent.byteLength !== 0) this.#kept[slot] = lent.transfer()
  }

  close(): void {
    detachAll(this.#kept)
  }
}

/** A new buffer each time, detached when it is taken back. */
class DetachedViews implements SlotViews {
  readonly stay = false
  readonly #memory: SlotMemory
  #forbidden = false

  constructor(memory: SlotMemory) {
    this.#memory = memory
  }

  get available(): boolean {
    return !this.#forbidden && transport().pendingBuffers() <= MAX_PENDING
  }

  lend(slot: number): ArrayBuffer | undefined {
    if (!this.available) return undefined
    const made = this.#memory.buffer(slot)
    if (made === undefined) this.#forbidden = true
    return made
  }

  takeBack(_slot: number, lent: ArrayBuffer): void {
    transport().detach(lent)
  }

  close(): void {
    // Nothing is kept.
  }
}

class CachedViews implements SlotViews {
  readonly stay = true
  readonly #memory: SlotMemory
  readonly #kept: (ArrayBuffer | undefined)[] = []
  readonly available = true

  constructor(memory: SlotMemory) {
    this.#memory = memory
  }

  lend(slot: number): ArrayBuffer | undefined {
    const kept = this.#kept[slot]
    if (kept !== undefined && kept.byteLength !== 0) return kept
    return (this.#kept[slot] = this.#memory.buffer(slot))
  }

  takeBack(): void {
    // Kept until the end: that is what this strategy is for.
  }

  close(): void {
    detachAll(this.#kept)
  }
}

function detachAll(kept: (ArrayBuffer | undefined)[]): void {
  for (const buffer of kept) if (buffer !== undefined) transport().detach(buffer)
  kept.length = 0
}
