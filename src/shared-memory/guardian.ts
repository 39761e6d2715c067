import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { FrameringError } from '../errors/framering-error.ts'

// The package's root: this file is src/shared-memory/guardian.ts or dist/shared-memory/guardian.js.
const root = new URL('../../', import.meta.url)

/**
 * The process that outlives this one to remove what its journal says: native/guardian. It holds the
 * other end of a pipe that nobody ever writes to, and the kernel closes ours however this process ends.
 */
export class Guardian {
  readonly #journal: number
  #process: ChildProcess
  #dismissed = false

  /**
   * `journal`: a descriptor that stays open until the guardian is dismissed. Throws `UNSUPPORTED` (it is
   * not built), `SYSTEM` (no process can be made).
   */
  constructor(journal: number) {
    this.#journal = journal
    this.#process = this.#start()
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** Starts another one where somebody has killed it. Throws as the constructor does. */
  ensure(): void {
    if (this.#dismissed || !hasEnded(this.#process)) return
    this.#process = this.#start()
  }

  /** Lets it end: it removes what the journal says by then. */
  dismiss(): void {
    this.#dismissed = true
    this.#process.stdin!.destroy()
  }

  /** Resolves when it has ended, once it is dismissed. */
  async ended(): Promise<void> {
    if (hasEnded(this.#process)) return
    this.#process.ref()
    await once(this.#process, 'exit')
  }

  #start(): ChildProcess {
    const child = spawned(program(), this.#journal)
    child.on('exit', () => {
      this.#replace()
    })
    const pipe = child.stdin as Socket
    pipe.on('error', () => undefined)
    pipe.unref()
    child.unref()
    return child
  }

  /** One that was killed is replaced at once: what it stood for would be left by a crash from now on. */
  #replace(): void {
    // One that gives up by itself would do so again, and again.
    if (this.#process.signalCode === null) return
    try {
      this.ensure()
    } catch {
      // Nobody called who could be told. The next creation tries again, and tells its caller.
    }
  }
}

function spawned(path: string, journal: number): ChildProcess {
  try {
    const child = spawn(path, [String(process.pid)], {
      stdio: ['pipe', 'ignore', 'ignore', journal],
      // Out of reach of the terminal and the shell, of file systems that are to be unmounted, and of
      // LD_PRELOAD.
      detached: true,
      cwd: '/',
      env: {},
    })
    // The missing pid says it at once; unheard, the event would end this process.
    child.on('error', () => undefined)
    if (child.pid !== undefined) return child
    child.stdin?.destroy()
  } catch (cause) {
    throw notStarted(path, cause)
  }
  throw notStarted(path)
}

function notStarted(path: string, cause?: unknown): FrameringError {
  return new FrameringError(
    'SYSTEM',
    `cannot start ${path}: is it executable, and may this user have more processes (ulimit -u)?`,
    { cause },
  )
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function program(): string {
  const paths = ['native/build', `prebuilds/linux-${process.arch}`].map((folder) =>
    fileURLToPath(new URL(`${folder}/framering-guardian`, root)),
  )
  const path = paths.find((candidate) => existsSync(candidate))
  if (path !== undefined) return path
  throw new FrameringError(
    'UNSUPPORTED',
    'The program that frees memory after a crash, framering-guardian, is not built yet. ' +
      `Type: node ${fileURLToPath(new URL('native/build.mjs', root))}`,
  )
}
