import type { DType } from '../ndarray/index.ts'
import type { FrameFormat } from '../format/index.ts'

/** What a frame is, as `--json` prints it. */
export interface FormatRecord {
  /** null: a plain array */
  readonly fourcc: string | null
  /** pixels; null: a plain array */
  readonly width: number | null
  readonly height: number | null
  readonly dtype: DType
  readonly shape: readonly number[]
  /** of a whole frame */
  readonly frameBytes: number
}

export function formatRecord(format: FrameFormat): FormatRecord {
  const { fourcc, width, height, dtype, shape, bytes: frameBytes } = format
  return fourcc === ''
    ? { fourcc: null, width: null, height: null, dtype, shape, frameBytes }
    : { fourcc: fourcc.trimEnd(), width, height, dtype, shape, frameBytes }
}

/** The same in words. */
export function sayFormat({ fourcc, width, height, dtype, shape }: FrameFormat): string {
  return fourcc === ''
    ? `${dtype} [${shape.join(', ')}]`
    : `${fourcc.trimEnd()} ${width} × ${height}`
}
