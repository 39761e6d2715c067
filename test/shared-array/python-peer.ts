import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PYTHON = '/usr/bin/python3'

/** Whether there is a Python with NumPy to test with. Never missing where CI has installed them. */
export const hasNumpy = (() => {
  const found = spawnSync(PYTHON, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0
  if (!found && process.env['FRAMERING_TEST_REPORT'] !== undefined) {
    throw new Error('NumPy is missing here, and it must not be: apt-get install python3-numpy')
  }
  return found
})()

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
