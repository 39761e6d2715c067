import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { atExit } from '../process/index.ts'

const TAIL = 4096 // characters of stderr kept
const POLITE = 1000 // ms between asking a process to end and killing it

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** the process could not be started */
  readonly error: NodeJS.ErrnoException | undefined
}

/** A child process that is gone, and reaped, when `ended` resolves. Its stderr must be a pipe. */
export class ChildRun {
  readonly #child: ChildProcess
  #tail = ''
  /** never rejects */
  readonly ended: Promise<ChildEnd>

  /**
   * `atEnd`: what becomes of it when this process exits. It `'dies'`, or it sees the end of its
   * input and `'finishes'` by itself; Ctrl-C in the terminal does not reach it then, only us.
   */
  constructor(
    file: string,
    args: readonly string[],
    stdio: StdioOptions,
    atEnd: 'dies' | 'finishes' = 'dies',
  ) {
    const finishes = atEnd === 'finishes'
    const child = spawn(file, args, { stdio, detached: finishes })
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL)
    })
    const unhook = finishes ? () => undefined : atExit(() => child.kill('SIGKILL'))
    this.ended = new Promise<ChildEnd>((resolve) => {
      let error: NodeJS.ErrnoException | undefined
      child.on('error', (reason) => {
        error = reason
        if (child.pid === undefined) resolve({ code: null, signal: null, error })
      })
      child.once('close', (code, signal) => {
        resolve({ code, signal, error })
      })
    }).finally(unhook)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get stdin(): Writable | null {
    return this.#child.stdin
  }

  get stdout(): Readable | null {
    return this.#child.stdout
  }

  /** The last lines it wrote to stderr. */
  lastLines(count = 6): string {
    return this.#tail.trim().split('\n').slice(-count).join('\n')
  }

  /** Asks the process to end, kills it when it takes more than a second, and waits for its end. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const last = setTimeout(() => this.#child.kill('SIGKILL'), POLITE)
    try {
      await this.ended
    } finally {
      clearTimeout(last)
    }
  }
}
