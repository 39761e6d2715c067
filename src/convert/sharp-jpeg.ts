import type { Sharp, SharpOptions } from 'sharp'
import { FrameringError } from '../errors/framering-error.ts'
import { loadPeer } from '../peers/load-peer.ts'
import type { CheckedPicture, ConvertedPicture, Picture } from './picture.ts'
import { invalid } from './picture.ts'

type SharpFunction = (input: Uint8Array, options?: SharpOptions) => Sharp

async function loadSharp(): Promise<SharpFunction> {
  return (await loadPeer('sharp', 'a JPEG without libturbojpeg')) as SharpFunction
}

/** What `convertSync` throws where there is no decoder that works on this thread. */
export function needsTurbojpeg(): FrameringError {
  return new FrameringError(
    'UNSUPPORTED',
    'convertSync of a JPEG needs libturbojpeg (Debian: apt install libturbojpeg0); install it, or call ' +
      'convert, which can do with the package sharp',
  )
}

/** The pixels of a JPEG as RGB3. What sharp itself calls grey is worked out in linear light. */
export async function decodeWithSharp(source: CheckedPicture): Promise<Picture> {
  const sharp = await loadSharp()
  const { width, height } = source
  try {
    const { data, info } = await sharp(source.bytes, { failOn: 'warning' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.width !== width || info.height !== height) {
      throw invalid(
        `the JPEG is ${info.width} x ${info.height} pixels and ${width} x ${height} were expected; ` +
          'give its own size',
      )
    }
    return { data, fourcc: 'RGB3', width, height }
  } catch (cause) {
    if (cause instanceof FrameringError) throw cause
    const { message } = cause as Error
    throw new FrameringError('FORMAT_INVALID', `the JPEG cannot be decoded: ${message}`, { cause })
  }
}

/** Writes a picture of RGB3 or GREY into `target`; returns the length of the JPEG. */
export async function encodeWithSharp(
  picture: ConvertedPicture,
  target: Uint8Array,
  quality: number,
): Promise<number> {
  const sharp = await loadSharp()
  const { data, width, height, fourcc } = picture
  const raw = { width, height, channels: fourcc === 'GREY' ? 1 : 3 } as const
  const jpeg = await sharp(data, { raw }).jpeg({ quality }).toBuffer()
  if (jpeg.length > target.length) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `the JPEG has ${jpeg.length} bytes and the target ${target.length}; give more room, or less quality`,
      { needed: jpeg.length, available: target.length },
    )
  }
  target.set(jpeg)
  return jpeg.length
}
