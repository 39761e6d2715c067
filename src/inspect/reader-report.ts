import { Delivery, type NativeReaderFacts } from '../native/index.ts'
import type { Latency, Lost } from '../ring/index.ts'
import { latencyOf } from '../ring/latency.ts'
import { processCommand } from './process-command.ts'

/** What a reader's leases have cost the writer. */
export interface HeldReport {
  /** frames dropped while this reader held slots */
  readonly drops: number
  /** most slots it held at such a drop */
  readonly slots: number
  /** ms it had held one of them by then, at the longest */
  readonly longest: number
  /** that slot */
  readonly slot: number
  /** the frame in it */
  readonly sequence: number
  /** ms of `now()`: the last such drop */
  readonly last: number
}

/**
 * One reader of a ring, as others see it. What it says of itself (everything but `alive`, `leases` and
 * `held`) is the word of whoever may write the control object.
 */
export interface ReaderReport {
  /** its place in the ring: 0…maxReaders-1 */
  readonly entry: number
  /** how often that place was taken; with it, one stay is told from the next */
  readonly joins: number
  /** The kernel's word. A reader that left or died is told of until another takes its place. */
  readonly alive: boolean
  readonly pid: number
  /** what its process was started as */
  readonly command: string
  /** null once it left */
  readonly delivery: 'latest' | 'every' | 'reliable' | null
  readonly maxLeases: number
  /** ms it asks the writer to wait for it */
  readonly reliableWait: number
  /** first sequence that counts for it */
  readonly joinedAt: number
  /** last sequence leased; below `joinedAt` before the first one */
  readonly sequence: number
  /**
   * Frames leased. `received + gaps === sequence - joinedAt + 1` once there is one, at any time and
   * whenever it was killed.
   */
  readonly received: number
  /** sequences up to the last one leased that it did not get: no slot, overrun, skipped */
  readonly gaps: number
  readonly lost: Lost
  /** sequences after the last one leased: still to come, or to be told of with the next */
  readonly lag: number
  /** slots held at this moment */
  readonly leases: number
  /** publish to lease */
  readonly latency: Latency
  readonly held: HeldReport
}

const DELIVERIES: Readonly<Record<number, ReaderReport['delivery']>> = {
  [Delivery.Latest]: 'latest',
  [Delivery.Every]: 'every',
  [Delivery.Reliable]: 'reliable',
}

export function readerReport(facts: NativeReaderFacts): ReaderReport {
  const { entry, joins, alive, pid, maxLeases, reliableWait, joinedAt, received, leases } = facts
  const { lostNoSlot, lostOverrun, lostSkipped, lostRestart, lostSource } = facts
  return {
    entry,
    joins,
    alive,
    pid,
    command: processCommand(alive ? pid : 0, facts.comm),
    delivery: DELIVERIES[facts.delivery] ?? null,
    maxLeases,
    reliableWait,
    joinedAt,
    sequence: facts.delivered,
    received,
    gaps: lostNoSlot + lostOverrun + lostSkipped,
    lost: {
      source: lostSource,
      noSlot: lostNoSlot,
      overrun: lostOverrun,
      skipped: lostSkipped,
      restart: lostRestart,
    },
    lag: facts.unread,
    leases,
    latency: latencyOf(facts.latency),
    held: {
      drops: facts.heldDrops,
      slots: facts.heldSlots,
      longest: facts.heldLongest,
      slot: facts.heldSlot,
      sequence: facts.heldSequence,
      last: facts.heldLast,
    },
  }
}
