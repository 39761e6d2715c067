import { FrameringError } from '../errors/framering-error.ts'
import { DTYPES, isDType } from '../ndarray/index.ts'
import { checkOptions, show } from '../options/index.ts'
import type { ArrayHandle } from './handle.ts'

const FIELDS = ['name', 'dtype', 'shape', 'strides', 'byteOffset']
/** As many as NumPy has at most. */
const MOST_AXES = 64

/**
 * A copy of a handle, each field of its type and range. It may come from anybody: whether it fits the
 * memory is not looked at here. Throws `OPTION_INVALID`.
 */
export function checkHandle(given: unknown): ArrayHandle {
  checkOptions('open', given, FIELDS)
  const { name, dtype, shape, strides, byteOffset } = given as Readonly<Record<string, unknown>>
  if (typeof name !== 'string') throw invalid('name', name, 'the string that handleOf gave')
  if (!isDType(dtype)) throw invalid('dtype', dtype, DTYPES.join(', '))
  const lengths = wholeNumbers('shape', shape)
  const negative = lengths.find((length) => length < 0)
  if (negative !== undefined) throw invalid('shape', shape, 'lengths of 0 or more')
  const steps = wholeNumbers('strides', strides)
  if (steps.length !== lengths.length) {
    throw invalid('strides', strides, `${lengths.length} of them, one per length of the shape`)
  }
  if (!Number.isSafeInteger(byteOffset) || (byteOffset as number) < 0) {
    throw invalid('byteOffset', byteOffset, 'a whole number of bytes, 0 or more')
  }
  return { name, dtype, shape: lengths, strides: steps, byteOffset: byteOffset as number }
}

function wholeNumbers(field: string, given: unknown): number[] {
  if (!Array.isArray(given) || given.length > MOST_AXES) {
    throw invalid(field, given, `a list of at most ${MOST_AXES} whole numbers`)
  }
  const copy: unknown[] = [...(given as unknown[])]
  if (copy.every((number): number is number => Number.isSafeInteger(number))) return copy
  throw invalid(field, given, 'a list of whole numbers')
}

function invalid(field: string, value: unknown, expected: string): FrameringError {
  return new FrameringError(
    'OPTION_INVALID',
    `the handle's ${field} is ${show(value)}; give ${expected}: handles come from handleOf`,
  )
}
