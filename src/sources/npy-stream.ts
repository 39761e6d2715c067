import type { Readable } from 'node:stream'
import { FrameringError } from '../errors/framering-error.ts'
import { type FrameFormat, resolveFormat } from '../format/index.ts'
import { aborted } from '../options/index.ts'
import { npyHeaderBytes } from '../ndarray/npy-header.ts'
import { npyLayout, type NpyLayout } from '../ndarray/npy.ts'
import { ByteStream } from './byte-stream.ts'
import { checkOptions, frameRate, signalOption } from './options.ts'
import type { Source } from './source.ts'
import { streamSource } from './stream-source.ts'

/** Where the arrays come from. */
export interface NpyStreamOptions {
  /** of bytes: `process.stdin`, `child.stdout`, a file's */
  readonly stream: Readable
  /** frames a second at most; default: as they come */
  readonly fps?: number | undefined
  /** ends the waiting for the first file, and the stream with it */
  readonly signal?: AbortSignal | undefined
}

const SOURCE = 'npyStream'

/**
 * Frames from a stream of `.npy` files, one after the other, as `numpy.save` appends them.
 *
 * ```ts
 * // python3 -c 'import sys, numpy; [numpy.save(sys.stdout.buffer, scan) for scan in scans()]' | node relay.js
 * const source = await npyStream({ stream: process.stdin })
 * using writer = createWriter('scan', specOf(source.format))
 * await source.pump(writer)
 * ```
 *
 * The first header says what the frames are; all must be the same. Row-major and little-endian, as NumPy
 * saves them unless told otherwise. The rest is as with {@link rawStream}.
 *
 * @throws OPTION_INVALID; NPY_INVALID for what is no such file, from here or from `pump`; FORMAT_INVALID;
 * SOURCE_FAILED when the stream fails, ends within a frame or before the first, or when the arrays change;
 * ABORTED by `signal`
 */
export async function npyStream(options: NpyStreamOptions): Promise<Source> {
  checkOptions(SOURCE, options, ['stream', 'fps', 'signal'])
  const { stream, fps, signal } = options
  frameRate(SOURCE, fps)
  signalOption(signal)
  const bytes = new ByteStream(SOURCE, stream)
  const first = await firstLayout(bytes, signal)
  const format = resolveFormat({ dtype: first.dtype, shape: first.shape })
  let next: NpyLayout | undefined = first
  return streamSource(format, bytes, fps, async (read) => {
    next ??= await readLayout(bytes)
    if (next === undefined) return undefined
    checkSame(format, next)
    next = undefined
    return read()
  })
}

async function firstLayout(bytes: ByteStream, signal: AbortSignal | undefined): Promise<NpyLayout> {
  const ending = signal && bytes.endWith(signal)
  try {
    const layout = await readLayout(bytes)
    if (layout !== undefined) return layout
  } catch (error) {
    bytes.end()
    if (signal?.aborted) throw aborted('the wait for the first .npy', signal)
    throw error
  } finally {
    ending?.[Symbol.dispose]()
  }
  throw new FrameringError(
    'SOURCE_FAILED',
    'the stream ended before the first .npy; check the program that sends it',
  )
}

/** The header of the next file; undefined at the end of the stream. */
async function readLayout(bytes: ByteStream): Promise<NpyLayout | undefined> {
  const start = await bytes.exactly(12)
  if (start.length === 0) return undefined
  const rest = await bytes.exactly(Math.max(0, npyHeaderBytes(start) - start.length))
  const layout = npyLayout(Buffer.concat([start, rest]))
  if (layout.inOrder) return layout
  throw new FrameringError(
    'NPY_INVALID',
    'the array is in Fortran order or big-endian, and a stream is copied as it is; ' +
      "save numpy.ascontiguousarray(a).astype(a.dtype.newbyteorder('<'))",
  )
}

function checkSame(format: FrameFormat, { dtype, shape }: NpyLayout): void {
  if (dtype === format.dtype && shape.join() === format.shape.join()) return
  throw new FrameringError(
    'SOURCE_FAILED',
    `after ${format.dtype} [${format.shape.join(', ')}] came ${dtype} [${shape.join(', ')}]; ` +
      'send arrays of one kind, or each kind into a ring of its own',
  )
}
