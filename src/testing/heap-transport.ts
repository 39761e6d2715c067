import { FrameringError } from '../errors/framering-error.ts'
import type {
  NativeReader,
  NativeReaderOptions,
  NativeStale,
  NativeWriter,
  NativeWriterOptions,
} from '../native/index.ts'
import type { Transport } from '../transport/index.ts'
import { checkRingName, checkWriterOptions } from './checks.ts'
import { geometryOf } from './geometry.ts'
import { MemoryReader } from './memory-reader.ts'
import { MemoryWriter } from './memory-writer.ts'
import type { RingNames } from './ring-names.ts'
import { statusName } from './status.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The calls that can be made to fail. */
export type FailingCall = 'createWriter' | 'openReader'

/** Rings on the heap of this thread, and a clock of its own. */
export class HeapTransport implements Transport {
  /** A buffer is a copy, and goes with what it is moved into. */
  readonly buffersMove = false
  /** Blocking is letting time pass, which can be any amount of it at once. */
  readonly longestWait = Infinity
  readonly #clock: VirtualClock
  readonly #names: RingNames
  readonly #failures: { call: FailingCall; error: Error }[] = []

  constructor(clock: VirtualClock, names: RingNames) {
    this.#clock = clock
    this.#names = names
  }

  /** The next such call that would succeed throws `error` instead. */
  fail(call: FailingCall, error: Error): void {
    this.#failures.push({ call, error })
  }

  createWriter(options: NativeWriterOptions): NativeWriter {
    const { directory, name } = options
    checkRingName(name)
    const geometry = checkWriterOptions(options)
    return this.#names.take(directory, name, (hold) => {
      this.#failIfAsked('createWriter')
      return new MemoryWriter(options, geometry, hold, this.#clock)
    })
  }

  openReader(options: NativeReaderOptions): NativeReader {
    const { directory, name } = options
    checkRingName(name)
    const ring = this.#names.ring(directory, name)
    if (ring === undefined || ring.id === options.notGeneration) {
      throw notFound(`there is no ring '${name}' in ${directory}: start its writer first`)
    }
    if (!ring.writerAlive) {
      throw notFound(`ring '${name}' in ${directory} is what a dead writer left: start the writer`)
    }
    this.#failIfAsked('openReader')
    return new MemoryReader(name, ring, options, this.#clock)
  }

  detach(buffer: ArrayBuffer): void {
    if (buffer.byteLength > 0) structuredClone(buffer, { transfer: [buffer] })
  }

  /** None: they are ordinary ones, which nobody has to give back. */
  pendingBuffers(): number {
    return 0
  }

  now(): number {
    return this.#clock.now
  }

  /** All clocks show the same here. */
  clockOffset(): number {
    return 0
  }

  clean(directory: string, ring: string, dryRun: boolean): NativeStale[] {
    return this.#names.clean(directory, ring, dryRun)
  }

  ringBytes(slotBytes: number, slotCount: number, maxReaders: number): number {
    return geometryOf(slotBytes, slotCount, maxReaders)?.totalBytes ?? 0
  }

  statusName(status: number): string {
    return statusName(status)
  }

  hasRing(directory: string, name: string): boolean {
    return this.#names.ring(directory, name) !== undefined
  }

  watchName(directory: string, name: string, onChange: () => void): Disposable {
    return this.#names.watch(directory, name, onChange)
  }

  awaitName(directory: string, name: string, ms: number): void {
    const before = this.#names.ring(directory, name)
    this.#clock.block(ms, () => {
      const ring = this.#names.ring(directory, name)
      return ring !== undefined && ring !== before
    })
  }

  sleep(ms: number): void {
    this.#clock.block(ms, () => false)
  }

  alarm(ms: number, ring: () => void): Disposable {
    return this.#clock.alarm(ms, ring)
  }

  nextTurn(run: () => void): Disposable {
    return this.#clock.nextTurn(run)
  }

  #failIfAsked(call: FailingCall): void {
    const index = this.#failures.findIndex((failure) => failure.call === call)
    if (index >= 0) throw this.#failures.splice(index, 1)[0]!.error
  }
}

function notFound(message: string): FrameringError {
  return new FrameringError('NOT_FOUND', message)
}
