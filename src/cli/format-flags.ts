import { type Command, Option } from 'commander'
import { FrameringError } from '../errors/framering-error.ts'
import { FOURCCS, type FormatSpec, type FrameFormat, resolveFormat } from '../format/index.ts'
import { type DType, DTYPES } from '../ndarray/index.ts'
import { misused } from './flags.ts'

/** pixels */
export interface Size {
  readonly width: number
  readonly height: number
}

/** What `withFormatFlags` leaves among a command's flags. */
export interface FormatFlags {
  readonly format?: string
  readonly size?: Size
  readonly dtype?: DType
  readonly shape?: readonly number[]
}

/** A command that is told what frames are: a picture or an array. */
export function withFormatFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--format <fourcc>',
        `of pictures: ${FOURCC_NAMES.slice(0, 4).join(', ')}, …`,
      ).choices(FOURCC_NAMES),
    )
    .option('--size <WxH>', 'pixels, as in 640x480', size)
    .addOption(
      new Option('--dtype <name>', 'of an array instead of a picture: uint8, float32, …').choices(
        DTYPES,
      ),
    )
    .option('--shape <AxBx…>', 'with --dtype, as in 480x640', shape)
}

/** What the flags ask for; undefined where they say nothing. Throws `OPTION_INVALID` for a part of it. */
export function specOfFlags(flags: FormatFlags, capacity?: number): FormatSpec | undefined {
  const { format: fourcc, size, dtype, shape } = flags
  const picture = fourcc !== undefined || size !== undefined
  const array = dtype !== undefined || shape !== undefined
  if (picture && array) {
    throw misused('give --format and --size for a picture, or --dtype and --shape for an array')
  }
  if (array) {
    if (dtype === undefined) throw misused('--shape needs --dtype, as in --dtype float32')
    if (shape === undefined) throw misused('--dtype needs --shape, as in --shape 480x640')
    return { dtype, shape }
  }
  if (!picture) return undefined
  if (size === undefined) throw misused('--format needs --size, as in --size 640x480')
  return { format: { fourcc: fourcc ?? 'RGB3', ...size }, capacity }
}

/** `resolveFormat` of what was typed. Throws `OPTION_INVALID`. */
export function formatOfSpec(spec: FormatSpec): FrameFormat {
  return fromTyped(() => resolveFormat(spec))
}

/** What is made of what was typed alone: where that cannot be, the command line is at fault. */
export function fromTyped<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof FrameringError ? misused(error.message.replaceAll('`', '')) : error
  }
}

/** The formats of pictures, as they are typed. */
export const FOURCC_NAMES = FOURCCS.map(({ fourcc }) => fourcc.trimEnd())

/** Reads width and height, as in 640x480. */
export function size(text: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/i.exec(text) ?? []
  if (width !== undefined && height !== undefined) {
    return { width: Number(width), height: Number(height) }
  }
  throw misused(`--size takes width and height in pixels, as in 640x480, got '${text}'`)
}

/** Reads a length for each axis, as in 480x640x3. */
export function shape(text: string): readonly number[] {
  if (/^\d+([x,]\d+)*$/i.test(text)) return text.split(/[x,]/i).map(Number)
  throw misused(`--shape takes a length for each axis, as in 480x640x3, got '${text}'`)
}
