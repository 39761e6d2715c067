import { counted } from '../units.ts'
import { durationText, fixed, processText } from '../watch/figures.ts'
import type { Finding, Rule } from './finding.ts'
import { usualPeriod } from './period.ts'

/** Without a frame for so many ms and so many usual periods, a writer is stalled. */
const STALLED = { ms: 1000, periods: 5 }
/** A rate below this share of the usual one is too low, if it is made of so many frames. */
const SHORT = { share: 0.8, frames: 10 }

/** The writer is gone, or was never heard of. */
export const writerGone: Rule = ({ report }) => {
  const { ring, state, writer, published, age, bytes } = report
  const figures = { pid: writer.pid, published, age, bytes }
  if (state === 'damaged') {
    return [
      {
        code: 'RING_DAMAGED',
        severity: 'fail',
        text: `somebody cut off the memory of ring '${ring}': no other figure of it is true`,
        figures: { pid: writer.pid },
        remedy: 'start its writer again, and find out what truncates files in its directory',
      },
    ]
  }
  if (state === 'dead') {
    return [
      {
        code: 'WRITER_GONE',
        severity: 'fail',
        text: `the writer, pid ${writer.pid}, is gone without closing the ring, after ${counted(published, 'frame')}${age === null ? '' : `, the last of them ${durationText(age)} ago`}`,
        figures,
        remedy: `start it again (it clears up what is left), or remove that: framering rm ${ring}`,
      },
    ]
  }
  if (state !== 'ended') return []
  return [
    {
      code: 'RING_ENDED',
      severity: 'fail',
      text: `the writer, pid ${writer.pid}, has closed the ring after ${counted(published, 'frame')}`,
      figures,
      remedy: 'start it again',
    },
  ]
}

/** The writer lives, and publishes nothing. */
export const writerStalled: Rule = ({ report, moments, time }) => {
  const { writer, state, published, created } = report
  if (state !== 'running') return []
  const who = `the writer, ${processText(writer.pid, writer.command)},`
  const last = moments.findLast(({ dropped }) => !dropped)
  if (last === undefined) {
    if (published > 0) return []
    return [
      {
        code: 'NO_FRAME_YET',
        severity: 'warn',
        text: `${who} has not published a frame yet`,
        figures: { pid: writer.pid, created },
        remedy: 'see whether its source delivers anything',
      },
    ]
  }
  const age = time - last.time
  const period = usualPeriod(moments)
  if (age < Math.max(STALLED.ms, STALLED.periods * (period ?? 0))) return []
  const usual = period === undefined ? '' : `; until then one came every ${durationText(period)}`
  return [
    {
      code: 'WRITER_STALLED',
      severity: 'fail',
      text: `${who} lives and has published nothing for ${durationText(age)}${usual}`,
      figures: { pid: writer.pid, age, usualPeriod: period ?? null },
      remedy: `see what it waits for: its source, a lock, a debugger (state in /proc/${writer.pid}/status)`,
    },
  ]
}

/** Frames come, and fewer than usual. */
export const rateShort: Rule = ({ report, moments, time }) => {
  const { state, writer } = report
  const period = usualPeriod(moments)
  if (state !== 'running' || period === undefined || period === 0) return []
  const span = Math.max(1000, SHORT.frames * period)
  const first = moments[0]!.time
  // Without as much from before there is nothing to be called usual.
  if (time - first < 2 * span) return []
  const recent = moments.filter((moment) => time - moment.time <= span)
  const frames = recent.filter(({ dropped }) => !dropped).length
  const expected = span / period
  // What is stalled or drops is told of elsewhere.
  if (frames === 0 || recent.length > frames || frames + 1 >= SHORT.share * expected) return []
  const rate = (1000 * frames) / span
  const usual = 1000 / period
  return [
    {
      code: 'RATE_SHORT',
      severity: 'warn',
      text: `${fixed(rate, 1)} frames a second came of late, and usually ${fixed(usual, 1)}`,
      figures: { rate, usualRate: usual, frames, span },
      remedy:
        `see what holds up the writer, ${processText(writer.pid, writer.command)}: its source ` +
        '(longer exposure in the dark, USB bandwidth), or the processor (framering hz shows the jitter)',
    },
  ]
}

/** The source has lost frames before the ring. */
export const sourceLost: Rule = ({ report }) => {
  const { sourceLost: lost, published } = report
  if (lost === 0) return []
  return [
    {
      code: 'SOURCE_LOST',
      severity: 'warn',
      text: `the source itself lost ${counted(lost, 'frame')} before they came to the ring (${published} were published)`,
      figures: { sourceLost: lost, published },
      remedy:
        'give the source more buffers, a lower rate or size, or its process more of the processor',
    },
  ]
}

/** Reliable readers slow the writer down. */
export const writerWaits: Rule = ({ report }) => {
  const { waited, readers, published, control } = report
  if (waited < 1) return []
  const reliable = readers.filter(({ alive, delivery }) => alive && delivery === 'reliable')
  const names = reliable.map(({ pid, command }) => processText(pid, command))
  const unnamed = control === null ? 'which ones is not to be seen' : 'that have left'
  const whom = names.length === 0 ? unnamed : names.join(', ')
  const finding: Finding = {
    code: 'WRITER_WAITS',
    severity: 'info',
    text: `the writer has waited ${durationText(waited)} in all for reliable readers: ${whom}`,
    figures: { waited, published, readers: reliable.length },
    remedy: "more slots, or delivery: 'every' where a lost frame is no harm",
  }
  return [finding]
}
