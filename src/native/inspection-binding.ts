import type { NativeFormat } from './ring-binding.ts'

/**
 * The addon's face for looking at rings from outside, as native/addon/src/inspection.cc exports it. Times
 * are milliseconds of CLOCK_MONOTONIC unless said otherwise. Nothing here is public.
 */

export interface NativeObjectFacts {
  /** false: it may not be read, or is gone */
  known: boolean
  mode: number
  uid: number
  gid: number
  bytes: number
}

/** fr_ring_facts */
export interface NativeRingFacts {
  generation: number
  session: number
  /** ms since 1970 */
  created: number
  layout: number
  writerPid: number
  writerUid: number
  writerAlive: boolean
  /** its name still stands for this generation */
  named: boolean
  truncated: boolean
  /** 1 running, 2 ended, 3 moved */
  state: number
  epoch: number
  slotCount: number
  maxReaders: number
  slotBytes: number
  lockedBytes: number
  data: NativeObjectFacts
  control: NativeObjectFacts
  head: number
  latest: number
  published: number
  dropped: number
  sourceLost: number
  abandoned: number
  bells: number
  reclaimed: number
  waited: number
}

/** fr_latency */
export interface NativeLatency {
  /** below 1, 2, 4 … µs; the last: everything else */
  counts: Float64Array
  sum: number
  longest: number
}

/** fr_reader_facts */
export interface NativeReaderFacts {
  entry: number
  alive: boolean
  /** 0: it left */
  delivery: number
  pid: number
  comm: string
  joins: number
  maxLeases: number
  reliableWait: number
  joinedAt: number
  cursor: number
  delivered: number
  received: number
  unread: number
  lostNoSlot: number
  lostOverrun: number
  lostSkipped: number
  lostRestart: number
  lostSource: number
  latency: NativeLatency
  leases: number
  waiting: number
  heldDrops: number
  heldSlots: number
  heldLongest: number
  heldSlot: number
  heldSequence: number
  heldLast: number
}

/** fr_slot_facts */
export interface NativeSlotFacts {
  slot: number
  /** 0 empty, 1 a frame, 2 being written */
  state: number
  sequence: number
  publishTime: number
  holders: { entry: number; held: number }[]
}

/** What stands in a row of `moments`. */
export const enum MomentColumn {
  Sequence = 0,
  Time,
  /** ms of CaptureClock */
  CaptureTime,
  CaptureClock,
  Dropped,
  Length,
}

export interface NativeInspection {
  ring(): NativeRingFacts
  /** of the newest frame, or the first one to come; throws NOT_A_RING where it is damaged */
  format(): { format: NativeFormat; descriptor: string }
  readers(): NativeReaderFacts[]
  slots(): NativeSlotFacts[]
  /** Rows of MomentColumn.Length for the sequences after `after` that are remembered. */
  moments(after: number): Float64Array
  /** The header of a frame as a mailbox has it; undefined when its slot has another by now. */
  frame(sequence: number): { mail: Float64Array; format: NativeFormat } | undefined
  /** idempotent */
  close(): void
}

export interface InspectionBinding {
  openInspection(options: { directory: string; name: string }): NativeInspection
}
