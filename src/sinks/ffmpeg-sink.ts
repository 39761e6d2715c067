import type { OperatorFunction } from 'rxjs'
import { Observable } from 'rxjs'
import { leaseMap } from '../frames/index.ts'
import { checkOptions, choiceOption, flagOption, refuse } from '../options/index.ts'
import type { Frame } from '../ring/index.ts'
import { type RecordedFrame, Recording, type RecordingPlan } from './recording.ts'

/** Where ffmpeg writes to, and how. */
export interface FfmpegSinkOptions {
  /** what stands last in ffmpeg's arguments: a file, `rtsp://…`, `srt://…` */
  readonly output: string
  /** arguments in front of `output`, one string each: `['-c:v', 'libx264', '-f', 'rtsp']` */
  readonly args?: readonly string[] | undefined
  /** frames a second of the output; default 30 */
  readonly fps?: number | undefined
  /**
   * `'arrival'` (default): the film runs as fast as what it shows; ffmpeg repeats and leaves out frames
   * to keep `fps`. `'count'`: each frame is in it once and lasts 1 / `fps`
   */
  readonly timing?: 'arrival' | 'count' | undefined
  /** true: replaces a file that is there; default: that is an error */
  readonly overwrite?: boolean | undefined
  /** default: `ffmpeg` along PATH */
  readonly ffmpegPath?: string | undefined
}

const SINK = 'ffmpegSink'
const OPTIONS = ['output', 'args', 'fps', 'timing', 'overwrite', 'ffmpegPath']

/**
 * Gives the frames to ffmpeg (5.1 or later): to record them, or to send them on by RTSP or SRT.
 *
 * ```ts
 * const stop = new Subject<void>()
 * process.once('SIGINT', () => stop.next())
 * await lastValueFrom(
 *   frames('front').pipe(takeUntil(stop), ffmpegSink({ output: 'front.mp4', args: ['-c:v', 'libx264'] })),
 * )
 * ```
 *
 * ffmpeg starts, without a shell, when the first frame is there. Its input is a pipe: one frame is leased
 * while the kernel takes its bytes, straight from shared memory, and nothing queues. Frames that come
 * meanwhile are dropped and counted (with delivery `latest`; `every` and `reliable` take the next).
 * Takes all raw formats, MJPG, H264 and HEVC (with `args: ['-c', 'copy']` as they are), and arrays
 * `[h, w]` and `[h, w, 3…4]` of uint8, `[h, w]` of uint16 and float32.
 *
 * - completes when the source has, and ffmpeg has written its end and exited; also when ffmpeg ends by
 *   itself because `args` say so (`-t`, `-frames:v`)
 * - an error of the source ends the film in the same way, and is told then
 * - unsubscribing closes ffmpeg's input, and lets it finish by itself for at most ten seconds; so does the
 *   end of this process. End the source (`take`, `takeUntil`) to know when the file is done
 * - errors with `SINK_FAILED` when ffmpeg fails or is killed, with its exit code and last lines;
 *   `PEER_MISSING` without ffmpeg; `UNSUPPORTED` for other frames; `FORMAT_INVALID` when the format changes
 *
 * Throws `OPTION_INVALID` at once.
 */
export function ffmpegSink(options: FfmpegSinkOptions): OperatorFunction<Frame, RecordedFrame> {
  const plan = planOf(options)
  return (source) =>
    new Observable((subscriber) => {
      const recording = new Recording(plan, (error) => {
        if (error === undefined) subscriber.complete()
        else subscriber.error(error)
      })
      subscriber.add(() => {
        recording.abandon()
      })
      subscriber.add(
        source.pipe(leaseMap((frame: Frame) => recording.write(frame))).subscribe({
          next: (frame) => {
            subscriber.next(frame)
          },
          error: (error: unknown) => {
            const tell = (): void => {
              subscriber.error(error)
            }
            recording.finish().then(tell, tell)
          },
          complete: () => {
            recording.finish().then(
              () => {
                subscriber.complete()
              },
              (error: unknown) => {
                subscriber.error(error)
              },
            )
          },
        }),
      )
    })
}

function planOf(options: FfmpegSinkOptions): RecordingPlan {
  checkOptions(SINK, options, OPTIONS)
  const { output, args = [], fps = 30, ffmpegPath = 'ffmpeg' } = options
  argument('output', output)
  // ffmpeg would take it for an option.
  if (output.startsWith('-')) {
    refuse('output', output, `a file or an address; './${output}' if it is a file's name`)
  }
  argument('ffmpegPath', ffmpegPath)
  if (!Array.isArray(args)) refuse('args', args, "single arguments, as in ['-c:v', 'libx264']")
  args.forEach((one, i) => {
    argument(`args[${i}]`, one)
  })
  if (!Number.isFinite(fps) || fps < 0.001 || fps > 1000) {
    refuse('fps', fps, 'frames a second, 0.001 to 1000')
  }
  const counted = choiceOption('timing', options.timing, 'arrival', { arrival: false, count: true })
  const overwrite = flagOption('overwrite', options.overwrite)
  return { output, args, fps, ffmpegPath, counted, overwrite }
}

function argument(option: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return
  refuse(option, value, 'text that is not empty and has no NUL')
}
