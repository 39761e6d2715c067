import type * as Sharp from 'sharp'
import { convert } from '../convert/index.ts'
import { FrameringError } from '../errors/framering-error.ts'
import { fourccInfo } from '../format/index.ts'
import type { Frame } from '../ring/index.ts'
import { aborted, choiceOption, wholeOption } from '../options/index.ts'
import { loadPeer } from '../peers/load-peer.ts'
import { liveSignal } from './signal.ts'

/** Into what a frame is encoded. */
export interface EncodeOptions {
  readonly format: 'jpeg' | 'png' | 'webp'
  /** 1 to 100, for jpeg and webp; sharp's own default (80) unless said */
  readonly quality?: number
  /** rejects with `ABORTED`; sharp cannot be stopped, so the lease is held until it is done */
  readonly signal?: AbortSignal | undefined
}

const WHAT = 'encoding a frame'

/** @internal */
export type Encoder = (image: Sharp.Sharp, settings: { quality?: number }) => Sharp.Sharp

/** @internal */
export const ENCODERS: Readonly<Record<EncodeOptions['format'], Encoder>> = {
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
 * (Y16, Z16, uint16 `[h, w]`; only png keeps the 16 bits), and compressed MJPG: sharp reads the pixels
 * where they are, without a copy; BGR's channels are swapped on sharp's side. YUV, Bayer and 32FC1 go
 * through `convert` first, with its defaults. Holds a lease of its own until it is done.
 *
 * Rejects with `PEER_MISSING` without a sharp that loads, `UNSUPPORTED` for arrays of other types and for
 * H264 and HEVC, `FORMAT_INVALID` for arrays that are no picture,
 * `OPTION_INVALID`, `ABORTED`, `RELEASED`, `SINK_FAILED` when sharp fails, `LEASE_BROKEN` or `TRUNCATED`.
 */
export async function encodeImage(frame: Frame, options: EncodeOptions): Promise<Buffer> {
  const given = options as Partial<EncodeOptions> | null | undefined
  const { format, quality, signal } = given ?? {}
  const encode = choiceOption('format', format, undefined, ENCODERS)
  const settings =
    quality === undefined ? {} : { quality: wholeOption('quality', quality, 0, 1, 100) }
  return encodePicture(frame, (image) => encode(image, settings), signal)
}

/** @internal The same with an encoder of the caller's. */
export async function encodePicture(
  frame: Frame,
  encode: (image: Sharp.Sharp) => Sharp.Sharp,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const stop = liveSignal(signal, WHAT)
  const encoding = encodeHeld(frame, encode, stop)
  return stop === undefined ? encoding : orAborted(encoding, stop)
}

/** Holds its lease until sharp is done with the memory, whoever waits for the result or not. */
async function encodeHeld(
  frame: Frame,
  encode: (image: Sharp.Sharp) => Sharp.Sharp,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  using held = frame.retain()
  const sharp = (await loadPeer('sharp', 'encodeImage')) as typeof Sharp.default
  if (signal?.aborted) throw aborted(WHAT, signal)
  const image = await pictureOf(sharp, held)
  try {
    return await encode(image).toBuffer()
  } catch (cause) {
    const { message } = cause as Error
    throw new FrameringError('SINK_FAILED', `sharp did not encode the frame: ${message}`, { cause })
  }
}

function orAborted(encoding: Promise<Buffer>, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(aborted(WHAT, signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = (): void => {
      signal.removeEventListener('abort', onAbort)
    }
    encoding.then(resolve, reject).then(settled, settled)
  })
}

async function pictureOf(sharp: typeof Sharp.default, frame: Frame): Promise<Sharp.Sharp> {
  const { fourcc, dtype } = frame.format
  if (fourcc === 'MJPG') return sharp(frame.data)
  const info = fourccInfo(fourcc)
  if (info?.model === 'yuv' || info?.model === 'bayer' || fourcc === 'R  F') {
    const { data, width, height } = await convert(frame, { to: 'RGB3' })
    return sharp(data, { raw: { width, height, channels: 3 } })
  }
  const known = dtype === 'uint8' || (dtype === 'uint16' && frame.format.shape.length === 2)
  if (!known || info?.opaque) throw unsupported(frame)
  const raw = frame.raw
  if (dtype === 'uint16') {
    const image = sharp(frame.array.data as Uint16Array, { raw })
    // Without this sharp makes 8-bit sRGB of it.
    return image.toColourspace('grey16')
  }
  const image = sharp(frame.data, { raw })
  return fourcc === 'BGR3' || fourcc === 'BGRA' ? image.recomb(SWAP) : image
}

function unsupported({ format: { fourcc, dtype, shape } }: Frame): FrameringError {
  const what = fourcc === '' ? `${dtype} arrays [${shape.join(', ')}]` : `${fourcc.trim()} frames`
  return new FrameringError(
    'UNSUPPORTED',
    `sharp makes no image file of ${what}; make a picture of it first, or save it ` +
      'as it is with snapshot(frame, path) to a path that ends in .npy',
  )
}
