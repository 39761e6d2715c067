import { durationText } from '../watch/figures.ts'
import { type Column, type Line, tableLines, type Tone } from './columns.ts'
import type { ReaderFigures } from './figures.ts'
import { countText, rateText } from './texts.ts'

/** A line for each reader below the head. */
export function readerTable(readers: readonly ReaderFigures[], width: number): Line[] {
  return tableLines(COLUMNS, readers, width)
}

function toneOf(count: number, tone: Tone): Tone {
  return count === 0 ? 'plain' : tone
}

const COLUMNS: readonly Column<ReaderFigures>[] = [
  { head: 'PID', width: 7, right: true, sheds: 0, text: ({ pid }) => String(pid) },
  { head: 'DELIVERY', width: 8, sheds: 10, text: ({ delivery }) => delivery ?? '' },
  { head: 'HZ', width: 5, right: true, sheds: 3, text: ({ rate }) => rateText(rate) },
  { head: 'LAG', width: 5, right: true, sheds: 2, text: ({ lag }) => countText(lag) },
  {
    head: 'HELD',
    width: 5,
    right: true,
    sheds: 7,
    text: ({ leases, maxLeases }) => `${leases}/${maxLeases}`,
    tone: ({ leases, maxLeases }) => (leases < maxLeases ? 'plain' : 'warn'),
  },
  { head: 'P50', width: 7, right: true, sheds: 8, text: ({ p50 }) => durationText(p50) },
  { head: 'P99', width: 7, right: true, sheds: 6, text: ({ p99 }) => durationText(p99) },
  {
    head: 'NO SLOT',
    width: 7,
    right: true,
    sheds: 4,
    text: ({ lost }) => countText(lost.noSlot),
    tone: ({ lost }) => toneOf(lost.noSlot, 'bad'),
  },
  {
    head: 'OVERRUN',
    width: 7,
    right: true,
    sheds: 5,
    text: ({ lost }) => countText(lost.overrun),
    tone: ({ lost }) => toneOf(lost.overrun, 'bad'),
  },
  {
    head: 'SKIPPED',
    width: 7,
    right: true,
    sheds: 11,
    text: ({ lost }) => countText(lost.skipped),
  },
  {
    head: 'RESTART',
    width: 7,
    right: true,
    sheds: 13,
    text: ({ lost }) => countText(lost.restart),
  },
  { head: 'SOURCE', width: 6, right: true, sheds: 12, text: ({ lost }) => countText(lost.source) },
  {
    head: 'COST',
    width: 6,
    right: true,
    sheds: 9,
    text: ({ heldDrops }) => countText(heldDrops),
    tone: ({ heldDrops }) => toneOf(heldDrops, 'bad'),
  },
  { head: 'COMMAND', width: 16, sheds: 1, text: ({ command }) => command },
]
