import { Observable } from 'rxjs'
import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import { badOption, checkOptions, signalOption } from './options.ts'
import { FrameSink, type LoanWriter, type PublishedFrame } from './frame-sink.ts'

export interface PumpOptions {
  /** ends the pump cleanly: it resolves, nothing is thrown */
  readonly signal?: AbortSignal | undefined
}

export interface PumpResult {
  /** frames readers could get */
  readonly published: number
  /** frames dropped because every slot was held */
  readonly dropped: number
}

/**
 * Something that makes frames.
 *
 * ```ts
 * await using source = await ffmpeg({ input: 'film.mp4' })
 * using writer = createWriter('film', specOf(source.format))
 * const { published } = await source.pump(writer, { signal: AbortSignal.timeout(10_000) })
 * ```
 *
 * End the pump (abort, dispose, or wait for the end) before closing the writer.
 */
export interface Source extends AsyncDisposable {
  /** what it produces; make the writer with `specOf(source.format)` */
  readonly format: FrameFormat
  /**
   * Fills loans of `writer` and publishes them until the source ends or `signal` aborts. Each call
   * starts from the beginning; one call at a time. While a pump that was aborted still ends, the next
   * waits for it.
   *
   * @throws FORMAT_INVALID when the writer carries another format; OPTION_INVALID when the source is
   * being pumped already, or for what is no writer; CLOSED after dispose; SOURCE_FAILED when the source breaks
   */
  pump(writer: LoanWriter, options?: PumpOptions): Promise<PumpResult>
  /**
   * The same as an Observable that tells of each frame: subscribing pumps, unsubscribing ends the pump.
   *
   * ```ts
   * source.into(writer).pipe(take(300)).subscribe(({ sequence }) => console.log(sequence))
   * ```
   *
   * Cold; completes with the source, errors with what `pump` throws.
   */
  into(writer: LoanWriter): Observable<PublishedFrame>
  /** Ends a running pump, waits for its end, and removes what the source left on disk. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes frames until done or aborted. On abort it may return or throw the abort: both end cleanly. */
export type Produce = (sink: FrameSink, signal: AbortSignal) => Promise<void>

/** A source around the part that differs. `dispose` runs once, after the last pump. */
export function createSource(
  format: FrameFormat,
  produce: Produce,
  dispose?: () => Promise<void>,
): Source {
  const end = new AbortController()
  let running: { readonly over: Promise<unknown>; readonly signal: AbortSignal } | undefined
  let disposed: Promise<void> | undefined

  async function runOnce(sink: FrameSink, signal: AbortSignal): Promise<PumpResult> {
    try {
      if (!signal.aborted) await produce(sink, signal)
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error
    }
    return { published: sink.published, dropped: sink.dropped }
  }

  async function pump(
    writer: LoanWriter,
    signal: AbortSignal | undefined,
    told?: (frame: PublishedFrame) => void,
  ): Promise<PumpResult> {
    checkWriter(writer)
    // A subscriber that took its last frame subscribes again before the pump could notice.
    while (running?.signal.aborted && !end.signal.aborted) await running.over
    if (end.signal.aborted) {
      throw new FrameringError('CLOSED', 'this source was disposed; make a new one')
    }
    if (running) {
      throw new FrameringError(
        'OPTION_INVALID',
        'this source is being pumped already; await that pump or make a second source',
      )
    }
    checkSameFormat(format, writer.format)
    const either = signal ? AbortSignal.any([signal, end.signal]) : end.signal
    const run = runOnce(new FrameSink(writer, told), either)
    const mine = (running = { over: run.catch(() => undefined), signal: either })
    try {
      return await run
    } finally {
      if (running === mine) running = undefined
    }
  }

  return {
    format,
    async pump(writer, options = {}) {
      checkOptions('pump', options, ['signal'])
      signalOption(options.signal)
      return pump(writer, options.signal)
    },
    into: (writer) =>
      new Observable((subscriber) => {
        const unsubscribed = new AbortController()
        pump(writer, unsubscribed.signal, (frame) => {
          subscriber.next(frame)
        }).then(
          () => {
            subscriber.complete()
          },
          (error: unknown) => {
            subscriber.error(error)
          },
        )
        return () => {
          unsubscribed.abort()
        }
      }),
    [Symbol.asyncDispose]() {
      end.abort()
      disposed ??= Promise.resolve(running?.over).then(dispose)
      return disposed
    },
  }
}

function checkWriter(writer: unknown): void {
  const { loan, format } = Object(writer) as Partial<LoanWriter>
  if (typeof loan === 'function' && typeof format === 'object') return
  throw badOption('a source', 'writer', 'what createWriter returns', writer)
}

/** Timers throw an AbortError of their own, `throwIfAborted` whatever reason the user gave. */
function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}

function checkSameFormat(mine: FrameFormat, writers: FrameFormat): void {
  const same =
    mine.dtype === writers.dtype &&
    mine.fourcc === writers.fourcc &&
    mine.shape.join() === writers.shape.join() &&
    mine.width === writers.width
  if (same) return
  throw new FrameringError(
    'FORMAT_INVALID',
    `the source makes ${show(mine)}, the writer carries ${show(writers)}; ` +
      'make the writer with specOf(source.format)',
  )
}

function show({ fourcc, width, height, dtype, shape }: FrameFormat): string {
  const array = `${dtype} [${shape.join(', ')}]`
  return fourcc === '' ? array : `${fourcc} ${width} × ${height} (${array})`
}
