import { stripVTControlCharacters } from 'node:util'

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
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ head }) => head), ...rows]
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => width(cells[i] ?? ''))))
  return lines.map((cells) =>
    columns
      .map(({ right }, i) => {
        const cell = cells[i] ?? ''
        const space = ' '.repeat(widths[i]! - width(cell))
        return right ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}
