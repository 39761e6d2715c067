import { stripVTControlCharacters } from 'node:util'
import type { Io } from '../io.ts'

/**
 * Lines that take the place of those shown before on a terminal, and follow them with an empty line
 * between elsewhere.
 *
 * ```ts
 * const screen = new Screen(io)
 * await screen.show(table(columns, rows, screen.room))
 * ```
 */
export class Screen {
  readonly #io: Io
  #shown = 0
  #any = false

  constructor(io: Io) {
    this.#io = io
  }

  /** characters of a line */
  get room(): number {
    return this.#io.isTTY ? this.#io.columns : Infinity
  }

  async show(lines: readonly string[]): Promise<void> {
    const { isTTY } = this.#io
    // Up to the first line, and clean from there: CUU and ED of ECMA-48.
    const back = isTTY && this.#shown > 0 ? `\x1b[${this.#shown}A\x1b[0J` : ''
    if (!isTTY && this.#any) await this.#io.line('')
    const fitting = isTTY ? this.#fitting(lines) : lines
    await this.#io.line(back + fitting.join('\n'))
    this.#shown = fitting.length
    this.#any = true
  }

  /** What is wrapped or scrolled away would not be cleared. */
  #fitting(lines: readonly string[]): readonly string[] {
    // 0 is what a terminal says that does not know.
    const rows = this.#io.terminal.output.rows || Infinity
    const room = Math.max(1, rows - 1)
    const [shown, more] =
      lines.length <= room || room < 3
        ? [lines.slice(0, room), []]
        : [lines.slice(0, room - 1), [`… ${lines.length - room + 1} more lines`]]
    return [...shown, ...more].map((line) => {
      const plain = stripVTControlCharacters(line)
      return plain.length <= this.room ? line : `${plain.slice(0, this.room - 1)}…`
    })
  }
}
