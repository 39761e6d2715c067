import { Option, type Command } from 'commander'
import { type DType, DTYPES } from '../../ndarray/index.ts'
import type { CommonFlags } from '../flags.ts'
import { misused, number, wholeNumber } from '../flags.ts'

/** What `framering pub` can be told. */
export interface PubFlags extends CommonFlags {
  readonly from: string
  readonly format?: string
  readonly size?: Size
  readonly dtype?: DType
  readonly shape?: readonly number[]
  readonly fps?: number
  readonly loop?: true
  readonly realtime?: true
  readonly inputArgs?: readonly string[]
  readonly slots?: number
  readonly readers?: number
  readonly mode?: number
  readonly lock?: 'try' | 'required' | 'none'
  readonly count?: number
  readonly duration?: number
}

/** pixels */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The flags of the ring and of its end. */
export function withRingFlags(command: Command): Command {
  return command
    .option('--slots <n>', 'frames the ring has room for (8)', wholeNumber('slots', 2, 1000))
    .option('--readers <n>', 'readers at the same time (32)', wholeNumber('readers', 1, 64))
    .option('--mode <octal>', 'who may read, as of a file (600)', mode)
    .addOption(
      new Option('--lock <how>', 'whether the memory is locked, never swapped out (try)').choices([
        'try',
        'required',
        'none',
      ]),
    )
    .option(
      '--count <n>',
      'ends after so many frames',
      wholeNumber('count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--duration <s>', 'ends after so many seconds', seconds('duration'))
}

/** The flags of what the frames are. */
export function withFormatFlags(command: Command): Command {
  return command
    .option('--format <fourcc>', 'of pictures: RGB3, YUYV, NV12, GREY, … (RGB3)')
    .option('--size <WxH>', 'pixels, as in 640x480', size)
    .addOption(new Option('--dtype <dtype>', 'of an array instead of a picture').choices(DTYPES))
    .option('--shape <AxBx…>', 'with --dtype, as in 480x640', shape)
    .option('--fps <n>', 'frames a second', number('fps', 0.001, 'frames a second'))
}

/** Reads seconds, which a timer holds. */
export function seconds(flag: string): (text: string) => number {
  const read = number(flag, 0.001, 'seconds')
  return (text) => {
    const value = read(text)
    if (value <= LONGEST) return value
    throw misused(`--${flag} takes at most ${LONGEST} seconds, got '${text}'`)
  }
}

/** Beyond 2³¹ ms a timer runs off at once. */
const LONGEST = 2_000_000

/** Reads width and height, as in 640x480. */
export function size(text: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/i.exec(text) ?? []
  if (width !== undefined && height !== undefined) {
    return { width: Number(width), height: Number(height) }
  }
  throw misused(`--size takes width and height in pixels, as in 640x480, got '${text}'`)
}

function shape(text: string): readonly number[] {
  if (/^\d+([x,]\d+)*$/i.test(text)) return text.split(/[x,]/i).map(Number)
  throw misused(`--shape takes a length for each axis, as in 480x640x3, got '${text}'`)
}

function mode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw misused(`--mode takes three octal digits, as in 640, got '${text}'`)
}

/** Arguments of ffmpeg as they would be typed, without quotes: each space separates. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
