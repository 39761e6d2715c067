import type * as Sharp from 'sharp'
import { FrameringError } from '../errors/framering-error.ts'
import { asciiJson, type FrameRecord } from './frame-record.ts'

/**
 * A record as EXIF 2.3 tags: all of it as JSON in ImageDescription; the time of capture (or else of
 * publishing) in UTC as DateTimeOriginal, where programs that sort pictures look for it.
 */
export function exifOf(record: FrameRecord): Sharp.Exif {
  const [, date, clock, ms] =
    /^(.*)T(.*)\.(.*)Z$/.exec(record.captured ?? record.published ?? '') ?? []
  return {
    IFD0: { ImageDescription: asciiJson(record), Software: 'framering' },
    ...(date !== undefined && {
      // sharp's name for the part of EXIF that is called Exif
      IFD2: {
        DateTimeOriginal: `${date.replaceAll('-', ':')} ${clock}`,
        SubSecTimeOriginal: ms ?? '0',
        OffsetTimeOriginal: '+00:00',
      },
    }),
  }
}

const SOI = [0xff, 0xd8]
const APP0 = [0xff, 0xe0]
const APP1 = [0xff, 0xe1]
const PIXEL_X = [0x02, 0xa0, 4, 0, 1, 0, 0, 0] // tag, type LONG, count 1: little-endian
const PIXEL_Y = [0x03, 0xa0, 4, 0, 1, 0, 0, 0]

/**
 * A JPEG with EXIF tags, in pieces: what stood there is neither decoded nor copied. They go behind the
 * JFIF header, which must come first (JFIF 1.02, "Conforming file").
 *
 * @throws SINK_FAILED for bytes that are no JPEG
 */
export async function withExif(
  jpeg: Uint8Array,
  record: FrameRecord,
  sharp: typeof Sharp.default,
): Promise<readonly Uint8Array[]> {
  if (!isJpeg(jpeg)) {
    throw new FrameringError(
      'SINK_FAILED',
      `frame ${record.sequence} of '${record.ring}' is no JPEG, though its format says so; ` +
        'it came damaged from its source: take the next',
    )
  }
  const tags = await exifBlock(record, sharp)
  const length = tags.length + 2
  const header = Uint8Array.of(...APP1, length >> 8, length & 0xff)
  const jfif = starts(jpeg, 2, APP0) ? 2 + (jpeg[4] ?? 0) * 256 + (jpeg[5] ?? 0) : 0
  const at = Math.min(2 + jfif, jpeg.length)
  return [jpeg.subarray(0, at), header, tags, jpeg.subarray(at)]
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 4 && starts(bytes, 0, SOI)
}

/** The tags as sharp writes them, by way of a picture of one pixel that is thrown away. */
async function exifBlock(record: FrameRecord, sharp: typeof Sharp.default): Promise<Uint8Array> {
  const pixel = { width: 1, height: 1, channels: 3, background: 'black' } as const
  const one = await sharp({ create: pixel }).withExif(exifOf(record)).jpeg().toBuffer()
  const { exif } = await sharp(one).metadata()
  const tags = Buffer.from(exif ?? [])
  // It counted its one pixel.
  for (const [tag, size] of [
    [PIXEL_X, record.format.width],
    [PIXEL_Y, record.format.height],
  ] as const) {
    const at = tags.indexOf(Uint8Array.from(tag))
    if (at >= 0) tags.writeUInt32LE(size, at + tag.length)
  }
  return tags
}

function starts(bytes: Uint8Array, at: number, marker: readonly number[]): boolean {
  return bytes[at] === marker[0] && bytes[at + 1] === marker[1]
}
