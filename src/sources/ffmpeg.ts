import { once } from 'node:events'
import { FrameringError } from '../errors/framering-error.ts'
import { FOURCCS, type FrameFormat, fourccInfo, resolveFormat } from '../format/index.ts'
import { ChildRun } from '../child/index.ts'
import { openByteChannel } from './byte-channel.ts'
import { type FfmpegInput, ffmpegFailed, inputArguments, probeSize } from './ffmpeg-command.ts'
import { closedUnderneath, FrameAssembler } from './frame-assembler.ts'
import type { FrameSink, LoanMeta } from './frame-sink.ts'
import { argument, badOption, checkOptions, flag, rateOf, signalOption } from './options.ts'
import { createSource, type Source } from './source.ts'

/** What ffmpeg reads and what it makes of it. */
export interface FfmpegOptions {
  /** what stands after `-i`: a file, `rtsp://…`, `/dev/video0`, a lavfi graph */
  readonly input: string
  /** arguments in front of `-i`, one string each: `['-f', 'v4l2', '-framerate', '30']` */
  readonly inputOptions?: readonly string[] | undefined
  /** pixels, together with `height`: pictures of another size are scaled; default: as they come */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /**
   * frames a second, as a number or an exact fraction (`[30000, 1001]`): frames are repeated or left
   * out to keep it, and each gets a `pts`. Default: every frame once, without `pts`
   */
  readonly fps?: number | readonly [number, number] | undefined
  /** any format ffmpeg can write; default 'RGB3' */
  readonly fourcc?: string | undefined
  /** true: read a file at its own speed (`-re`) and not as fast as it goes */
  readonly realtime?: boolean | undefined
  /** true: begin again at the end of a file */
  readonly loop?: boolean | undefined
  /** default: `ffmpeg` along PATH */
  readonly ffmpegPath?: string | undefined
  /** ends the search for the size, which on a live input can take long */
  readonly signal?: AbortSignal | undefined
}

const SOURCE = 'ffmpeg'
const OPTIONS = [
  ...['input', 'inputOptions', 'width', 'height', 'fps', 'fourcc', 'realtime', 'loop'],
  ...['ffmpegPath', 'signal'],
]

/**
 * Frames of anything ffmpeg (5.1 or later) can read.
 *
 * ```ts
 * const film = await ffmpeg({ input: 'film.mp4', realtime: true, loop: true })
 * const camera = await ffmpeg({ input: '/dev/video0', inputOptions: ['-f', 'v4l2'], fourcc: 'YUYV' })
 * const bars = await ffmpeg({ input: 'smptebars=size=1280x720', inputOptions: ['-f', 'lavfi'] })
 * ```
 *
 * ffmpeg runs as a child without a shell; its raw pictures come through a socket straight into the
 * slots. `captureTime` is when a frame's first byte came. A frame cut off by the end is abandoned.
 *
 * @throws OPTION_INVALID, FORMAT_INVALID; PEER_MISSING without ffmpeg; SOURCE_FAILED, from here or from
 * `pump`, with the last lines ffmpeg wrote; ABORTED by `signal`
 */
export async function ffmpeg(options: FfmpegOptions): Promise<Source> {
  const { input, inputOptions = [], ffmpegPath = 'ffmpeg', fourcc = 'RGB3' } = checked(options)
  const from: FfmpegInput = { input, inputOptions, ffmpegPath }
  const { width, height } = options
  const pixFmt = pixFmtOf(fourcc)
  const rate = rateOf(SOURCE, options.fps)
  const format =
    width !== undefined && height !== undefined
      ? resolveFormat({ format: { fourcc, width, height } })
      : resolveFormat({ format: { fourcc, ...(await probeSize(from, options.signal)) } })
  const args = [
    ...inputArguments(from, ...live(options)),
    // scaled even to its own size: ffmpeg would follow a stream that changes its size midway
    ...['-s', `${format.width}x${format.height}`],
    ...(rate ? ['-r', rate.join('/')] : ['-fps_mode', 'passthrough']),
    ...['-pix_fmt', pixFmt, '-avioflags', 'direct', '-f', 'rawvideo', 'pipe:1'],
  ]
  const describe = (index: number): LoanMeta => {
    const sourceSequence = index + 1
    if (rate === undefined) return { sourceSequence }
    return { sourceSequence, pts: index, duration: 1, timeBase: [rate[1], rate[0]] }
  }
  return createSource(format, (sink, signal) => run(from, args, format, describe, sink, signal))
}

async function run(
  from: FfmpegInput,
  args: readonly string[],
  format: FrameFormat,
  describe: (index: number) => LoanMeta,
  sink: FrameSink,
  signal: AbortSignal,
): Promise<void> {
  const assembler = new FrameAssembler(sink, format.bytes, describe)
  const { reading, childEnd } = await openByteChannel(assembler)
  let broken: Error | undefined
  const closed = once(reading, 'close').catch((error: unknown) => {
    broken = error as Error
  })
  const child = new ChildRun(from.ffmpegPath, args, ['ignore', childEnd, 'pipe'])
  childEnd.destroy()
  const stop = (): void => {
    reading.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await closed
  } finally {
    signal.removeEventListener('abort', stop)
    assembler.abandon()
  }
  if (signal.aborted || broken) await child.stop()
  if (broken) throw brokenChannel(from, broken)
  const end = await child.ended
  if (!signal.aborted && end.code !== 0) {
    throw ffmpegFailed(from, child, end, sink.published + sink.dropped)
  }
}

function brokenChannel({ input }: FfmpegInput, broken: NodeJS.ErrnoException): FrameringError {
  if (broken instanceof FrameringError) return broken
  // the kernel's word for memory that is not there any more
  if (broken.code === 'EFAULT') return closedUnderneath()
  return new FrameringError(
    'SOURCE_FAILED',
    `the pictures of ${JSON.stringify(input)} could not be read from ffmpeg (${broken.message}); try again`,
    { cause: broken },
  )
}

function live({ realtime = false, loop = false }: FfmpegOptions): string[] {
  return [...(realtime ? ['-re'] : []), ...(loop ? ['-stream_loop', '-1'] : [])]
}

function checked(options: FfmpegOptions): FfmpegOptions {
  checkOptions(SOURCE, options, OPTIONS)
  const { input, inputOptions = [], ffmpegPath = 'ffmpeg', width, height } = options
  argument(SOURCE, 'input', input)
  argument(SOURCE, 'ffmpegPath', ffmpegPath)
  if (!Array.isArray(inputOptions)) {
    throw badOption(SOURCE, 'inputOptions', 'an array of single arguments', inputOptions)
  }
  inputOptions.forEach((option, i) => {
    argument(SOURCE, `inputOptions[${i}]`, option)
  })
  if ((width === undefined) !== (height === undefined)) {
    throw badOption(SOURCE, 'width and height', 'given together or not at all', { width, height })
  }
  flag(SOURCE, 'realtime', options.realtime)
  flag(SOURCE, 'loop', options.loop)
  signalOption(options.signal)
  return options
}

function pixFmtOf(fourcc: string): string {
  const { pixFmt, model } = (typeof fourcc === 'string' ? fourccInfo(fourcc) : undefined) ?? {}
  if (pixFmt !== undefined && model !== 'bayer') return pixFmt
  const able = FOURCCS.filter((row) => row.pixFmt !== undefined && row.model !== 'bayer')
  const names = able.map((row) => row.fourcc.trimEnd()).join(', ')
  throw badOption(SOURCE, 'fourcc', `a raw format ffmpeg can write (${names})`, fourcc)
}
