import type { Sharp, SharpOptions } from 'sharp'
import { badOption } from './options.ts'
import { loadPeer } from '../peers/load-peer.ts'

/** Formats sharp's decoder can deliver. */
export type DecodedFourcc = 'RGB3' | 'RGBA' | 'GREY'

const CHANNELS: Readonly<Record<DecodedFourcc, number>> = { RGB3: 3, RGBA: 4, GREY: 1 }

/** A decoded picture, row by row without padding. */
export interface DecodedPicture {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Decodes PNG, JPEG and whatever else sharp reads. `size`: fitted into it, with black borders. */
export type DecodePicture = (
  bytes: Uint8Array,
  size?: { readonly width: number; readonly height: number },
) => Promise<DecodedPicture>

export function checkDecodedFourcc(
  source: string,
  fourcc: string,
): asserts fourcc is DecodedFourcc {
  if (!Object.hasOwn(CHANNELS, fourcc)) {
    throw badOption(source, 'fourcc', `one of ${Object.keys(CHANNELS).join(', ')}`, fourcc)
  }
}

/** The decoder for one format. Throws PEER_MISSING without sharp. */
export async function pictureDecoder(
  source: string,
  fourcc: DecodedFourcc,
): Promise<DecodePicture> {
  const sharp = (await loadPeer('sharp', source)) as (
    input: Uint8Array,
    options?: SharpOptions,
  ) => Sharp
  return async (bytes, size) => {
    let picture = sharp(bytes).rotate()
    if (size) {
      picture = picture.resize({ ...size, fit: 'contain', background: '#000', kernel: 'linear' })
    }
    picture = fourcc === 'GREY' ? picture.greyscale() : picture.toColourspace('srgb')
    picture = fourcc === 'RGBA' ? picture.ensureAlpha() : picture.removeAlpha()
    const { data, info } = await picture
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== CHANNELS[fourcc]) {
      throw new Error(`decoded to ${info.channels} channels, ${CHANNELS[fourcc]} expected`)
    }
    return { data, width: info.width, height: info.height }
  }
}
