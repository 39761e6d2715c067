import { extname } from 'node:path'
import type * as Sharp from 'sharp'
import { encodeNpyParts } from './npy-parts.ts'
import { checkOptions, refuse, wholeOption } from '../options/index.ts'
import { loadPeer } from '../peers/load-peer.ts'
import type { Frame } from '../ring/index.ts'
import { ENCODERS, encodePicture } from './encode-image.ts'
import { exifOf, withExif } from './exif.ts'
import { asciiJson, type FrameRecord, recordOf } from './frame-record.ts'
import { liveSignal } from './signal.ts'
import { writeAtomically } from './write-atomically.ts'

/** What a snapshot can be. */
export type SnapshotFormat = 'png' | 'jpeg' | 'webp' | 'npy'

export interface SnapshotOptions {
  /** 1 to 100, for jpeg and webp; sharp's own default (80) unless said */
  readonly quality?: number | undefined
  /** rejects with `ABORTED`; what stood under the path before stays */
  readonly signal?: AbortSignal | undefined
}

const FORMATS: readonly string[] = ['png', 'jpeg', 'webp', 'npy']
const BY_ENDING: Readonly<Record<string, SnapshotFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.npy': 'npy',
}

/**
 * One frame as a file that says where and when it was taken, or as the bytes of one.
 *
 * ```ts
 * using reader = openReader('front')
 * using frame = await reader.next()
 * await snapshot(frame, 'front.png')
 * response.end(await snapshot(frame, 'jpeg', { quality: 90 }))
 * ```
 *
 * The path's ending chooses: `.png`, `.jpg`, `.jpeg`, `.webp`, `.npy`. Pictures carry a
 * {@link FrameRecord} as EXIF (JSON in ImageDescription, the time in DateTimeOriginal); beside
 * `depth.npy` it stands in `depth.npy.json`. MJPG frames become JPEG files as they are, unless a
 * `quality` is asked for. A file appears under its name only when it is whole.
 *
 * Holds a lease of its own until the pixels are encoded, or (`.npy`, MJPG as it is) written.
 *
 * Rejects as `encodeImage` does for pictures; `OPTION_INVALID` for another ending; `SINK_FAILED` when
 * the file cannot be written; `LEASE_BROKEN` and `TRUNCATED`, and then there is no file.
 */
export function snapshot(
  frame: Frame,
  format: SnapshotFormat,
  options?: SnapshotOptions,
): Promise<Buffer>
export function snapshot(frame: Frame, path: string, options?: SnapshotOptions): Promise<void>
export async function snapshot(
  frame: Frame,
  target: string,
  options: SnapshotOptions = {},
): Promise<unknown> {
  const named = FORMATS.includes(target)
  const path = named ? undefined : target
  const format = named ? (target as SnapshotFormat) : formatOf(target)
  checkOptions('snapshot', options, ['quality', 'signal'])
  const signal = liveSignal(options.signal, 'the snapshot')
  const quality = options.quality
  if (quality !== undefined) wholeOption('quality', quality, 0, 1, 100)
  const record = recordOf(frame)
  // Its own bytes are better than any that sharp makes of them.
  const asItIs = frame.format.fourcc === 'MJPG' && format === 'jpeg' && quality === undefined
  if (format !== 'npy' && !asItIs) {
    const encode = ENCODERS[format]
    const settings = quality === undefined ? {} : { quality }
    const exif = exifOf(record)
    const image = await encodePicture(frame, (i) => encode(i, settings).withExif(exif), signal)
    if (path === undefined) return image
    await writeAtomically(path, [image], signal)
    return undefined
  }
  using held = frame.retain()
  const parts = asItIs ? await jpegParts(held, record) : encodeNpyParts(held.array)
  if (path === undefined) return Buffer.concat(parts)
  const sidecar = (): Promise<void> =>
    writeAtomically(`${path}.json`, [Buffer.from(`${asciiJson(record)}\n`)], signal)
  const done = (): void => {
    held.release()
  }
  await writeAtomically(path, parts, signal, done, format === 'npy' ? sidecar : undefined)
  return undefined
}

async function jpegParts(held: Frame, record: FrameRecord): Promise<readonly Uint8Array[]> {
  const sharp = (await loadPeer('sharp', 'snapshot')) as typeof Sharp.default
  return withExif(held.data, record, sharp)
}

function formatOf(path: unknown): SnapshotFormat {
  if (typeof path !== 'string') {
    return refuse('the target', path, "a path such as 'front.png', or 'png', 'jpeg', 'webp', 'npy'")
  }
  const ending = extname(path).toLowerCase()
  if (Object.hasOwn(BY_ENDING, ending)) return BY_ENDING[ending]!
  return refuse('the path', path, `one that ends in ${Object.keys(BY_ENDING).join(', ')}`)
}
