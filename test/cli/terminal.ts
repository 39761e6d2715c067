import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'
import { type LinePeer, linePeer } from '../support/line-peer.ts'
import { PYTHON } from '../support/tools.ts'
import { CLI } from './framering.ts'

const SCRIPT = fileURLToPath(new URL('terminal.py', import.meta.url))

/** How a program in a terminal ended. */
export interface TerminalEnd {
  readonly code: number
  /** the terminal's settings are what they were before */
  readonly same: boolean
}

/** A terminal with `framering` in it, whose screen is read as somebody before it would. */
export class TestTerminal {
  readonly #peer: LinePeer
  readonly #screen: xterm.Terminal
  #end: TerminalEnd | undefined
  /** all that the terminal was sent */
  sent = ''

  constructor(peer: LinePeer, lines: number, columns: number) {
    this.#peer = peer
    this.#screen = new xterm.Terminal({
      cols: columns || 80,
      rows: lines || 24,
      allowProposedApi: true,
    })
  }

  /** The lines to be seen, without the spaces at their ends. */
  get lines(): readonly string[] {
    const { active } = this.#screen.buffer
    return Array.from(
      { length: this.#screen.rows },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? '',
    )
  }

  get text(): string {
    return this.lines.join('\n')
  }

  /** Whether a program has the screen for itself. */
  get full(): boolean {
    return this.#screen.buffer.active.type === 'alternate'
  }

  /** Waits until the lines are as they should be. Fails when the program ends before. */
  async until(asked: (lines: readonly string[]) => boolean, what: string): Promise<void> {
    while (!asked(this.lines)) {
      if (!(await this.#hear())) throw new Error(`it ended before ${what}:\n${this.text}`)
    }
  }

  /** Waits until a line matches. */
  async line(pattern: RegExp): Promise<void> {
    await this.until((lines) => lines.some((line) => pattern.test(line)), `it showed ${pattern}`)
  }

  /** Waits until no line matches any more. */
  async without(pattern: RegExp): Promise<void> {
    await this.until((lines) => !lines.some((line) => pattern.test(line)), `${pattern} was gone`)
  }

  /** Waits until the terminal was sent this. */
  async hears(text: string): Promise<void> {
    while (!this.sent.includes(text)) {
      if (!(await this.#hear())) throw new Error(`it ended before it sent ${text}:\n${this.sent}`)
    }
  }

  type(keys: string): void {
    this.#peer.say(JSON.stringify({ keys }))
  }

  resize(lines: number, columns: number): void {
    this.#screen.resize(columns, lines)
    this.#peer.say(JSON.stringify({ size: [lines, columns] }))
  }

  kill(signal: NodeJS.Signals): void {
    this.#peer.say(JSON.stringify({ signal: constants.signals[signal] }))
  }

  /** Takes the terminal away, as closing its window does. */
  close(): void {
    this.#peer.say(JSON.stringify({ close: true }))
  }

  async ended(): Promise<TerminalEnd> {
    while (this.#end === undefined) await this.#hear()
    return this.#end
  }

  /** Takes in the next piece of output; false when there is none any more. */
  async #hear(): Promise<boolean> {
    if (this.#end !== undefined) return false
    const said = JSON.parse(await this.#peer.line()) as { output: string } | TerminalEnd
    if (!('output' in said)) {
      this.#end = said
      return false
    }
    const bytes = Buffer.from(said.output, 'base64')
    this.sent += bytes.toString('latin1')
    await new Promise<void>((resolve) => {
      this.#screen.write(bytes, resolve)
    })
    return true
  }
}

/** `framering` with these arguments in a terminal of its own, killed at the end of the test. A size of 0 is unknown. */
export function inTestTerminal(
  args: readonly string[],
  { lines = 30, columns = 120, env = {} } = {},
): TestTerminal {
  const set = Object.entries({ TERM: 'xterm-256color', ...env }).map(
    ([name, is]) => `${name}=${is}`,
  )
  const command = ['/usr/bin/env', ...set, process.execPath, CLI, ...args]
  const peer = linePeer(PYTHON, '-B', SCRIPT, String(lines), String(columns), ...command)
  return new TestTerminal(peer, lines, columns)
}

/**
 * Runs `framering` in a terminal of 100 × 30, types `keys` when that was sent `until`, and gives all that it
 * was sent.
 */
export async function inTerminal(
  args: readonly string[],
  { until = '', keys = '', env = {} } = {},
): Promise<{ readonly code: number; readonly seen: string }> {
  const terminal = inTestTerminal(args, { lines: 30, columns: 100, env })
  if (keys !== '') {
    await terminal.hears(until)
    terminal.type(keys)
  }
  const { code } = await terminal.ended()
  return { code, seen: Buffer.from(terminal.sent, 'latin1').toString('utf8') }
}
