import type { RingReport } from '../inspect/index.ts'
import type { FamilyType } from './family.ts'

/** A figure of a ring: its name after Prometheus' conventions, and where it stands in a report. */
export interface RingFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** null: not known, and no sample */
  readonly of: (report: RingReport) => number | null
}

/** All of them; counters begin at 0 with each session of a writer. */
export const RING_FAMILIES: readonly RingFamily[] = [
  {
    name: 'framering_ring_frames_published_total',
    type: 'counter',
    help: 'Frames that readers could get.',
    of: (report) => report.published,
  },
  {
    name: 'framering_ring_frames_dropped_total',
    type: 'counter',
    help: 'Frames dropped for want of a free slot.',
    of: (report) => report.dropped,
  },
  {
    name: 'framering_ring_source_lost_total',
    type: 'counter',
    help: 'Frames lost before the writer had them.',
    of: (report) => report.sourceLost,
  },
  {
    name: 'framering_ring_loans_abandoned_total',
    type: 'counter',
    help: 'Loans given back unpublished.',
    of: (report) => report.abandoned,
  },
  {
    name: 'framering_ring_wait_seconds_total',
    type: 'counter',
    help: 'Time the writer waited for reliable readers.',
    of: (report) => report.waited / 1000,
  },
  {
    name: 'framering_ring_readers_reclaimed_total',
    type: 'counter',
    help: 'Reader entries taken back from processes that died.',
    of: (report) => report.reclaimed,
  },
  {
    name: 'framering_ring_rate_hz',
    type: 'gauge',
    help: 'Frames per second of the last second, or of the last few frames.',
    // Of a ring that is over the report tells the rate that it had.
    of: (report) => (report.state === 'running' ? report.rate : null),
  },
  {
    name: 'framering_ring_age_seconds',
    type: 'gauge',
    help: 'Time since the newest frame was published.',
    of: (report) => (report.age === null ? null : report.age / 1000),
  },
  {
    name: 'framering_ring_readers',
    type: 'gauge',
    help: 'Readers that are joined.',
    of: (report) =>
      report.control === null ? null : report.readers.filter(({ alive }) => alive).length,
  },
  {
    name: 'framering_ring_max_readers',
    type: 'gauge',
    help: 'Readers that can be joined.',
    of: (report) => report.maxReaders,
  },
  {
    name: 'framering_ring_slots',
    type: 'gauge',
    help: 'Slots, each for one frame.',
    of: (report) => report.slots.length,
  },
  {
    name: 'framering_ring_held_slots',
    type: 'gauge',
    help: 'Slots that readers hold.',
    of: (report) =>
      report.control === null
        ? null
        : report.slots.filter(({ holders }) => holders.length > 0).length,
  },
  {
    name: 'framering_ring_frame_bytes',
    type: 'gauge',
    help: 'Bytes of a frame; of compressed pictures the most one may have.',
    of: (report) => report.format?.bytes ?? null,
  },
  {
    name: 'framering_ring_bytes',
    type: 'gauge',
    help: 'Shared memory that the ring takes.',
    of: (report) => report.bytes,
  },
  {
    name: 'framering_ring_locked_bytes',
    type: 'gauge',
    help: 'Shared memory of it that is locked into RAM.',
    of: (report) => report.lockedBytes,
  },
  {
    name: 'framering_ring_epoch',
    type: 'gauge',
    help: 'Rises with each format.',
    of: (report) => report.epoch,
  },
  {
    name: 'framering_ring_created_timestamp_seconds',
    type: 'gauge',
    help: 'When the shared memory was made, since 1970.',
    of: (report) => report.created / 1000,
  },
]
