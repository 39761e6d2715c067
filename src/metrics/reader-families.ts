import type { ReaderReport } from '../inspect/index.ts'
import type { FamilyType, Sample } from './family.ts'
import { histogramSamples } from './histogram.ts'

/** A figure of a reader. `labels` say which one. */
export interface ReaderFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  readonly samples: (reader: ReaderReport, labels: Sample['labels']) => readonly Sample[]
}

const LATENCY = 'framering_reader_latency_seconds'

/** All of them; counters begin at 0 when the reader joins. */
export const READER_FAMILIES: readonly ReaderFamily[] = [
  {
    name: 'framering_reader_info',
    type: 'gauge',
    help: 'Always 1; its labels tell who the reader is.',
    samples: ({ command, delivery }, labels) => [
      { labels: { ...labels, command, delivery: delivery ?? '' }, value: 1 },
    ],
  },
  {
    name: 'framering_reader_received_total',
    type: 'counter',
    help: 'Frames leased.',
    samples: ({ received }, labels) => [{ labels, value: received }],
  },
  {
    name: 'framering_reader_lost_total',
    type: 'counter',
    help: 'Frames that did not reach the reader, by cause.',
    samples: ({ lost }, labels) => [
      { labels: { ...labels, cause: 'source' }, value: lost.source },
      { labels: { ...labels, cause: 'no_slot' }, value: lost.noSlot },
      { labels: { ...labels, cause: 'overrun' }, value: lost.overrun },
      { labels: { ...labels, cause: 'skipped' }, value: lost.skipped },
      { labels: { ...labels, cause: 'restart' }, value: lost.restart },
    ],
  },
  {
    name: 'framering_reader_lag_frames',
    type: 'gauge',
    help: 'Sequences after the last one leased.',
    samples: ({ lag }, labels) => [{ labels, value: lag }],
  },
  {
    name: 'framering_reader_leases',
    type: 'gauge',
    help: 'Slots held at this moment.',
    samples: ({ leases }, labels) => [{ labels, value: leases }],
  },
  {
    name: 'framering_reader_max_leases',
    type: 'gauge',
    help: 'Slots that may be held at once.',
    samples: ({ maxLeases }, labels) => [{ labels, value: maxLeases }],
  },
  {
    name: 'framering_reader_held_drops_total',
    type: 'counter',
    help: 'Frames the writer dropped while the reader held slots.',
    samples: ({ held }, labels) => [{ labels, value: held.drops }],
  },
  {
    name: LATENCY,
    type: 'histogram',
    help: 'Time from publication to the lease.',
    samples: ({ latency }, labels) => histogramSamples(LATENCY, labels, latency),
  },
]
