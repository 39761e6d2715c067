// The processes of a row. Each says lines of JSON on its standard output; the last one is its result.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Seconds after which a process hangs that was to sample for so many: it starts and ends as well. */
export const patience = (seconds) => 3 * seconds + 30

const parts = new Set()
// A row that fails must not leave a process that spins on a core beside the rows after it.
process.on('exit', () => {
  for (const part of parts) part.child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1))
}

/**
 * One process of a row.
 *
 * ```js
 * const reader = new Part('reader', [process.execPath, script, ...], { cpu: 1 })
 * await reader.ready          // its first line, e.g. {"ready":true}
 * const { samples } = await reader.result
 * ```
 *
 * `result` rejects with what it printed on standard error when it exits otherwise than with 0 or
 * without a line. `cpu`: the processor it is bound to.
 */
export class Part {
  #lines = []
  #error = ''

  constructor(name, command, { cpu, seconds = 120 } = {}) {
    this.name = name
    const [program, ...args] = cpu === undefined ? command : ['taskset', '-c', `${cpu}`, ...command]
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    parts.add(this)
    const late = setTimeout(() => {
      this.#error += `not done after ${seconds} s`
      this.child.kill('SIGKILL')
    }, seconds * 1000)
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.#error += text))
    this.child.stdin.on('error', () => {}) // it ended first: its exit tells why
    let introduce
    let fail
    this.ready = new Promise((resolve, reject) => ([introduce, fail] = [resolve, reject]))
    this.ready.catch(() => {})
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (this.#lines.push(line) === 1) introduce(line)
    })
    this.result = new Promise((resolve, reject) => {
      const end = (problem) => {
        clearTimeout(late)
        parts.delete(this)
        fail(problem ?? new Error(`${name} said nothing`))
        if (problem) reject(problem)
        else resolve(JSON.parse(this.#lines.at(-1)))
      }
      this.child.on('error', (error) => end(new Error(`${name}: ${error.message}`)))
      this.child.on('close', (code, signal) => {
        if (code === 0 && this.#lines.length > 0) end()
        else end(new Error(`${name} ended with ${signal ?? code}: ${this.#error.trim()}`))
      })
    })
    this.result.catch(() => {})
  }

  /** One line on its standard input. */
  say(line) {
    this.child.stdin.write(`${line}\n`)
  }
}
