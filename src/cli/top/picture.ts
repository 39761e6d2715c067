import { bytesText, counted } from '../units.ts'
import { durationText } from '../watch/figures.ts'
import { type Column, EMPTY_LINE, type Line, tableLines, textLine } from './columns.ts'
import type { HeldSlot, RingFigures } from './figures.ts'
import { HELP } from './help.ts'
import { sortedReaders } from './order.ts'
import { readerTable } from './reader-table.ts'
import { ringTable } from './ring-table.ts'
import type { View } from './view.ts'

/**
 * The lines of the screen, `height` at the most: what there is no room for is left out, and said so where
 * that takes no room itself.
 */
export function picture(view: View, width: number, height: number): readonly Line[] {
  if (height < 1 || width < 1) return []
  const title = titleLine(view, width)
  if (view.help) return [title, ...HELP.map((text) => textLine(text, width))].slice(0, height)
  const ring = view.rings.find((one) => one.ring === view.selected)
  const details = ring === undefined ? [] : [EMPTY_LINE, ...detailLines(ring, view, width)]
  const room = height - 1
  // Half of the screen is the readers', if they need it.
  const wanted = 1 + view.rings.length
  const half = Math.max(2, Math.floor(room / 2))
  const forRings = Math.min(wanted, Math.max(half, room - details.length))
  const rings = ringTable(around(view, forRings - 1), view, width)
  if (view.rings.length === 0) rings.push(textLine('no rings yet', width, 'dim'))
  return [title, ...rings, ...shortened(details, room - rings.length, width)].slice(0, height)
}

/** As many rings as there is room for, the selected one among them. */
function around({ rings, selected }: View, room: number): readonly RingFigures[] {
  const at = Math.max(
    0,
    rings.findIndex(({ ring }) => ring === selected),
  )
  const first = Math.min(Math.max(0, at - Math.floor(room / 2)), Math.max(0, rings.length - room))
  return rings.slice(first, first + room)
}

function shortened(lines: readonly Line[], room: number, width: number): readonly Line[] {
  if (lines.length <= room) return lines
  if (room < 3) return lines.slice(0, Math.max(0, room))
  const left = lines.length - room + 1
  return [...lines.slice(0, room - 1), textLine(`… ${left} more lines`, width, 'dim')]
}

function titleLine({ rings, order, interval, paused }: View, width: number): Line {
  const state = paused ? 'paused' : `every ${interval} ms`
  return textLine(
    `framering top  ${counted(rings.length, 'ring')}  by ${order}  ${state}  ? help  q quit`,
    width,
    paused ? 'warn' : 'title',
  )
}

function detailLines(ring: RingFigures, view: View, width: number): Line[] {
  const { error, readers, writer, heldSlots } = ring
  if (error !== null) return [textLine(`${error.code}: ${error.message}`, width, 'warn')]
  const facts = [
    ring.ring,
    `${ring.slots ?? 0} slots, ${bytesText(ring.bytes ?? 0)}, ${bytesText(ring.lockedBytes ?? 0)} locked`,
    // At the end: some command lines are longer than any screen.
    ...(writer === null ? [] : [`writer ${writer.pid} (${writer.command})`]),
  ]
  const lines = [textLine(facts.join('  '), width, 'title')]
  if (readers === null) {
    const text = 'its readers cannot be seen: that takes the permission to read its control object'
    return [...lines, textLine(text, width, 'dim')]
  }
  if (readers.length === 0) return [...lines, textLine('no readers', width, 'dim')]
  lines.push(...readerTable(sortedReaders(readers, view.order), width))
  if (heldSlots !== null && heldSlots.length > 0) {
    lines.push(EMPTY_LINE, ...tableLines(HELD_COLUMNS, heldSlots, width))
  }
  return lines
}

const HELD_COLUMNS: readonly Column<HeldSlot>[] = [
  { head: 'SLOT', width: 4, right: true, sheds: 1, text: ({ slot }) => String(slot) },
  { head: 'FRAME', width: 10, right: true, sheds: 2, text: ({ sequence }) => String(sequence) },
  { head: 'HELD BY', width: 8, sheds: 0, text: ({ holders }) => holdersText(holders) },
]

function holdersText(holders: HeldSlot['holders']): string {
  return holders
    .map(({ pid, command, held }) => `${pid} for ${durationText(held)} (${command})`)
    .join(', ')
}
