/** How a text is meant; what that looks like the screen decides. */
export type Tone = 'plain' | 'head' | 'title' | 'dim' | 'bad' | 'warn' | 'good' | 'graph'

/** A text at its place in a line. */
export interface Cell {
  readonly x: number
  /** columns of the terminal that it may take */
  readonly width: number
  readonly text: string
  readonly tone: Tone
}

/** One line of the screen. */
export interface Line {
  readonly cells: readonly Cell[]
  readonly selected: boolean
}

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly head: string
  /** of its widest text; the last column takes what is left */
  readonly width: number
  /** digits stand below each other */
  readonly right?: true
  /** columns with the highest go first where there is no room for all */
  readonly sheds: number
  readonly text: (row: Row, width: number) => string
  readonly tone?: (row: Row) => Tone
}

const GAP = 2

/** A table's lines, the head first. `selected`: the row that is. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  selected?: Row,
): Line[] {
  const kept = fitting(columns, width)
  const line = (cell: (column: Column<Row>, width: number) => [string, Tone], row?: Row): Line => {
    let x = 0
    const cells = kept.map((column, i) => {
      const room = i === kept.length - 1 && !column.right ? width - x : column.width
      const [text, tone] = cell(column, room)
      const placed = { x, width: room, text: column.right ? text.padStart(room) : text, tone }
      x += room + GAP
      return placed
    })
    return { cells, selected: row !== undefined && row === selected }
  }
  return [
    line(({ head }) => [head, 'head']),
    ...rows.map((row) =>
      line((column, room) => [column.text(row, room), column.tone?.(row) ?? 'plain'], row),
    ),
  ]
}

function fitting<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  const needed = columns.reduce((sum, column) => sum + column.width + GAP, -GAP)
  if (needed <= width || columns.length === 1) return columns
  const first = columns.reduce((a, b) => (b.sheds > a.sheds ? b : a))
  return fitting(
    columns.filter((column) => column !== first),
    width,
  )
}

/** A line of one text. */
export function textLine(text: string, width: number, tone: Tone = 'plain'): Line {
  return { cells: [{ x: 0, width, text, tone }], selected: false }
}

export const EMPTY_LINE: Line = { cells: [], selected: false }
