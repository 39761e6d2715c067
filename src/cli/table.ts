import { stripVTControlCharacters } from 'node:util'

/** between columns */
const GAP = 2
/** what a text is cut to at the least */
const LEAST = 8

/** A column: how it is headed, and whether it is aligned at the right, as numbers are. */
export interface Column {
  readonly head: string
  readonly right?: true
}

/**
 * Lines of a table: aligned columns two spaces apart below their heads, without rules.
 *
 * ```ts
 * table([{ head: 'RING' }, { head: 'SIZE', right: true }], [['front', '50.5 MiB']])
 * // ['RING       SIZE', 'front  50.5 MiB']
 * ```
 *
 * Cells may carry styles. What came from a ring goes through `printable` first.
 *
 * `room`: characters of a line. Where that is less, texts are cut, the longest first, and then columns left
 * out, the last first: numbers are never cut, as what is left would be taken for another one.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  room = Infinity,
): string[] {
  const lines = [columns.map(({ head }) => head), ...rows]
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => width(cells[i] ?? ''))))
  const over = shorten(columns, widths, widths.reduce((sum, one) => sum + one + GAP, -GAP) - room)
  if (over > 0 && columns.length > 1) return table(columns.slice(0, -1), rows, room)
  return lines.map((cells) =>
    columns
      .map(({ right }, i) => {
        const cell = cut(cells[i] ?? '', widths[i]!)
        const space = ' '.repeat(widths[i]! - width(cell))
        return right ? space + cell : cell + space
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** Takes `over` characters from the widths of texts, and gives how many are too many still. */
function shorten(columns: readonly Column[], widths: number[], over: number): number {
  let left = over
  const texts = columns.flatMap(({ right }, i) => (right ? [] : [i]))
  for (const i of texts.sort((a, b) => widths[b]! - widths[a]!)) {
    const spare = Math.max(0, widths[i]! - Math.max(LEAST, columns[i]!.head.length))
    const taken = Math.min(spare, Math.max(0, left))
    widths[i]! -= taken
    left -= taken
  }
  return left
}

function cut(cell: string, room: number): string {
  return width(cell) <= room ? cell : `${stripVTControlCharacters(cell).slice(0, room - 1)}…`
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}
