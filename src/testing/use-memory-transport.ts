import { FrameringError } from '../errors/framering-error.ts'
import type { ErrorCode } from '../errors/framering-error.ts'
import { replaceTransport } from '../transport/index.ts'
import type { FailingCall } from './heap-transport.ts'
import { HeapTransport } from './heap-transport.ts'
import { RingNames } from './ring-names.ts'
import { VirtualClock } from './virtual-clock.ts'

const DEFAULT_DIRECTORY = '/dev/shm'

let inUse = false

/**
 * Rings in the memory of this thread and time that passes when the test says so, until disposed of.
 *
 * ```ts
 * using memory = useMemoryTransport()
 * const writer = createWriter('front', { dtype: 'uint8', shape: [2] })
 * const seen: number[] = []
 * frames('front', { maxFps: 10 }).subscribe((frame) => seen.push(frame.sequence))
 * for (let i = 0; i < 10; i++) {
 *   writer.write(Uint8Array.of(i, i))
 *   memory.advance(50)
 * }
 * expect(seen).toEqual([1, 3, 5, 7, 9])
 * ```
 *
 * `createWriter`, `openReader`, `frames` and all that stands on them work as on shared memory: the same
 * deliveries, gaps, leases and errors. `now()` begins at `start` ms, 0 unless said.
 *
 * Throws `OPTION_INVALID` while another one is in use in this thread, and for a negative `start`.
 */
export function useMemoryTransport(options: { readonly start?: number } = {}): MemoryTransport {
  const { start = 0 } = options
  if (!(start >= 0 && start <= 9e12)) {
    throw new FrameringError('OPTION_INVALID', `start is ${start}; give milliseconds, 0 or more`)
  }
  if (inUse) {
    throw new FrameringError(
      'OPTION_INVALID',
      'a memory transport is in use already; dispose of it first, or declare it with `using`',
    )
  }
  return MemoryTransport.make(start)
}

/** What a test does with rings kept in memory. Made by `useMemoryTransport`. */
export class MemoryTransport implements Disposable {
  readonly #clock: VirtualClock
  readonly #names: RingNames
  readonly #transport: HeapTransport
  readonly #putBack: () => void
  #disposed = false

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(start: number) {
    this.#clock = new VirtualClock(start)
    this.#names = new RingNames(this.#clock)
    this.#transport = new HeapTransport(this.#clock, this.#names)
    this.#putBack = replaceTransport(this.#transport)
    inUse = true
  }

  /** @internal */
  static make(start: number): MemoryTransport {
    return new MemoryTransport(start)
  }

  /** ms, the same as `now()` */
  get now(): number {
    return this.#clock.now
  }

  /**
   * Lets `ms` pass. Everything due meanwhile happens in order, on the spot: frames reach their
   * subscribers, timers of `maxFps`, `deadline`, `wait` and time-outs ring. What awaits a promise runs
   * when the test awaits one itself: see `advanceAsync`.
   */
  advance(ms: number): void {
    this.#clock.advance(duration(ms))
  }

  /** As `advance`, but code that awaits promises (`next()`, `for await`, `leaseMap`) keeps up with it. */
  async advanceAsync(ms: number): Promise<void> {
    await this.#clock.advanceAsync(duration(ms))
  }

  /** Calls `run` when `ms` have passed, unless disposed of before: what others do meanwhile. */
  after(ms: number, run: () => void): Disposable {
    return this.#clock.alarm(duration(ms), run)
  }

  /**
   * Kills the writer of a ring as SIGKILL would: what it published is still delivered, then its readers
   * get `WRITER_DIED`, or wait for the next one with `reconnect`. The writer's own calls throw `CLOSED`.
   *
   * Throws `NOT_FOUND` when no writer has the name.
   */
  kill(name: string, directory = DEFAULT_DIRECTORY): void {
    const writer = this.#names.writer(directory, name)
    if (writer === undefined) {
      throw new FrameringError('NOT_FOUND', `there is no writer of ring '${name}' to kill`)
    }
    writer.kill()
  }

  /**
   * Makes the next `createWriter`, or the next attachment of a reader, that would succeed fail: for what
   * only a machine brings about, such as `SHM_FULL`, `MEMLOCK`, `PERMISSION` and `LAYOUT_VERSION`.
   */
  fail(call: FailingCall, code: ErrorCode, message = `${code}, as the test wanted it`): void {
    this.#transport.fail(call, new FrameringError(code, message))
  }

  /** Ends every ring, forgets what was still to happen, and puts shared memory back. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#putBack()
    this.#names.clear()
    this.#clock.clear()
    inUse = false
  }
}

function duration(ms: number): number {
  if (typeof ms === 'number' && ms >= 0 && ms <= 9e12) return ms
  throw new FrameringError('OPTION_INVALID', `${ms} is no time to pass; give milliseconds from 0`)
}
