import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { FrameringError } from '../errors/framering-error.ts'
import { loadNative } from '../native/index.ts'
import { complaintOf } from './complaint.ts'
import { ExitCode } from './exit-code.ts'
import type { Format, Io } from './io.ts'
import { printable, printableJson } from '../inspect/printable.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** ms within which a second signal is no second thought: a shell's and a supervisor's, or a key held down. */
const SECOND_THOUGHT = 500
const USUAL_COLUMNS = 80
/** What writing to something that nobody reads any more comes to: a pipe, a socket, a closed terminal. */
const HANG_UPS = ['EPIPE', 'ECONNRESET', 'EIO']
/** bytes; Linux takes no more than 2 GiB */
const WRITTEN_AT_ONCE = 2 ** 30

/** This process's streams and signals. One a process: it listens to them until the end. */
export class ProcessIo implements Io {
  exitCode: ExitCode = ExitCode.done
  readonly #end = new AbortController()
  // commander's own word on NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and the terminal
  readonly #color = new Command().configureOutput().getOutHasColors?.() ?? false
  readonly #terminals = [0, 1, 2].filter((fd) => isatty(fd))
  #written = Promise.resolve()
  #toFile = false
  readonly #argv: readonly string[]
  /** ms of `performance.now()`: the first signal */
  #asked: number | undefined
  readonly #heed = (): void => {
    const time = performance.now()
    this.#asked ??= time
    this.#end.abort()
    // Not by the signal itself: whoever has rings or children to see to does so at the exit.
    if (time - this.#asked >= SECOND_THOUGHT) process.exit(ExitCode.failed)
  }
  #failure: FrameringError | undefined

  /** `argv`: the command line without the program's own name */
  constructor(argv: readonly string[]) {
    this.#argv = argv
    for (const signal of SIGNALS) process.on(signal, this.#heed)
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#outputFailed(error)
    })
    process.stderr.on('error', () => undefined)
    this.#watchOutput()
  }

  /** Resolves when all that was written is out, or cannot be. */
  get written(): Promise<void> {
    return this.#written
  }

  /** Why stdout took no more, if it was for anything but that nobody reads it. */
  get failure(): FrameringError | undefined {
    return this.#failure
  }

  /** Whether one of the streams was a terminal that is gone. */
  get hungUp(): boolean {
    return this.#terminals.some((fd) => !isatty(fd))
  }

  /** Ends this process as a hang-up ends any other. */
  dieOfHangUp(): void {
    process.off('SIGHUP', this.#heed)
    process.kill(process.pid, 'SIGHUP')
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  get columns(): number {
    // A terminal that does not know says 0.
    return (process.stdout.isTTY && process.stdout.columns) || USUAL_COLUMNS
  }

  get isTTY(): boolean {
    return process.stdout.isTTY
  }

  get terminal(): Io['terminal'] {
    return { input: process.stdin, output: process.stdout }
  }

  line(text: string): Promise<void> {
    return this.#write(`${text}\n`)
  }

  json(value: object): Promise<void> {
    return this.#write(`${printableJson(value)}\n`)
  }

  summary(value: object): Promise<void> {
    // A pipe with room has it before this returns; nothing waits for one that is full.
    if (this.signal.aborted && process.stdout.writable && process.stdout.writableLength === 0) {
      process.stdout.write(`${printableJson(value)}\n`)
    }
    return this.json(value)
  }

  bytes(chunk: Uint8Array): Promise<void> {
    return this.#write(chunk)
  }

  note(text: string): void {
    process.stderr.write(`${printable(text)}\n`)
  }

  fail(error: unknown): void {
    const complaint = complaintOf(error, this.#argv)
    process.stderr.write(`${complaint.line}\n`)
    if (this.exitCode === ExitCode.done) this.exitCode = complaint.exitCode
  }

  style(format: Format, text: string): string {
    // What Node would make of stdout is not asked: the flags of the environment have been heard above.
    return this.#color ? styleText(format, text, { validateStream: false }) : text
  }

  #outputFailed(error: NodeJS.ErrnoException): void {
    if (!HANG_UPS.includes(error.code ?? '')) {
      this.#failure ??= new FrameringError(
        'SYSTEM',
        `cannot write the output: ${error.message}; make room there, or send it elsewhere`,
        { cause: error },
      )
    }
    this.#end.abort()
  }

  /** A command that has nothing to write for a while would not learn that nobody reads. */
  #watchOutput(): void {
    const onHangUp = (): void => {
      this.#end.abort()
    }
    try {
      const output = fstatSync(process.stdout.fd)
      this.#toFile = output.isFile()
      if (output.isFIFO() || output.isSocket()) {
        loadNative().watchHangUp({ fd: process.stdout.fd, onHangUp })
      }
    } catch {
      // Then the next write tells.
    }
  }

  #write(chunk: string | Uint8Array): Promise<void> {
    const { signal } = this
    if (signal.aborted) return Promise.resolve()
    if (this.#toFile) {
      this.#writeFile(chunk)
      return Promise.resolve()
    }
    this.#written = new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      // Also after a failure, which the listener for 'error' hears of and ends the command.
      process.stdout.write(chunk, done)
    })
    return this.#written
  }

  /** All of it: Node's own stream for files writes once, and does not mind how much of it a full disk took. */
  #writeFile(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    try {
      for (let at = 0; at < bytes.length;) {
        at += writeSync(process.stdout.fd, bytes, at, Math.min(bytes.length - at, WRITTEN_AT_ONCE))
      }
    } catch (error) {
      this.#outputFailed(error as NodeJS.ErrnoException)
    }
  }
}
