import { FrameringError } from '../errors/framering-error.ts'
import type { ColorDescription } from '../format/index.ts'
import { checkOptions, choiceOption, refuse, wholeOption } from '../options/index.ts'
import type { Loan } from '../ring/index.ts'
import type { ColorMap } from './color-map.ts'
import type { CheckedPicture, Picture } from './picture.ts'
import { MAX_SIDE } from './picture.ts'

/** What happens to a picture on its way. In this order: crop, scale to `size`, flip, rotate. */
export interface PictureOptions {
  /** pixels of the source; default: all of it */
  readonly crop?:
    | { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
    | undefined
  /** pixels of the result, after `rotate`; default: that of the crop */
  readonly size?: { readonly width: number; readonly height: number } | undefined
  /** how it is scaled; default 'area': the mean of all that a pixel covers */
  readonly filter?: 'area' | 'nearest' | undefined
  /** 'horizontal' changes left and right, 'vertical' top and bottom */
  readonly flip?: 'horizontal' | 'vertical' | 'both' | undefined
  /** degrees clockwise */
  readonly rotate?: 0 | 90 | 180 | 270 | undefined
  /** of YUV; of two YUV pictures the target's. Default: what `color` says, else 'bt601' */
  readonly matrix?: 'bt601' | 'bt709' | 'bt2020' | undefined
  /** of YUV, on the same terms; default 'limited' */
  readonly range?: 'limited' | 'full' | undefined
  /** Y16, Z16, 32FC1 to colours; default: 'turbo' for depth, 'grey' for Y16 */
  readonly colorMap?: ColorMap | undefined
  /**
   * Y16, Z16, 32FC1, 16-bit Bayer: the values that become 0 and 255, the first may be the greater.
   * Default: 'auto', the least and greatest there are, for depth; all 16 bits for the others.
   */
  readonly valueRange?: 'auto' | readonly [number, number] | undefined
  /** red, green, blue of pixels without a value, where there is a colour map; default black */
  readonly noValue?: readonly [number, number, number] | undefined
}

/** What {@link convert} takes. */
export interface ConvertOptions extends PictureOptions {
  /** the format to convert to; default: that of `into` if it is a picture, else the source's */
  readonly to?: string | undefined
  /** memory for the result; default: fresh */
  readonly into?: Uint8Array | Loan | Picture | undefined
  /** of a JPEG, 1 to 100; default 80 */
  readonly quality?: number | undefined
}

/** @internal Names of PictureOptions. */
export const PICTURE_OPTIONS = [
  'crop',
  'size',
  'filter',
  'flip',
  'rotate',
  'matrix',
  'range',
  'colorMap',
  'valueRange',
  'noValue',
] as const

const TURNS: Readonly<Record<string, number>> = { 0: 0, 90: 90, 180: 180, 270: 270 }
const MATRICES = { bt601: 6, bt709: 1, bt2020: 9 } as const
const RANGES = { limited: 2, full: 1 } as const

/** Where the pixels come from and go to, checked. */
export interface Geometry {
  readonly crop: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  }
  /** of the result */
  readonly width: number
  readonly height: number
  readonly nearest: boolean
  readonly flip: number
  readonly rotate: number
}

/** @throws OPTION_INVALID */
export function geometryOf(source: CheckedPicture, options: PictureOptions): Geometry {
  const { filter, flip, rotate = 0 } = options
  const turn = choiceOption('rotate', String(rotate), undefined, TURNS)
  const crop = cropOf(source, options.crop)
  const sideways = turn % 180 !== 0
  const natural = sideways
    ? { width: crop.height, height: crop.width }
    : { width: crop.width, height: crop.height }
  const size = options.size ?? natural
  checkOptions('size', size, ['width', 'height'])
  return {
    crop,
    width: wholeOption('size.width', size.width, Number.NaN, 1, MAX_SIDE),
    height: wholeOption('size.height', size.height, Number.NaN, 1, MAX_SIDE),
    nearest: choiceOption('filter', filter, 'area', { area: false, nearest: true }),
    flip:
      flip === undefined
        ? 0
        : choiceOption('flip', flip, undefined, { horizontal: 1, vertical: 2, both: 3 }),
    rotate: turn,
  }
}

function cropOf(source: CheckedPicture, crop: PictureOptions['crop']): Geometry['crop'] {
  const { width, height } = source
  if (crop === undefined) return { x: 0, y: 0, width, height }
  checkOptions('crop', crop, ['x', 'y', 'width', 'height'])
  const x = wholeOption('crop.x', crop.x, Number.NaN, 0, width - 1)
  const y = wholeOption('crop.y', crop.y, Number.NaN, 0, height - 1)
  return {
    x,
    y,
    width: wholeOption('crop.width', crop.width, Number.NaN, 1, width - x),
    height: wholeOption('crop.height', crop.height, Number.NaN, 1, height - y),
  }
}

/** What the YUV of a picture means: the options first, then its own description, then BT.601 limited. */
export function yuvColor(
  color: ColorDescription | undefined,
  options: Pick<PictureOptions, 'matrix' | 'range'>,
): ColorDescription {
  const given = color ?? { primaries: 2, transfer: 2, matrix: 2, range: 0 }
  const matrix =
    options.matrix === undefined
      ? knownMatrix(given.matrix)
      : choiceOption('matrix', options.matrix, undefined, MATRICES)
  const range =
    options.range === undefined
      ? given.range || RANGES.limited
      : choiceOption('range', options.range, undefined, RANGES)
  return { ...given, matrix, range }
}

function knownMatrix(matrix: number): number {
  if (matrix === 2) return MATRICES.bt601
  if (matrix === 1 || matrix === 5 || matrix === 6 || matrix === 9) return matrix
  throw new FrameringError(
    'UNSUPPORTED',
    `the colour matrix ${matrix} (H.273) is not converted; give matrix: 'bt601', 'bt709' or 'bt2020'`,
  )
}

/** Low, high; undefined = to be looked for. `depth`: what there is by default. */
export function valueRangeOf(
  range: PictureOptions['valueRange'],
  depth: boolean,
): readonly [number, number] | undefined {
  const chosen = range ?? (depth ? 'auto' : [0, 65535])
  if (chosen === 'auto') return undefined
  const [low, high] = Array.isArray(chosen) ? (chosen as readonly unknown[]) : []
  const given: readonly unknown[] = [low, high]
  if (
    given.every((value) => Number.isFinite(value)) &&
    Math.fround(low as number) !== Math.fround(high as number)
  ) {
    return [low as number, high as number]
  }
  return refuse('valueRange', range, "'auto' or two different numbers [low, high]")
}

/** @throws OPTION_INVALID */
export function noValueOf(color: NonNullable<PictureOptions['noValue']>): readonly number[] {
  const levels: readonly unknown[] = Array.isArray(color) ? (color as readonly unknown[]) : []
  const fits = (level: unknown): boolean =>
    Number.isInteger(level) && (level as number) >= 0 && (level as number) <= 255
  if (levels.length === 3 && levels.every(fits)) return levels as readonly number[]
  return refuse('noValue', color, 'red, green and blue, each from 0 to 255')
}
