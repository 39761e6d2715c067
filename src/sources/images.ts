import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { resolveFormat } from '../format/index.ts'
import { now } from '../ring/clock.ts'
import {
  checkDecodedFourcc,
  type DecodedFourcc,
  type DecodedPicture,
  type DecodePicture,
  pictureDecoder,
} from './decode-picture.ts'
import { argument, badOption, checkOptions, flag, frameRate } from './options.ts'
import { Pacer } from './pacing.ts'
import { createSource, type Source } from './source.ts'

/** Which pictures, how large and how fast. */
export interface ImagesOptions {
  /** paths, in this order */
  readonly files?: readonly string[] | undefined
  /** in place of `files`: every picture of a folder, by name, `2.png` before `10.png` */
  readonly directory?: string | undefined
  /** frames a second; default: as fast as they decode */
  readonly fps?: number | undefined
  /** true: begin again after the last */
  readonly loop?: boolean | undefined
  /** pixels, together with `height`; default: the size of the first picture */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** default 'RGB3' */
  readonly fourcc?: DecodedFourcc | undefined
}

const SOURCE = 'images'
const OPTIONS = ['files', 'directory', 'fps', 'loop', 'width', 'height', 'fourcc']
const PICTURES = /^[^.].*\.(avif|gif|jpe?g|png|svg|tiff?|webp)$/i
const byNumberAndName = new Intl.Collator('en', { numeric: true })

/**
 * Pictures from files, decoded by sharp (an optional peer) and turned as their EXIF says.
 *
 * ```ts
 * const slides = await images({ directory: 'slides', fps: 1, loop: true, width: 1280, height: 720 })
 * ```
 *
 * Pictures of another size are scaled to fit, with black borders. sharp decodes into memory of its
 * own: this source copies each frame once, into the slot. A file is read when its turn comes.
 *
 * @throws OPTION_INVALID, FORMAT_INVALID; PEER_MISSING without sharp; SOURCE_FAILED, from here or from
 * `pump`, naming the file that cannot be read or decoded
 */
export async function images(options: ImagesOptions): Promise<Source> {
  const { fps, loop = false, fourcc = 'RGB3' } = checked(options)
  checkDecodedFourcc(SOURCE, fourcc)
  const decode = await pictureDecoder(SOURCE, fourcc)
  const files = await listFiles(options)
  const { width, height } = options
  const size =
    width !== undefined && height !== undefined
      ? { width, height }
      : await decodeFile(decode, files[0] as string)
  const format = resolveFormat({ format: { fourcc, width: size.width, height: size.height } })
  const fit = { width: format.width, height: format.height }

  return createSource(format, async (sink, signal) => {
    const pacer = new Pacer(fps)
    let sourceSequence = 0
    do {
      for (const file of files) {
        const { data } = await decodeFile(decode, file, fit)
        const wait = pacer.due(signal)
        if (wait) await wait
        if (signal.aborted) return
        const captureTime = now()
        sourceSequence++
        sink.emit(
          (slot) => {
            slot.set(data)
          },
          { captureTime, captureMoment: 'received', sourceSequence },
        )
      }
    } while (loop)
  })
}

async function decodeFile(
  decode: DecodePicture,
  file: string,
  size?: { width: number; height: number },
): Promise<DecodedPicture> {
  try {
    return await decode(await readFile(file), size)
  } catch (cause) {
    throw new FrameringError(
      'SOURCE_FAILED',
      `${file} cannot be read as a picture (${(cause as Error).message}); leave it out or replace it`,
      { cause },
    )
  }
}

async function listFiles({ files, directory }: ImagesOptions): Promise<readonly string[]> {
  if (files !== undefined) return [...files]
  const folder = directory as string
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (cause) {
    throw new FrameringError(
      'SOURCE_FAILED',
      `the folder ${folder} cannot be read (${(cause as Error).message}); check \`directory\``,
      { cause },
    )
  }
  const pictures = names.filter((name) => PICTURES.test(name)).sort(byNumberAndName.compare)
  if (pictures.length === 0) {
    throw new FrameringError(
      'SOURCE_FAILED',
      `the folder ${folder} has no pictures (PNG, JPEG, WebP, AVIF, GIF, TIFF, SVG)`,
    )
  }
  return pictures.map((name) => join(folder, name))
}

function checked(options: ImagesOptions): ImagesOptions {
  checkOptions(SOURCE, options, OPTIONS)
  const { files, directory, width, height } = options
  if ((files === undefined) === (directory === undefined)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `one of files and directory must be given to images, and ${files === undefined ? 'neither' : 'both'} came; ` +
        "give, for example, { directory: 'slides' }",
    )
  }
  if (directory !== undefined) argument(SOURCE, 'directory', directory)
  if (files !== undefined) {
    if (!Array.isArray(files) || files.length === 0) {
      throw badOption(SOURCE, 'files', 'an array of at least one path', files)
    }
    files.forEach((file, i) => {
      argument(SOURCE, `files[${i}]`, file)
    })
  }
  if ((width === undefined) !== (height === undefined)) {
    throw badOption(SOURCE, 'width and height', 'given together or not at all', { width, height })
  }
  frameRate(SOURCE, options.fps)
  flag(SOURCE, 'loop', options.loop)
  return options
}
