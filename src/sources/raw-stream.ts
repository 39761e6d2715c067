import type { Readable } from 'node:stream'
import { FrameringError } from '../errors/framering-error.ts'
import { type FormatSpec, fourccInfo, resolveFormat } from '../format/index.ts'
import { ByteStream } from './byte-stream.ts'
import { checkOptions, frameRate } from './options.ts'
import type { Source } from './source.ts'
import { streamSource } from './stream-source.ts'

/** Where the bytes come from, and what they are: `format`, or `dtype` and `shape`, as of a writer. */
export type RawStreamOptions = FormatSpec & {
  /** of bytes: `process.stdin`, `child.stdout`, a file's */
  readonly stream: Readable
  /** frames a second at most; default: as they come */
  readonly fps?: number | undefined
}

const SOURCE = 'rawStream'
const OPTIONS = ['stream', 'fps', 'format', 'dtype', 'shape', 'capacity']

/**
 * Frames from a stream of bytes in which nothing but frames stand, one after the other.
 *
 * ```ts
 * // gst-launch-1.0 -q … ! fdsink | node relay.js
 * const format = { fourcc: 'RGB3', width: 640, height: 480 }
 * const source = rawStream({ stream: process.stdin, format })
 * using writer = createWriter('front', specOf(source.format))
 * await source.pump(writer)
 * ```
 *
 * Rows have no padding. `captureTime` is when a frame's first byte came (`'received'`). Each byte is
 * copied once, into the slot. A writer that cannot keep up slows the stream, as a pipe does. A stream is
 * read once: the end of the pump ends the stream.
 *
 * @throws OPTION_INVALID; FORMAT_INVALID, also for compressed formats, whose frames have no one length;
 * SOURCE_FAILED from `pump` when the stream fails or ends within a frame
 */
export function rawStream(options: RawStreamOptions): Source {
  checkOptions(SOURCE, options, OPTIONS)
  const { stream, fps, ...spec } = options
  frameRate(SOURCE, fps)
  const format = resolveFormat(spec)
  if (fourccInfo(format.fourcc)?.opaque) {
    throw new FrameringError(
      'FORMAT_INVALID',
      `raw frames are cut by their length, and ${format.fourcc} frames have no one length; ` +
        'let ffmpeg decode them',
    )
  }
  return streamSource(format, new ByteStream(SOURCE, stream), fps, async (read) => {
    const came = await read()
    return came === 0 ? undefined : came
  })
}
