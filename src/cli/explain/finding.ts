import type { Moment, RingReport } from '../../inspect/index.ts'

/** What is told of a ring: something that is wrong, or may be. */
export interface Finding {
  /** stable, meant to be switched on */
  readonly code: FindingCode
  /** `fail`: frames do not come; `warn`: some are lost or late; `info`: may explain what is asked */
  readonly severity: 'fail' | 'warn' | 'info'
  /** what is, in a sentence, from the figures */
  readonly text: string
  readonly figures: Readonly<Record<string, number | string | null>>
  /** what to do about it; null where nothing is to be done */
  readonly remedy: string | null
}

export type FindingCode =
  | 'WRITER_GONE'
  | 'RING_ENDED'
  | 'RING_DAMAGED'
  | 'NO_FRAME_YET'
  | 'WRITER_STALLED'
  | 'RATE_SHORT'
  | 'SOURCE_LOST'
  | 'WRITER_WAITS'
  | 'DROPPED'
  | 'DROPPED_UNCLAIMED'
  | 'SLOT_HELD'
  | 'SLOTS_FEW'
  | 'READER_OVERRUN'
  | 'READER_BEHIND'
  | 'READER_SKIPS'
  | 'READER_DIED'
  | 'READERS_FULL'
  | 'READERS_UNKNOWN'
  | 'NOT_LOCKED'

/** What a rule judges by. */
export interface Evidence {
  readonly report: RingReport
  /** what the ring remembers */
  readonly moments: readonly Moment[]
  /** ms of `now()` at the look */
  readonly time: number
}

/** Something that may be wrong, looked for. */
export type Rule = (evidence: Evidence) => readonly Finding[]
