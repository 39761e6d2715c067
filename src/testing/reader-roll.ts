import { Bell } from '../native/index.ts'
import type { Generation } from './generation.ts'
import type { MemoryReader } from './memory-reader.ts'

/** The writer's view of its readers: whom to ring, and whom to wait for. */
export class ReaderRoll {
  readonly #ring: Generation
  readonly #lagging = new Set<MemoryReader>()

  constructor(ring: Generation) {
    this.#ring = ring
  }

  get count(): number {
    return this.#readers().length
  }

  get lagging(): number {
    return this.#readers().filter((reader) => this.#lagging.has(reader)).length
  }

  /** Rings every reader whose doorbell is armed. */
  ringArmed(): void {
    for (const reader of this.#readers()) {
      if (reader.bell === Bell.None) continue
      const { bell } = reader
      reader.bell = Bell.None
      this.#ring.bells++
      reader.rung(bell)
    }
  }

  /** Rings everybody, armed or not: the stream ends or moves. */
  ringEverybody(): void {
    for (const reader of this.#readers()) {
      reader.bell = Bell.None
      reader.rung(Bell.Fifo)
      reader.rung(Bell.Semaphore)
    }
  }

  /** `reliable` readers that have not come to `sequence` and are still waited for. */
  behind(sequence: number): MemoryReader[] {
    return this.#readers().filter((reader) => {
      if (!reader.reliable) return false
      if (this.#lagging.has(reader)) {
        if (reader.cursor < this.#ring.latest) return false
        this.#lagging.delete(reader)
      }
      return reader.cursor < sequence
    })
  }

  /** Of `readers`, those whose patience is not used up after `waited` ms; the others lag from now on. */
  patient(readers: Iterable<MemoryReader>, waited: number, limit: number): MemoryReader[] {
    const result: MemoryReader[] = []
    for (const reader of readers) {
      if (!reader.reliable || this.#lagging.has(reader)) continue
      if (waited < Math.min(reader.reliableWait, limit)) result.push(reader)
      else this.#lagging.add(reader)
    }
    return result
  }

  #readers(): MemoryReader[] {
    return this.#ring.readers.filter((reader) => reader !== undefined)
  }
}
