import type { FourccInfo } from './fourcc.ts'

/**
 * Colour description by the code points of ITU-T H.273 (the same numbers ffmpeg, V4L2 converters and
 * the video codecs use).
 *
 * ```ts
 * const bt709: ColorDescription = { primaries: 1, transfer: 1, matrix: 1, range: 2 }
 * ```
 */
export interface ColorDescription {
  /** 1 = BT.709/sRGB, 2 = unspecified, 9 = BT.2020, …; 0…255 */
  readonly primaries: number
  /** 1 = BT.709, 2 = unspecified, 13 = sRGB, …; 0…255 */
  readonly transfer: number
  /** 0 = identity (RGB), 1 = BT.709, 2 = unspecified, 6 = BT.601, …; 0…255 */
  readonly matrix: number
  /** 1 = full, 2 = limited, 0 = unknown */
  readonly range: number
}

const UNSPECIFIED: ColorDescription = { primaries: 2, transfer: 2, matrix: 2, range: 0 }

/** What is certain when nobody says more: RGB has no matrix and its full range. */
export function defaultColor(model?: FourccInfo['model']): ColorDescription {
  return model === 'rgb' ? { ...UNSPECIFIED, matrix: 0, range: 1 } : UNSPECIFIED
}
