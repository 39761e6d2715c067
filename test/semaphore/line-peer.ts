import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** Another process that is told one thing a line and answers with one line each. */
export class LinePeer {
  readonly process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  #stderr = ''

  constructor(command: string, args: string[]) {
    this.process = spawn(command, args)
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.#answers = createInterface(this.process.stdout)[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.process.pid!
  }

  say(order: string): void {
    this.process.stdin.write(`${order}\n`)
  }

  async answer(): Promise<string> {
    const next = await this.#answers.next()
    if (next.done) throw new Error(`it ended without an answer: ${this.#stderr}`)
    return next.value
  }

  async does(order: string): Promise<string> {
    this.say(order)
    return this.answer()
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await ended
  }
}

function started(command: string, args: string[] = []): LinePeer {
  const made = new LinePeer(command, args)
  onTestFinished(() => made.kill())
  return made
}

/** One by CPython's `_multiprocessing.SemLock`; killed at the end of the test. */
export function python(): LinePeer {
  const script = new URL('../python/semaphores.py', import.meta.url)
  return started('/usr/bin/python3', [fileURLToPath(script)])
}

/** One by glibc's own `sem_open`; killed at the end of the test. */
export function glibc(): LinePeer {
  return started(compiled('semaphores.c'))
}

const programs = new Map<string, string>()

/** The path of a program of test/semaphore/processes, compiled. */
export function compiled(source: string): string {
  const made = programs.get(source)
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), 'framering-semaphore-'))
  process.on('exit', () => {
    rmSync(folder, { recursive: true })
  })
  const program = join(folder, 'program')
  const path = fileURLToPath(new URL(`processes/${source}`, import.meta.url))
  const said = spawnSync('cc', ['-O1', '-Wall', '-o', program, path, '-pthread'], {
    encoding: 'utf8',
  })
  if (said.status !== 0) throw said.error ?? new Error(said.stderr)
  programs.set(source, program)
  return program
}
