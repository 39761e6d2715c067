import type { Writable } from 'node:stream'
import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import { type ChildEnd, ChildRun, notStarted } from '../child/index.ts'
import type { Frame } from '../ring/index.ts'
import { ffmpegArguments, type Timing } from './ffmpeg-arguments.ts'
import { writeBytes } from './stream-write.ts'

/** What ffmpeg is to do with the frames. */
export interface RecordingPlan extends Timing {
  readonly ffmpegPath: string
  readonly args: readonly string[]
  readonly output: string
  readonly overwrite: boolean
}

/** A frame that ffmpeg has got. */
export interface RecordedFrame {
  readonly sequence: number
  /** frames ffmpeg has got so far */
  readonly written: number
  /** frames of the ring between the first and this that it has not: it was slower than they came */
  readonly dropped: number
}

/** ms that ffmpeg has for the end of its output when nobody waits for it any more */
const FINISH = 10_000

/** One run of ffmpeg, from the first frame on. */
export class Recording {
  readonly #plan: RecordingPlan
  readonly #onEnd: (error: FrameringError | undefined) => void
  #run: ChildRun | undefined
  #format: FrameFormat | undefined
  #finishing = false
  #written = 0
  #dropped = 0

  /** `onEnd`: ffmpeg ended before it was asked to, by itself (its arguments said so) or by an error. */
  constructor(plan: RecordingPlan, onEnd: (error: FrameringError | undefined) => void) {
    this.#plan = plan
    this.#onEnd = onEnd
  }

  /** Resolves when the kernel has the bytes. Until then the frame must be held. */
  async write(frame: Frame): Promise<RecordedFrame> {
    const run = (this.#run ??= this.#start(frame.format))
    this.#checkSame(frame.format)
    if (this.#written > 0) this.#dropped += frame.gap
    try {
      await writeBytes(run.stdin as Writable, frame.data)
    } catch (cause) {
      // The pipe breaks because ffmpeg ends, and only its end says why.
      const error = this.#failure(await run.ended, cause)
      if (error !== undefined) throw error
    }
    this.#written++
    return { sequence: frame.sequence, written: this.#written, dropped: this.#dropped }
  }

  /** Closes ffmpeg's input and waits for its end. Rejects when it failed. */
  async finish(): Promise<void> {
    this.#finishing = true
    if (this.#run === undefined) return
    this.#run.stdin?.end()
    const error = this.#failure(await this.#run.ended)
    if (error !== undefined) throw error
  }

  /** Closes ffmpeg's input; what takes longer than ten seconds then is ended. */
  abandon(): void {
    const run = this.#run
    if (run === undefined) return
    this.#finishing = true
    run.stdin?.end()
    const last = setTimeout(() => void run.stop(), FINISH)
    void run.ended.then(() => {
      clearTimeout(last)
    })
  }

  #start(format: FrameFormat): ChildRun {
    const { ffmpegPath, args, output, overwrite } = this.#plan
    const { input, output: timing } = ffmpegArguments(format, this.#plan)
    this.#format = format
    const run = new ChildRun(
      ffmpegPath,
      [
        ...['-hide_banner', '-nostdin', '-loglevel', 'error', overwrite ? '-y' : '-n'],
        ...input,
        ...timing,
        ...args,
        output,
      ],
      ['pipe', 'ignore', 'pipe'],
      'finishes',
    )
    // Between two writes nobody else listens, and ffmpeg may end at any time.
    run.stdin?.on('error', () => undefined)
    void run.ended.then((end) => {
      if (!this.#finishing) this.#onEnd(this.#failure(end))
    })
    return run
  }

  #checkSame(format: FrameFormat): void {
    const first = this.#format
    if (first === format || first === undefined || describe(first) === describe(format)) return
    throw new FrameringError(
      'FORMAT_INVALID',
      `the ring changed from ${describe(first)} to ${describe(format)}, and a film has one format; ` +
        'subscribe again for another output (repeat, retry)',
    )
  }

  #failure({ code, signal, error }: ChildEnd, cause?: unknown): FrameringError | undefined {
    const { ffmpegPath, output } = this.#plan
    if (error !== undefined) return notStarted(ffmpegPath, error, 'SINK_FAILED')
    if (code === 0) return undefined
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`
    const remedy =
      signal === null
        ? 'check `output` and `args`'
        : 'somebody killed it, and the end of the output may be missing: subscribe again'
    return new FrameringError(
      'SINK_FAILED',
      `ffmpeg ended with ${how} after ${this.#written} frames into ${JSON.stringify(output)}; ` +
        `${remedy}. It said:\n${this.#run?.lastLines() || '(nothing)'}`,
      { cause },
    )
  }
}

function describe({ fourcc, width, height, dtype, shape }: FrameFormat): string {
  return fourcc === '' ? `${dtype} [${shape.join(', ')}]` : `${fourcc.trim()} ${width} × ${height}`
}
