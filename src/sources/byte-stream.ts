import type { Readable } from 'node:stream'
import { FrameringError } from '../errors/framering-error.ts'
import { badOption } from './options.ts'

/** Pieces of a stream, to be taken in whatever lengths are needed. */
export class ByteStream {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)
  #taken = 0

  /** Throws `OPTION_INVALID` for what is no stream to read from. */
  constructor(source: string, stream: unknown) {
    const { iterator, readableEnded, destroyed } = Object(stream) as Partial<Readable>
    if (typeof iterator !== 'function') {
      throw badOption(source, 'stream', 'a Readable, such as process.stdin', stream)
    }
    if (readableEnded || destroyed) {
      throw badOption(source, 'stream', 'one that has not ended yet', 'one that has')
    }
    this.#stream = stream as Readable
    // What fails between two readings is told by the next; without a listener it would end the process.
    this.#stream.on('error', () => undefined)
    this.#chunks = this.#stream.iterator({ destroyOnReturn: false })
  }

  /** bytes taken so far */
  get taken(): number {
    return this.#taken
  }

  /** Until disposed, the signal ends the waiting for bytes with an AbortError, and the stream with it. */
  endWith(signal: AbortSignal): Disposable {
    const end = (): void => {
      this.#stream.destroy(new DOMException('the reading was aborted', 'AbortError'))
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    return {
      [Symbol.dispose]: () => {
        signal.removeEventListener('abort', end)
      },
    }
  }

  /** Nobody reads the rest: whoever sends hears of it. */
  end(): void {
    this.#stream.destroy()
  }

  /** What there is, at least one byte; undefined at the end. Take some of it with `take`. */
  async some(): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#next()
      if (next.done) return undefined
      if (!(next.value instanceof Uint8Array)) {
        throw new FrameringError(
          'OPTION_INVALID',
          'the stream gives text or objects; give one of bytes, without setEncoding or objectMode',
        )
      }
      this.#rest = next.value
    }
    return this.#rest
  }

  /** Takes the first `count` bytes of what `some` gave. */
  take(count: number): Uint8Array {
    const taken = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(count)
    this.#taken += taken.length
    return taken
  }

  /** Exactly so many bytes, of memory of their own; fewer only at the end. */
  async exactly(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count)
    let filled = 0
    while (filled < count) {
      if ((await this.some()) === undefined) return bytes.subarray(0, filled)
      const part = this.take(count - filled)
      bytes.set(part, filled)
      filled += part.length
    }
    return bytes
  }

  async #next(): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await this.#chunks.next()
    } catch (cause) {
      if ((cause as Error).name === 'AbortError') throw cause
      const { message } = cause as Error
      throw new FrameringError('SOURCE_FAILED', `the stream could not be read: ${message}`, {
        cause,
      })
    }
  }
}
