import type { Generation } from './generation.ts'
import type { MemoryReader } from './memory-reader.ts'
import type { ReaderRoll } from './reader-roll.ts'
import { SlotAges } from './slot-ages.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Which slots of a generation the writer may fill, and what it does when there is none. */
export class SlotSupply {
  /** ms spent waiting for `reliable` readers */
  waited = 0
  readonly ages: SlotAges
  readonly #ring: Generation
  readonly #roll: ReaderRoll
  readonly #clock: VirtualClock
  /** ms a writer waits at most, whatever the readers ask */
  readonly #limit: number
  #waiting = false

  constructor(ring: Generation, roll: ReaderRoll, clock: VirtualClock, limit: number) {
    this.#ring = ring
    this.#roll = roll
    this.#clock = clock
    this.#limit = limit
    this.ages = new SlotAges(ring.geometry.slotCount)
  }

  /** A slot nobody holds, the oldest frame's first; -1 when there is none. Waits for `reliable` readers. */
  acquire(): number {
    const holders = new Set<MemoryReader>()
    const free = this.#tryAcquire(holders)
    if (free >= 0) return free
    const start = this.#clock.now
    const asked = new Set<MemoryReader>()
    for (;;) {
      for (const reader of holders) asked.add(reader)
      const waited = this.#clock.now - start
      const patient = this.#roll.patient(holders, waited, this.#limit)
      const slot = this.#tryAcquire(holders)
      // Whoever runs while this waits and writes here too does not wait as well: it might be for ever.
      if (slot >= 0 || this.#waiting || this.#ring.over) return slot
      if (patient.length === 0) {
        // Behind those given up on may stand others, who were not asked yet.
        if ([...holders].every((reader) => asked.has(reader))) return slot
        continue
      }
      const longest = Math.min(this.#limit, ...patient.map((reader) => reader.reliableWait))
      this.#ring.released = false
      this.#waiting = true
      try {
        this.#clock.block(longest - waited, () => this.#ring.released || this.#ring.over)
      } finally {
        this.#waiting = false
        this.waited += this.#clock.now - start - waited
      }
    }
  }

  #tryAcquire(holders: Set<MemoryReader>): number {
    holders.clear()
    for (const slot of this.ages.order) {
      const held = this.ages.sequence(slot)
      // The newest frame is never reused: a late joiner gets it at once.
      if (held !== 0 && held === this.#ring.latest) continue
      if (held !== 0) {
        const behind = this.#roll.behind(held)
        for (const reader of behind) holders.add(reader)
        // Whoever has not come to this frame has not come to the later ones either.
        if (behind.length > 0) break
      }
      const room = this.#ring.slots[slot]!
      if (room.holders.size === 0) {
        room.frame = undefined
        this.ages.take(slot)
        return slot
      }
      for (const reader of room.holders) holders.add(reader)
    }
    return -1
  }
}
