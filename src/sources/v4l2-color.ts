import type { ColorDescription, FourccInfo } from '../format/index.ts'
import type { NativeV4l2Format } from '../native/index.ts'

const UNSPECIFIED = 2
const COLORSPACE_JPEG = 7

// V4L2_COLORSPACE_* → primaries, transfer and matrix of H.273 that it stands for by default:
// "Defining Colorspaces" of the kernel's userspace-api/media/v4l.
const BY_COLORSPACE: Readonly<Record<number, readonly [number, number, number]>> = {
  1: [6, 1, 6], // SMPTE 170M
  2: [7, 7, 7], // SMPTE 240M
  3: [1, 1, 1], // BT.709
  5: [4, 1, 6], // System M
  6: [5, 1, 6], // System BG
  7: [1, 13, 6], // JPEG: sRGB, coded by BT.601
  8: [1, 13, 6], // sRGB
  9: [UNSPECIFIED, UNSPECIFIED, 6], // opRGB, which H.273 has no code for
  10: [9, 1, 9], // BT.2020
  12: [11, UNSPECIFIED, 1], // DCI-P3
}
// V4L2_XFER_FUNC_* and V4L2_YCBCR_ENC_*, 0 being the default of the colour space
const TRANSFER: Readonly<Record<number, number>> = { 1: 1, 2: 13, 4: 7, 5: 8, 7: 16 }
const MATRIX: Readonly<Record<number, number>> = { 1: 6, 2: 1, 3: 6, 4: 1, 6: 9, 7: 10, 8: 7 }
const FULL = 1
const LIMITED = 2

/**
 * What a driver says of its colours in the code points of H.273, or undefined where it says nothing, or
 * where the pixels have none.
 */
export function colorOf(
  driver: NativeV4l2Format,
  model: FourccInfo['model'],
): ColorDescription | undefined {
  const defaults = BY_COLORSPACE[driver.colorspace]
  if (defaults === undefined || (model !== 'rgb' && model !== 'yuv')) return undefined
  const full = model === 'rgb' || driver.colorspace === COLORSPACE_JPEG
  return {
    primaries: defaults[0],
    transfer: driver.transfer === 0 ? defaults[1] : (TRANSFER[driver.transfer] ?? UNSPECIFIED),
    matrix: model === 'rgb' ? 0 : driver.ycbcr === 0 ? defaults[2] : (MATRIX[driver.ycbcr] ?? 2),
    range: rangeOf(driver.quantization, full),
  }
}

function rangeOf(quantization: number, full: boolean): number {
  if (quantization === 1) return FULL
  if (quantization === 2) return LIMITED
  return full ? FULL : LIMITED
}
