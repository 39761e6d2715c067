import { open } from 'node:fs/promises'
import { FrameringError } from '../errors/framering-error.ts'
import type { Frame } from '../ring/index.ts'
import { checkOptions } from '../options/index.ts'
import { encodeNpyParts } from './npy-parts.ts'
import { liveSignal } from './signal.ts'

/**
 * Writes a frame's bytes to a file: as `.npy` (with dtype and shape, for `numpy.load`) when the path
 * ends so, else as they are.
 *
 * ```ts
 * frames('depth').pipe(leaseMap((frame) => writeFile(frame, `depth-${frame.sequence}.npy`)))
 * ```
 *
 * Holds a lease of its own until the last byte is written; it may be called on a lent frame without
 * `leaseMap`, and then counts against `maxLeases`. An existing file is overwritten, and left incomplete
 * when this fails, but not touched when `signal` is aborted already.
 *
 * Rejects with `SINK_FAILED` (its `cause` is the system's error), `OPTION_INVALID`, `ABORTED`,
 * `RELEASED`, and with `LEASE_BROKEN` or `TRUNCATED` when what was written may be wrong.
 */
export async function writeFile(
  frame: Frame,
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  if (typeof path !== 'string' || path === '') {
    throw new FrameringError(
      'OPTION_INVALID',
      "writeFile needs the path of the file; give writeFile(frame, 'frame.npy')",
    )
  }
  checkOptions('writeFile', options)
  // Before the file is opened: that alone empties one that is there already.
  const signal = liveSignal(options.signal, `writing ${path}`)
  using held = frame.retain()
  const parts = path.endsWith('.npy') ? encodeNpyParts(held.array) : [held.data]
  try {
    const file = await open(path, 'w')
    try {
      for (const part of parts) {
        await file.writeFile(part, signal === undefined ? {} : { signal })
      }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (signal?.aborted) {
      throw new FrameringError('ABORTED', `writing ${path} was aborted by its signal`, { cause })
    }
    const { message } = cause as Error
    throw new FrameringError('SINK_FAILED', `frame ${held.sequence} was not written: ${message}`, {
      cause,
    })
  }
}
