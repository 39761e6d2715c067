import type { ReadStream, WriteStream } from 'node:tty'

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J' // the other screen, no cursor, clean
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l'

/**
 * The whole terminal for a while, as it was afterwards: on `Symbol.dispose`, and at the end of the
 * process whatever ends it but SIGKILL.
 */
export class Terminal implements Disposable {
  readonly #input: ReadStream
  readonly #output: WriteStream
  readonly #restore = (): void => {
    this.#output.write(LEAVE)
    if (this.#input.isTTY) this.#input.setRawMode(false)
  }
  readonly #key: (data: Buffer) => void
  readonly #resized: () => void

  constructor(
    input: ReadStream,
    output: WriteStream,
    heard: { key(key: string): void; resized(): void },
  ) {
    this.#input = input
    this.#output = output
    this.#key = (data) => {
      for (const key of data.toString()) heard.key(key)
    }
    this.#resized = () => {
      heard.resized()
    }
    output.write(ENTER)
    if (input.isTTY) input.setRawMode(true)
    input.on('data', this.#key).resume()
    output.on('resize', this.#resized)
    process.once('exit', this.#restore)
  }

  get columns(): number {
    return this.#output.columns
  }

  get lines(): number {
    return this.#output.rows
  }

  clear(): void {
    this.#output.write('\x1b[0m\x1b[2J')
  }

  /** Lines from the top; resolves when the terminal has taken them, so that a slow one skips frames. */
  async show(lines: readonly string[]): Promise<void> {
    const text = lines.map((line, i) => `\x1b[${i + 1};1H${line}\x1b[0m\x1b[K`).join('')
    // In one piece (mode 2026, which terminals that do not know it ignore).
    const whole = `\x1b[?2026h${text}\x1b[?2026l`
    await new Promise<void>((resolve) => {
      this.#output.write(whole, () => {
        resolve()
      })
    })
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#restore)
    this.#output.off('resize', this.#resized)
    this.#input.off('data', this.#key).pause()
    this.#restore()
  }
}
