import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { PYTHON } from './tools.ts'

/** Another program, spoken to and heard by lines, so that nothing has to be waited for by time. */
export class LinePeer {
  readonly process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #stderr = ''

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args)
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.#lines = createInterface(this.process.stdout)[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.process.pid!
  }

  /** what it has complained of so far */
  get stderr(): string {
    return this.#stderr
  }

  say(line: string): void {
    this.process.stdin.write(`${line}\n`)
  }

  /** The next line it prints; fails with what it complained of when it ends instead. */
  async line(): Promise<string> {
    const next = await this.#lines.next()
    if (next.done) throw new Error(`it ended without a word more: ${this.#stderr}`)
    return next.value
  }

  async does(line: string): Promise<string> {
    this.say(line)
    return this.line()
  }

  /** Lets its standard input end, and waits until it has: exit code, or the signal that ended it. */
  async finish(): Promise<number | NodeJS.Signals | null> {
    this.process.stdin.end()
    return this.ended()
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.ended()
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    const { process } = this
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
    return process.exitCode ?? process.signalCode
  }
}

/** A new one, killed at the end of the test if it has not ended by then. */
export function linePeer(command: string, ...args: string[]): LinePeer {
  const made = new LinePeer(command, args)
  onTestFinished(() => made.kill())
  return made
}

/** A script of test/python. */
export function python(script: string, ...args: string[]): LinePeer {
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
  return linePeer(PYTHON, '-B', path, ...args)
}

/** What a script of test/python does to an order, both of them JSON; rejects with its `error`. */
export async function answered(peer: LinePeer, order: object): Promise<unknown> {
  const { value, error } = JSON.parse(await peer.does(JSON.stringify(order))) as {
    value?: unknown
    error?: string
  }
  if (error !== undefined) throw new Error(error)
  return value
}
