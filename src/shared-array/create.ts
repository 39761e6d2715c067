import { existsSync } from 'node:fs'
import { FrameringError } from '../errors/framering-error.ts'
import { isDType, itemsizeOf, DTYPES, type DType, type NdArray } from '../ndarray/index.ts'
import { sizeOf } from '../ndarray/layout.ts'
import { checkOptions, choiceOption, refuse, wholeOption, shapeOption } from '../options/index.ts'
import { Segment } from '../segment/index.ts'
import { LAYOUTS, type Layout, type LayoutName } from './layouts.ts'
import { placeOf } from './place.ts'
import { encodeRecord } from './record.ts'
import { arrayOver } from './view.ts'

export interface CreateOptions {
  /** Which versions of SharedArray can attach it. Default `'3.1'`: 3.1 and later on NumPy 1. */
  readonly layout?: LayoutName
  /** Who may read and write it. Default 0o600; the umask does not matter. */
  readonly mode?: number
}

/**
 * A new array of zeros in shared memory, or in a file. It stays, with everything in it, until
 * `remove`.
 *
 * ```ts
 * const frame = create('shm://frame', [480, 640, 3], 'uint8')
 * const samples = create('file:///var/lib/rig/samples', 1_000_000)  // float64, as in NumPy
 * ```
 *
 * C order. The elements start on a page, except in layout `'0.3'`, where they follow the record, at
 * byte 160. Nobody sees the array before it is complete, and there is never an array without memory.
 *
 * Throws `EXISTS`, `NAME_INVALID`, `OPTION_INVALID` (lengths, dtype, more axes than the layout has room
 * for), `SHM_FULL`, `PERMISSION`, and `NOT_FOUND` for a directory that is not there.
 */
export function create<D extends DType = 'float64'>(
  name: string,
  shape: number | readonly number[],
  dtype: D = 'float64' as D,
  options: CreateOptions = {},
): NdArray<D> {
  checkOptions('create', options, ['layout', 'mode'])
  const layoutName = options.layout ?? '3.1'
  const layout: Layout = choiceOption('layout', options.layout, '3.1', LAYOUTS)
  const mode = wholeOption('mode', options.mode, 0o600, 0, 0o777)
  if (!isDType(dtype)) refuse('dtype', dtype, DTYPES.join(', '))
  const lengths = axesOf(shape, layoutName)
  const bytes = sizeOf(lengths) * itemsizeOf(dtype)
  const { path, directory, what } = placeOf(name)

  // Before there is memory for it: a full /dev/shm must not hide that the name is taken.
  if (existsSync(path)) throw exists(what)
  const segment = Segment.create({ directory, bytes: bytes + layout.bytes, mode })
  try {
    const [start, recordAt] = layout.at === 'start' ? [layout.bytes, 0] : [0, bytes]
    new Uint8Array(segment.buffer).set(encodeRecord(layoutName, dtype, lengths, bytes), recordAt)
    const array = arrayOver(segment, name, dtype, { shape: lengths, start, bytes })
    segment.link(path)
    return array
  } catch (error) {
    segment.close()
    if (error instanceof FrameringError && error.code === 'EXISTS') throw exists(what)
    throw error
  }
}

/** Throws `OPTION_INVALID` for more axes than the layout's record has room for. */
function axesOf(shape: number | readonly number[], layout: LayoutName): readonly number[] {
  const lengths = shapeOption(shape)
  const { maxDims } = LAYOUTS[layout]
  if (lengths.length <= maxDims) return lengths
  return refuse(
    'shape',
    shape,
    `at most ${maxDims} lengths: layout '${layout}' has room for no more`,
  )
}

function exists(what: string): FrameringError {
  return new FrameringError(
    'EXISTS',
    `there is already ${what}; attach it, remove it, or choose another name`,
  )
}
