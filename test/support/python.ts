import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'

/** Debian's: the one that has python3-numpy. */
const PYTHON = '/usr/bin/python3'

/** A script of test/python as a process of its own, and the lines it prints. */
export class Python {
  readonly stderr: string[] = []
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>

  constructor(script: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
    this.#child = spawn(PYTHON, ['-B', path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.stderr.push(text))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        resolve(code ?? signal)
      })
    })
  }

  /** The next line it prints; fails with what it said on stderr when it ends instead. */
  async line(): Promise<string> {
    const next = await this.#lines.next()
    if (next.done) throw new Error(`python ended: ${this.stderr.join('')}`)
    return next.value
  }

  /** Closes its standard input. */
  finish(): void {
    this.#child.stdin.end()
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal)
  }
}

/** A new one, gone at the end of the test. */
export function python(script: string, ...args: string[]): Python {
  const made = new Python(script, ...args)
  onTestFinished(async () => {
    made.kill()
    await made.ended
  })
  return made
}
