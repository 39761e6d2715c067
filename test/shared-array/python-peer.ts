import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PYTHON = '/usr/bin/python3'

/** Another process, of Python, that does one order a line and answers with a line. */
export class PythonPeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string>

  /** `script`: of test/python. Ends with the test. */
  constructor(script: string) {
    const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
    this.#process = spawn(PYTHON, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
    onTestFinished(async () => {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
      const gone = once(this.#process, 'exit')
      this.#process.stdin.end()
      await gone
    })
  }

  async does(order: string, words: object = {}): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify({ order, ...words })}\n`)
    const line = await this.#answers.next()
    if (line.done === true) throw new Error(`python ended before it answered '${order}'`)
    const { value, error } = JSON.parse(line.value) as { value?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return value
  }
}
