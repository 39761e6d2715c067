import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const root = join(import.meta.dirname, '../..')

/** A script of the project that runs as a process of its own, and what it prints. */
export class Program {
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #watchers = new Set<() => void>()
  /** exit code, or the signal that ended it */
  readonly ended: Promise<number | NodeJS.Signals | null>

  constructor(script: string, ...args: string[]) {
    const command = [join(root, script), ...args]
    this.#child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: this.#child[stream] }).on('line', (line) => {
        this[stream].push(line)
        for (const watcher of this.#watchers) watcher()
      })
    }
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        resolve(code ?? signal)
      })
    })
    running.add(this)
    void this.ended.then(() => running.delete(this))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The first line on stdout that `look` finds something in, printed or yet to come. */
  line<T>(look: (line: string) => T | undefined): Promise<T> {
    let seen = 0
    return new Promise((resolve, reject) => {
      const watcher = (): void => {
        while (seen < this.stdout.length) {
          const found = look(this.stdout[seen++] ?? '')
          if (found === undefined) continue
          this.#watchers.delete(watcher)
          resolve(found)
          return
        }
      }
      this.#watchers.add(watcher)
      watcher()
      void this.ended.then(() => {
        reject(new Error(`not said:\n${[...this.stdout, ...this.stderr].join('\n')}`))
      })
    })
  }

  /** The last line on stdout, once it has ended. */
  async result(): Promise<unknown> {
    await this.ended
    return JSON.parse(this.stdout.at(-1) ?? '')
  }
}

const running = new Set<Program>()

/** For `afterEach`: ends what a test left running, cleanly, as a killed writer would leave its ring. */
export async function endAll(): Promise<void> {
  const left = [...running]
  for (const program of left) program.kill('SIGTERM')
  await Promise.all(left.map((program) => program.ended))
}

export function startWriter(ring: string, ...args: string[]): Program {
  const fixed = ['--ring', ring, '--source', 'pattern', '--json']
  return new Program('build/examples/writer/main.js', ...fixed, ...args)
}

export function startReader(ring: string, ...args: string[]): Program {
  return new Program('build/examples/reader/main.js', '--ring', ring, '--json', ...args)
}

/** For `beforeAll`: compiles the examples if they are not. */
export async function compileExamples(): Promise<void> {
  const compiler = new Program('examples/build.mjs')
  if ((await compiler.ended) !== 0) throw new Error(compiler.stderr.join('\n'))
}
