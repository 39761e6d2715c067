import type { FrameRecord } from './frame-words.ts'
import type { Geometry } from './geometry.ts'
import type { MemoryReader } from './memory-reader.ts'

/** Epochs whose text is kept. */
const TEXTS = 4

/** Room for one frame. */
export class Slot {
  /** undefined while the writer fills it, and before the first */
  frame: FrameRecord | undefined
  readonly holders = new Set<MemoryReader>()
  readonly #size: number
  #bytes: Uint8Array | undefined

  constructor(size: number) {
    this.#size = size
  }

  /** Taken from the heap with the first frame: most tests never go once around the ring. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= new Uint8Array(this.#size))
  }
}

export type RingState = 'running' | 'ended' | 'moved'

/** What stands in shared memory of one pair of objects: what writer and readers know of each other. */
export class Generation {
  readonly id: number
  readonly session: number
  readonly geometry: Geometry
  readonly slots: readonly Slot[]
  /** by entry */
  readonly readers: (MemoryReader | undefined)[]
  /** sequence of the newest frame, 0 = none yet */
  latest = 0
  /** last sequence used up, by a frame or a drop */
  head = 0
  bells = 0
  state: RingState = 'running'
  writerAlive = true
  /** Whether a reader has freed something since the writer began to wait. */
  released = false
  readonly #index: { sequence: number; slot: number }[] = []
  readonly #texts = new Map<number, string>()

  constructor(id: number, session: number, geometry: Geometry) {
    this.id = id
    this.session = session
    this.geometry = geometry
    this.slots = Array.from({ length: geometry.slotCount }, () => new Slot(geometry.slotBytes))
    this.readers = new Array<undefined>(geometry.maxReaders).fill(undefined)
  }

  /** Nothing will be published here any more. */
  get over(): boolean {
    return this.state !== 'running' || !this.writerAlive
  }

  /** The slot where a frame was put; undefined for one that was dropped or is further back than is kept. */
  slotOf(sequence: number): number | undefined {
    const entry = this.#index[sequence % this.geometry.indexCount]
    return entry?.sequence === sequence && entry.slot >= 0 ? entry.slot : undefined
  }

  /** `slot`: -1 for a sequence without a frame. */
  record(sequence: number, slot: number): void {
    const { indexCount } = this.geometry
    // The newest frame stays where it can be found, however many drops follow it.
    if (slot < 0 && this.latest !== 0 && (sequence - this.latest) % indexCount === 0) return
    this.#index[sequence % indexCount] = { sequence, slot }
  }

  text(epoch: number): string {
    return this.#texts.get(epoch) ?? ''
  }

  setText(epoch: number, text: string): void {
    this.#texts.set(epoch, text)
    this.#texts.delete(epoch - TEXTS)
  }
}
