import type { DType } from '../ndarray/index.ts'
import { type FormatSpec, type FrameFormat, resolveFormat } from '../format/index.ts'
import { now } from '../ring/clock.ts'
import { checkOptions, frameRate, wholeNumber } from './options.ts'
import { Pacer } from './pacing.ts'
import { checkPatternFormat, fillPattern } from './pattern.ts'
import { createSource, type Source } from './source.ts'

/** What the pattern is drawn on, and how fast. */
export interface TestPatternOptions {
  /** pixels; default 640 */
  readonly width?: number | undefined
  /** pixels; default 480 */
  readonly height?: number | undefined
  /** any uncompressed format; default 'RGB3' */
  readonly fourcc?: string | undefined
  /** in place of width, height and fourcc, as a writer takes it */
  readonly format?:
    { readonly fourcc: string; readonly width: number; readonly height: number } | undefined
  /** with `shape`: an array of any kind, filled byte by byte */
  readonly dtype?: DType | undefined
  readonly shape?: readonly number[] | undefined
  /** frames a second; default: as fast as it goes */
  readonly fps?: number | undefined
  /** ends after so many; default: never */
  readonly frames?: number | undefined
  /** sequence of the first frame; default 1 */
  readonly start?: number | undefined
}

const SOURCE = 'testPattern'

/**
 * A moving picture whose every byte can be checked: see {@link verifyPattern}.
 *
 * ```ts
 * const source = testPattern({ width: 1920, height: 1080, fps: 60 })
 * const writer = createWriter('front', specOf(source.format))
 * await source.pump(writer, { signal })
 * ```
 *
 * Frame n carries n and its capture time in its pixels, and n as `sourceSequence`.
 *
 * @throws OPTION_INVALID, FORMAT_INVALID (compressed formats, frames under 32 bytes)
 */
export function testPattern(options: TestPatternOptions = {}): Source {
  const known = ['width', 'height', 'fourcc', 'format', 'dtype', 'shape', 'fps', 'frames', 'start']
  checkOptions(SOURCE, options, known)
  const { fps, frames = Number.MAX_SAFE_INTEGER, start = 1 } = options
  frameRate(SOURCE, fps)
  wholeNumber(SOURCE, 'frames', frames, [1, Number.MAX_SAFE_INTEGER])
  wholeNumber(SOURCE, 'start', start, [1, Number.MAX_SAFE_INTEGER])
  const format = patternFormat(options)
  checkPatternFormat(format)

  return createSource(format, async (sink, signal) => {
    const pacer = new Pacer(fps)
    for (let i = 0; i < frames; i++) {
      const wait = pacer.due(signal)
      if (wait) await wait
      if (signal.aborted) return
      const sourceSequence = start + i
      const captureTime = now()
      sink.emit(
        (slot) => {
          fillPattern(slot, format, sourceSequence, captureTime)
        },
        { captureTime, captureMoment: 'exposure-start', sourceSequence },
      )
    }
  })
}

function patternFormat(options: TestPatternOptions): FrameFormat {
  const { width = 640, height = 480, fourcc = 'RGB3', format, dtype, shape } = options
  if (format === undefined && dtype === undefined && shape === undefined) {
    return resolveFormat({ format: { fourcc, width, height } })
  }
  return resolveFormat({ format, dtype, shape } as unknown as FormatSpec)
}
