import type { ReaderReport, RingReport } from '../../inspect/index.ts'
import type { Lost } from '../../ring/index.ts'

/** A reader, as `top` shows it. */
export interface ReaderFigures {
  /** its place in the ring, and how often that was taken: together they tell one stay from another */
  readonly entry: number
  readonly joins: number
  readonly pid: number
  readonly command: string
  readonly delivery: ReaderReport['delivery']
  /** frames leased a second, over the last second; null at the first look */
  readonly rate: number | null
  /** sequences after the last one leased */
  readonly lag: number
  readonly leases: number
  readonly maxLeases: number
  /** ms from publication to the lease, over the last ten seconds; null without a frame */
  readonly p50: number | null
  readonly p99: number | null
  /** since top started */
  readonly lost: Lost
  /** frames the writer dropped while this reader held slots, since top started */
  readonly heldDrops: number
}

/** A slot that readers hold. */
export interface HeldSlot {
  readonly slot: number
  readonly sequence: number
  readonly holders: readonly {
    readonly entry: number
    readonly pid: number
    readonly command: string
    /** ms */
    readonly held: number
  }[]
}

/** A ring, as `top` shows it. */
export interface RingFigures {
  readonly ring: string
  /** `missing`: named, and not there; `unreadable`: `error` says why */
  readonly state: RingReport['state'] | 'missing' | 'unreadable'
  readonly error: { readonly code: string; readonly message: string } | null
  /** frames a second; null: unknown, as everything is that cannot be looked at */
  readonly rate: number | null
  readonly bytesPerSecond: number | null
  /** frames published, dropped for want of a slot, and lost at the source, since top started */
  readonly published: number | null
  readonly dropped: number | null
  readonly sourceLost: number | null
  /** ms since the newest frame was published */
  readonly age: number | null
  readonly slots: number | null
  /** shared memory */
  readonly bytes: number | null
  readonly lockedBytes: number | null
  readonly writer: { readonly pid: number; readonly command: string } | null
  /** those that are joined; null where that may not be read */
  readonly readers: readonly ReaderFigures[] | null
  /** those that somebody holds; null where that may not be read */
  readonly heldSlots: readonly HeldSlot[] | null
}
