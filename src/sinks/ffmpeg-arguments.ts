import { FrameringError } from '../errors/framering-error.ts'
import { findFormat, type FrameFormat, fourccInfo, planeRows } from '../format/index.ts'

/** How the frames of a pipe become those of a film. */
export interface Timing {
  readonly fps: number
  /** each frame lasts 1 / fps, whenever it came */
  readonly counted: boolean
}

/** `-f` of ffmpeg for packets that tell their own size. */
const DEMUXERS: Readonly<Record<string, string>> = { MJPG: 'mjpeg', H264: 'h264', HEVC: 'hevc' }

/**
 * ffmpeg's arguments up to and including the input, and those that keep time in the output.
 *
 * @throws UNSUPPORTED for what ffmpeg has no name for
 */
export function ffmpegArguments(
  format: FrameFormat,
  { fps, counted }: Timing,
): { input: string[]; output: string[] } {
  const clock = counted ? [] : ['-use_wallclock_as_timestamps', '1']
  const demuxer = DEMUXERS[format.fourcc]
  if (demuxer !== undefined) {
    const input = [...clock, '-f', demuxer, '-framerate', `${fps}`, '-i', 'pipe:0']
    return { input, output: [] }
  }
  const { pixFmt, width, height } = rawPicture(format)
  // By the clock, the rate only says how fine the times are.
  const rate = counted ? `${fps}` : '1000'
  return {
    input: [
      ...clock,
      // Everything is known: no frame need be looked at before the first is written.
      ...['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0'],
      ...['-f', 'rawvideo', '-pixel_format', pixFmt, '-video_size', `${width}x${height}`],
      ...['-framerate', rate, '-i', 'pipe:0'],
    ],
    output: counted ? ['-fps_mode', 'passthrough'] : ['-fps_mode', 'cfr', '-r', `${fps}`],
  }
}

function rawPicture(format: FrameFormat): { pixFmt: string; width: number; height: number } {
  const { fourcc, width, height, planes } = format
  const info = fourccInfo(fourcc)
  if (info?.pixFmt !== undefined) {
    const packed = planeRows(info, width, height)
    const alike = packed.every(
      ({ offset, stride }, i) => planes[i]?.offset === offset && planes[i].stride === stride,
    )
    if (alike && planes.length === packed.length) return { pixFmt: info.pixFmt, width, height }
  }
  const pixFmt = fourcc === '' ? pixFmtOfArray(format) : undefined
  if (pixFmt !== undefined) {
    return { pixFmt, width: format.shape[1] ?? 0, height: format.shape[0] ?? 0 }
  }
  const what = fourcc === '' ? `${format.dtype} [${format.shape.join(', ')}]` : fourcc.trim()
  throw new FrameringError(
    'UNSUPPORTED',
    `ffmpeg has no name for frames of ${what}${info ? ' with rows of this length' : ''}; ` +
      'publish a format of docs/formats.md, as in format: { fourcc: "RGB3", width, height }',
  )
}

function pixFmtOfArray({ dtype, shape }: FrameFormat): string | undefined {
  const [, , channels = 1, ...more] = shape
  if (shape.length < 2 || more.length > 0) return undefined
  const fourcc = ARRAYS[`${dtype} ${channels}`]
  return fourcc === undefined ? undefined : findFormat({ fourcc })?.pixFmt
}

const ARRAYS: Readonly<Record<string, string>> = {
  'uint8 1': 'GREY',
  'uint8 3': 'RGB3',
  'uint8 4': 'RGBA',
  'uint16 1': 'Y16',
  'float32 1': '32FC1',
}
