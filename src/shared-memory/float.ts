import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** A number that is stored as a float whatever its value: made by `float()`. */
export class Float {
  readonly value: number

  constructor(value: number) {
    if (typeof value !== 'number') {
      throw new FrameringError('DTYPE_MISMATCH', `float() got ${show(value)}; give a number`)
    }
    this.value = value
    Object.freeze(this)
  }
}

/**
 * A number for a `ShareableList` that Python is to see as a float.
 *
 * ```ts
 * const list = new ShareableList([3, float(3), 2.5]) // in Python: [3, 3.0, 2.5]
 * ```
 *
 * JavaScript has one kind of number, and a list has two: without this, 3.0 is stored as the int 3. Only
 * whole numbers need it. Throws `DTYPE_MISMATCH` unless `value` is a number.
 */
export function float(value: number): Float {
  return new Float(value)
}
