import { durationText } from '../watch/figures.ts'
import { type Column, type Line, tableLines, type Tone } from './columns.ts'
import type { RingFigures } from './figures.ts'
import { countText, rateText, sparkline, throughputText } from './texts.ts'
import type { View } from './view.ts'

const LONGEST_NAME = 32

const STATE_TONES: Readonly<Record<RingFigures['state'], Tone>> = {
  running: 'good',
  ended: 'dim',
  moved: 'warn',
  dead: 'bad',
  damaged: 'bad',
  missing: 'dim',
  unreadable: 'bad',
}

/** A line for each of `rings` below the head. */
export function ringTable(rings: readonly RingFigures[], view: View, width: number): Line[] {
  const longest = view.rings.reduce((most, { ring }) => Math.max(most, ring.length), 4)
  return tableLines(
    columns(Math.min(longest, LONGEST_NAME), view),
    rings,
    width,
    rings.find(({ ring }) => ring === view.selected),
  )
}

function columns(name: number, { rates }: View): readonly Column<RingFigures>[] {
  return [
    { head: 'RING', width: name, sheds: 0, text: ({ ring }) => ring },
    {
      head: 'STATE',
      width: 10,
      sheds: 6,
      text: ({ state }) => state,
      tone: ({ state }) => STATE_TONES[state],
    },
    { head: 'HZ', width: 6, right: true, sheds: 1, text: ({ rate }) => rateText(rate) },
    {
      head: 'DATA',
      width: 12,
      right: true,
      sheds: 5,
      text: ({ bytesPerSecond }) => throughputText(bytesPerSecond),
    },
    {
      head: 'DROPS',
      width: 7,
      right: true,
      sheds: 2,
      text: ({ dropped }) => countText(dropped),
      tone: ({ dropped }) => (dropped === null || dropped === 0 ? 'plain' : 'bad'),
    },
    {
      head: 'LOST',
      width: 7,
      right: true,
      sheds: 8,
      text: ({ sourceLost }) => countText(sourceLost),
      tone: ({ sourceLost }) => (sourceLost === null || sourceLost === 0 ? 'plain' : 'warn'),
    },
    {
      head: 'READERS',
      width: 7,
      right: true,
      sheds: 3,
      text: ({ readers }) => countText(readers?.length ?? null),
    },
    { head: 'AGE', width: 8, right: true, sheds: 4, text: ({ age }) => durationText(age) },
    {
      head: 'RATE SO FAR',
      width: 11,
      sheds: 7,
      text: ({ ring }, room) => sparkline(rates(ring), room),
      tone: () => 'graph',
    },
  ]
}
