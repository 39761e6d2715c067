import type { Moment, ReaderReport } from '../../inspect/index.ts'
import { counted } from '../units.ts'
import { durationText, processText } from '../watch/figures.ts'
import { spreadOfLatency } from '../watch/quantiles.ts'
import type { Rule } from './finding.ts'

/** Of the frames since it joined, a share that it may pass over before that is told of. */
const SKIPPED = 0.5

/** Frames were reused before a reader came to them. */
export const overrun: Rule = ({ report, moments }) =>
  report.readers.flatMap((reader) => {
    const { pid, command, lost, received, lag, leases, maxLeases, latency } = reader
    if (lost.overrun === 0) return []
    const { p50, p99 } = spreadOfLatency(latency)
    const slots = report.slots.length
    const waiting = waitingFrames(reader, moments)
    return [
      {
        code: 'READER_OVERRUN' as const,
        severity: 'warn' as const,
        text: `${nameOf(reader)} lost ${counted(lost.overrun, 'frame')} to overruns and got ${received}: ${why(reader, waiting, slots, p99)}`,
        figures: {
          pid,
          command,
          overrun: lost.overrun,
          received,
          lag,
          waiting,
          leases,
          maxLeases,
          slots,
          p50,
          p99,
        },
        remedy:
          leases >= maxLeases && leases > 0
            ? 'release frames earlier, or raise its maxLeases and the slots of the ring'
            : "more slots for what it falls behind, less work a frame, or delivery: 'latest'",
      },
    ]
  })

function why(
  { alive, leases, maxLeases }: ReaderReport,
  waiting: number,
  slots: number,
  p99: number | null,
): string {
  if (!alive) return 'it is gone'
  if (leases >= maxLeases && leases > 0) return `it holds all of its ${counted(leases, 'lease')}`
  if (waiting >= slots)
    return `it is ${counted(waiting, 'frame')} behind, and the ring has ${slots} slots`
  return p99 === null
    ? 'it has taken none'
    : `it takes frames up to ${durationText(p99)} (p99) after their publication`
}

/**
 * Frames published since its last lease, of those that the ring remembers. Its lag counts drops as well,
 * which no reader could have had.
 */
function waitingFrames({ joinedAt, sequence }: ReaderReport, moments: readonly Moment[]): number {
  const last = Math.max(sequence, joinedAt - 1)
  return moments.filter((moment) => !moment.dropped && moment.sequence > last).length
}

/** A reader that wants each frame and is about to lose some. */
export const behind: Rule = ({ report, moments }) =>
  report.readers.flatMap((reader) => {
    const { alive, delivery, lag, leases, maxLeases, pid, command, lost } = reader
    const slots = report.slots.length
    if (!alive || delivery === 'latest' || delivery === null || lost.overrun > 0) return []
    // One slot stands empty while the next frame is written.
    const waiting = waitingFrames(reader, moments)
    if (waiting < slots - 1) return []
    return [
      {
        code: 'READER_BEHIND' as const,
        severity: 'warn' as const,
        text: `${nameOf(reader)} wants every frame and is ${counted(waiting, 'frame')} behind, in a ring of ${slots} slots`,
        figures: { pid, command, lag, waiting, slots, leases, maxLeases },
        remedy: 'more slots, or less work a frame in that reader',
      },
    ]
  })

/** A `latest` reader that is much slower than the writer. That is what `latest` is for, and may explain. */
export const skips: Rule = ({ report }) =>
  report.readers.flatMap((reader) => {
    const { alive, lost, received, pid, command, latency } = reader
    const all = received + lost.skipped
    if (!alive || all < 10 || lost.skipped < SKIPPED * all) return []
    const { p99 } = spreadOfLatency(latency)
    return [
      {
        code: 'READER_SKIPS' as const,
        severity: 'info' as const,
        text: `${nameOf(reader)} passed over ${lost.skipped} of ${all} frames: it takes fewer than the writer gives`,
        figures: { pid, command, skipped: lost.skipped, received, p99 },
        remedy:
          'nothing, if it limits its rate (maxFps) or may miss some; less work a frame otherwise',
      },
    ]
  })

/** A reader that did not leave by itself. */
export const died: Rule = ({ report }) =>
  report.readers.flatMap((reader) => {
    const { alive, delivery, pid, command, received, leases } = reader
    if (alive || delivery === null) return []
    return [
      {
        code: 'READER_DIED' as const,
        severity: 'info' as const,
        text: `${nameOf(reader)} died after ${counted(received, 'frame')}${leases > 0 ? `, with ${counted(leases, 'slot')} in its hands` : ''}`,
        figures: { pid, command, received, leases },
        remedy: leases > 0 ? 'nothing: the writer takes them back when it needs them' : null,
      },
    ]
  })

/** No further reader can join. */
export const readersFull: Rule = ({ report }) => {
  const readers = report.readers.filter(({ alive }) => alive).length
  if (readers < report.maxReaders) return []
  return [
    {
      code: 'READERS_FULL',
      severity: 'warn',
      text: `all ${report.maxReaders} places for readers are taken: the next one is refused`,
      figures: { readers, maxReaders: report.maxReaders },
      remedy: 'raise maxReaders (64 at most), close one, or read with `observe: true`',
    },
  ]
}

/** Who reads is not to be seen. */
export const readersUnknown: Rule = ({ report }) => {
  const { control, data, ring } = report
  if (control !== null) return []
  return [
    {
      code: 'READERS_UNKNOWN',
      severity: 'info',
      text: `nothing is known of the readers of ring '${ring}': this user may not read its control object, the file framering.${ring}.ctl`,
      figures: { uid: data.uid, gid: data.gid },
      remedy: `ask again as user ${data.uid} or root; or have the writer let a group of yours read it (controlGroup)`,
    },
  ]
}

function nameOf({ pid, command }: ReaderReport): string {
  return `reader ${processText(pid, command)}`
}
