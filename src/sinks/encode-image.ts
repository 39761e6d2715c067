import type * as Sharp from 'sharp'
import { FrameringError } from '../errors/framering-error.ts'
import type { Frame } from '../ring/index.ts'
import { choiceOption, wholeOption } from '../ring/options.ts'

/** Into what a frame is encoded. */
export interface EncodeOptions {
  readonly format: 'jpeg' | 'png' | 'webp'
  /** 1 to 100, for jpeg and webp; sharp's own default (80) unless said */
  readonly quality?: number
}

const ENCODERS: Readonly<
  Record<
    EncodeOptions['format'],
    (image: Sharp.Sharp, settings: { quality?: number }) => Sharp.Sharp
  >
> = {
  jpeg: (image, settings) => image.jpeg(settings),
  png: (image) => image.png(),
  webp: (image, settings) => image.webp(settings),
}

/** The channel order of sharp is RGB: rows of the matrix give red, green, blue out of B, G, R. */
const SWAP: [[number, number, number], [number, number, number], [number, number, number]] = [
  [0, 0, 1],
  [0, 1, 0],
  [1, 0, 0],
]

/**
 * A frame as an image file's bytes, by means of the package sharp, off the main thread.
 *
 * ```ts
 * frames('front', { maxFps: 10 })
 *   .pipe(leaseMap((frame) => encodeImage(frame, { format: 'jpeg', quality: 80 })))
 *   .subscribe((jpeg) => response.write(jpeg))
 * ```
 *
 * Takes pictures of RGB3, RGBA, GREY, BGR3, BGRA, uint8 arrays `[h, w]` and `[h, w, 1…4]`, 16-bit grey
 * (Y16, Z16, uint16 `[h, w]`; only png keeps the 16 bits), and compressed MJPG. sharp reads the pixels
 * where they are, without a copy; BGR's channels are swapped on sharp's side. Holds a lease of its own
 * until it is done.
 *
 * Rejects with `PEER_MISSING` without sharp, `FORMAT_INVALID` for other formats, `OPTION_INVALID`,
 * `RELEASED`, `SINK_FAILED` when sharp fails, `LEASE_BROKEN` or `TRUNCATED`.
 */
export async function encodeImage(frame: Frame, options: EncodeOptions): Promise<Buffer> {
  const encode = choiceOption('format', options.format, undefined, ENCODERS)
  const { quality } = options
  const settings =
    quality === undefined ? {} : { quality: wholeOption('quality', quality, 0, 1, 100) }
  using held = frame.retain()
  const sharp = await loadSharp()
  const image = pictureOf(sharp, held)
  try {
    return await encode(image, settings).toBuffer()
  } catch (cause) {
    const { message } = cause as Error
    throw new FrameringError('SINK_FAILED', `sharp did not encode the frame: ${message}`, { cause })
  }
}

function pictureOf(sharp: typeof Sharp.default, frame: Frame): Sharp.Sharp {
  const { fourcc, dtype } = frame.format
  if (fourcc === 'MJPG') return sharp(frame.data)
  const raw = frame.raw
  if (dtype === 'uint16' && raw.channels === 1) {
    const image = sharp(frame.array.data as Uint16Array, { raw })
    // Without this sharp makes 8-bit sRGB of it.
    return image.toColourspace('grey16')
  }
  if (dtype !== 'uint8') {
    throw new FrameringError(
      'FORMAT_INVALID',
      `${fourcc || dtype} pictures have no image file of their own; scale them to uint8 or uint16`,
    )
  }
  const image = sharp(frame.data, { raw })
  return fourcc === 'BGR3' || fourcc === 'BGRA' ? image.recomb(SWAP) : image
}

async function loadSharp(): Promise<typeof Sharp.default> {
  try {
    return (await import('sharp')).default
  } catch (cause) {
    throw new FrameringError(
      'PEER_MISSING',
      'encodeImage needs the package sharp; add it with: npm install sharp',
      { cause },
    )
  }
}
