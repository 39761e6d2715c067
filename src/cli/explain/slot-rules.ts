import type { ReaderReport, RingReport } from '../../inspect/index.ts'
import { MAX_SLOTS } from '../../ring/slots-for.ts'
import { counted } from '../units.ts'
import { durationText, processText } from '../watch/figures.ts'
import type { Rule } from './finding.ts'
import { usualPeriod } from './period.ts'

/** A slot that is held for so many ms and so many usual periods is held for long. */
const LONG = { ms: 100, periods: 3 }

/** Frames that were dropped, and who stood in the way. */
export const dropped: Rule = ({ report, time }) => {
  const { dropped: all, published, slots, readers, control } = report
  if (all === 0) return []
  const blamed = readers.filter(({ held }) => held.drops > 0)
  if (blamed.length === 0) {
    const who =
      control === null
        ? 'who was in the way is not to be seen without the control object'
        : 'the readers in the way have left, or the writer held the slots itself'
    return [
      {
        code: 'DROPPED_UNCLAIMED',
        severity: 'warn',
        text: `${counted(all, 'frame')} of ${all + published} dropped for want of a free slot; ${who}`,
        figures: { dropped: all, published, slots: slots.length },
        remedy: 'more slots, or fewer loans at the same time',
      },
    ]
  }
  return blamed.map((reader) => {
    const { pid, command, held, delivery, maxLeases, alive } = reader
    const { drops, longest, slot, sequence } = held
    const more = missingSlots(report, Math.max(1, held.slots))
    const which =
      held.slots > 1 ? `${held.slots} slots at once, slot ${slot} of them` : `slot ${slot}`
    return {
      code: 'DROPPED' as const,
      severity: 'warn' as const,
      text: `${nameOf(reader)}${alive ? '' : ', which is gone,'} held ${which} for ${durationText(longest)}; ${counted(drops, 'frame')} dropped for want of a free slot, the last ${durationText(Math.max(0, time - held.last))} ago`,
      figures: {
        pid,
        command,
        drops,
        dropped: all,
        published,
        slot,
        sequence,
        heldSlots: held.slots,
        heldFor: longest,
        maxLeases,
        slots: slots.length,
        moreSlots: more,
      },
      remedy: [
        `give it ${counted(more, 'more slot')}`,
        ...(held.slots > 1 || maxLeases > 1
          ? ['`maxLeases: 1`']
          : ['copy the frame and release it']),
        ...(delivery === 'reliable' ? ["delivery: 'every'"] : []),
      ].join(' or '),
    }
  })
}

/** Slots that are held at this moment, for longer than frames take. */
export const slotHeld: Rule = ({ report, moments }) => {
  const { slots, readers } = report
  const long = Math.max(LONG.ms, LONG.periods * (usualPeriod(moments) ?? 0))
  return readers.flatMap((reader) => {
    const mine = slots.flatMap(({ slot, sequence, holders }) =>
      holders
        .filter(({ entry, held }) => entry === reader.entry && held >= long)
        .map(({ held }) => ({ slot, sequence, held })),
    )
    if (mine.length === 0) return []
    const longest = mine.reduce((a, b) => (b.held > a.held ? b : a))
    const others = mine.length > 1 ? ` and ${mine.length - 1} more` : ''
    return [
      {
        code: 'SLOT_HELD' as const,
        severity: 'info' as const,
        text: `${nameOf(reader)} holds slot ${longest.slot} (frame ${longest.sequence})${others}, for ${durationText(longest.held)} now`,
        figures: {
          pid: reader.pid,
          command: reader.command,
          slot: longest.slot,
          sequence: longest.sequence,
          heldFor: longest.held,
          heldSlots: mine.length,
        },
        remedy: 'release the frame when done with it, or copy it',
      },
    ]
  })
}

/** A ring that its readers could exhaust. */
export const slotsFew: Rule = ({ report }) => {
  const alive = report.readers.filter((reader) => reader.alive)
  const needed = neededSlots(alive)
  const slots = report.slots.length
  // Those that dropped have been told of with who was in the way.
  if (report.state !== 'running' || report.dropped > 0 || slots >= needed) return []
  return [
    {
      code: 'SLOTS_FEW',
      severity: 'info',
      text: `${counted(alive.length, 'reader')} may hold all of the ${slots} slots: nothing can be lost with ${needed}`,
      figures: { slots, needed, readers: alive.length },
      remedy: `slots: ${Math.min(needed, MAX_SLOTS)}, or a lower maxLeases in the readers`,
    },
  ]
}

/** Slots with which these readers cannot exhaust a ring: the newest, one on loan, and their leases. */
function neededSlots(readers: readonly ReaderReport[]): number {
  return readers.reduce((sum, { maxLeases }) => sum + maxLeases, 2)
}

/** Slots that a ring should have more of; at least as many as were held. */
function missingSlots({ slots, readers }: RingReport, held: number): number {
  const needed = neededSlots(readers.filter(({ alive }) => alive))
  return Math.min(Math.max(needed - slots.length, held), Math.max(1, MAX_SLOTS - slots.length))
}

function nameOf({ pid, command }: ReaderReport): string {
  return `reader ${processText(pid, command)}`
}
