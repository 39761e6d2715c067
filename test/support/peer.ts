import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { remains } from './ring-name.ts'

/** A message a peer process sends: its kind, and whatever goes with it. */
export interface PeerMessage {
  readonly kind: string
  readonly [figure: string]: unknown
}

/** ms for what an ended process said to arrive. */
const LAST_WORDS = 2000

/** Another process of the test, spoken to by messages so that nothing has to be waited for by time. */
export class Peer {
  readonly process: ChildProcess
  readonly stderr: string[] = []
  private readonly inbox: PeerMessage[] = []
  private readonly waiting = new Set<() => void>()
  /** It ended, and everything it said was heard. */
  private silent = false
  private exit: { code: number | null; signal: NodeJS.Signals | null } | undefined

  /** `under`: a shell script that narrows what the process has, and ends in `exec "$@"`. */
  constructor(
    script: URL,
    options: object,
    execArgv: string[] = [],
    env: NodeJS.ProcessEnv = {},
    under?: string,
  ) {
    this.process = fork(fileURLToPath(script), [JSON.stringify(options)], {
      ...(under === undefined
        ? { execArgv }
        : { execPath: 'sh', execArgv: ['-ec', under, 'sh', process.execPath, ...execArgv] }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => this.stderr.push(text))
    this.process.on('message', (message) => {
      this.inbox.push(message as PeerMessage)
      this.wake()
    })
    this.process.on('exit', (code, signal) => {
      this.exit = { code, signal }
      // What it said last may still be in the channel, which a child of its own may keep open.
      const drained = (): void => {
        this.silent = true
        clearTimeout(timer)
        this.wake()
      }
      const timer = setTimeout(drained, LAST_WORDS)
      if (this.process.connected) this.process.once('disconnect', drained)
      else drained()
    })
  }

  get pid(): number {
    return this.process.pid!
  }

  /** The next message of this kind; fails when the process ends without sending one. */
  async heard(kind: string): Promise<PeerMessage> {
    for (;;) {
      const at = this.inbox.findIndex((message) => message.kind === kind)
      if (at >= 0) return this.inbox.splice(at, 1)[0]!
      if (this.exit !== undefined && this.silent) {
        throw new Error(
          `the process ended (code ${this.exit.code}, signal ${this.exit.signal}) before it said '${kind}': ${this.stderr.join('')}`,
        )
      }
      await new Promise<void>((resolve) => this.waiting.add(resolve))
    }
  }

  say(kind: string, more: object = {}): void {
    this.process.send({ kind, ...more })
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.process.kill(signal)
  }

  /** How it ended. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (this.exit === undefined) await once(this.process, 'exit')
    return this.exit!
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }
}

/**
 * A new one that writes the ring `name`, killed at the end of the test if it has not ended by then. What
 * it leaves in that case is removed. A test that has it close must wait until it has: its readers know of
 * the end before the last of its files is gone.
 */
export function writingPeer(
  script: URL,
  options: { readonly name: string; readonly [option: string]: unknown },
): Peer {
  const made = new Peer(script, options)
  onTestFinished(async () => {
    made.kill()
    await made.ended()
    if (remains(options.name).length === 0) return
    createWriter(options.name, { dtype: 'uint8', shape: [1], slots: 2 }).close()
  })
  return made
}
