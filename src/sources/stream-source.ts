import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import type { ByteStream } from './byte-stream.ts'
import { FrameAssembler } from './frame-assembler.ts'
import { Pacer } from './pacing.ts'
import { createSource, type Source } from './source.ts'

/**
 * A source of what stands in a stream. `frame` reads one frame and what belongs to it, and resolves with
 * the bytes of the frame that came; undefined at the end of the stream.
 */
export function streamSource(
  format: FrameFormat,
  stream: ByteStream,
  fps: number | undefined,
  frame: (read: () => Promise<number>) => Promise<number | undefined>,
): Source {
  return createSource(
    format,
    async (sink, signal) => {
      const ending = stream.endWith(signal)
      const pacer = new Pacer(fps)
      const assembler = new FrameAssembler(sink, format.bytes, (index) => ({
        sourceSequence: index + 1,
      }))
      try {
        for (;;) {
          const came = await frame(() => readFrame(stream, assembler, format.bytes, pacer, signal))
          if (came === undefined) return
          if (came < format.bytes) throw cutOff(format, came, sink.published + sink.dropped)
        }
      } finally {
        ending[Symbol.dispose]()
        assembler.abandon()
        stream.end()
      }
    },
    () => {
      stream.end()
      return Promise.resolve()
    },
  )
}

/**
 * Reads one frame of `bytes` into the assembler, when it is due. Resolves with how many bytes came: all,
 * none at the end of the stream, or some when it ended within the frame.
 */
async function readFrame(
  stream: ByteStream,
  assembler: FrameAssembler,
  bytes: number,
  pacer: Pacer,
  signal: AbortSignal,
): Promise<number> {
  if ((await stream.some()) === undefined) return 0
  const wait = pacer.due(signal)
  if (wait) await wait
  let filled = 0
  while (filled < bytes) {
    signal.throwIfAborted()
    const some = await stream.some()
    if (some === undefined) return filled
    const room = assembler.room()
    const part = stream.take(Math.min(room.length, bytes - filled))
    room.set(part)
    assembler.received(part.length)
    filled += part.length
  }
  return filled
}

/** The error of a stream that ended within a frame. */
function cutOff(format: FrameFormat, came: number, whole: number): FrameringError {
  const { bytes, fourcc, width, height, dtype, shape } = format
  const what =
    fourcc === '' ? `${dtype} [${shape.join(', ')}]` : `${fourcc} of ${width} × ${height}`
  return new FrameringError(
    'SOURCE_FAILED',
    `the stream ended ${came} bytes into frame ${whole + 1}, and a frame has ${bytes} (${what}); ` +
      'check format and size, or that whoever sends was not stopped',
  )
}
