import { FrameringError } from '../errors/framering-error.ts'
import { fieldType, mismatch, type FieldType } from './field-type.ts'
import { checkLength } from './layout.ts'

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * A string in `length` bytes of UTF-8, C's `char name[length]`.
 *
 * ```ts
 * const Camera = struct({ name: string(16), fps: f32 })
 * camera.name = 'front' // and eleven NULs
 * ```
 *
 * Reading ends at the first NUL; bytes that are not UTF-8 read as U+FFFD. Writing fills up with NULs.
 * As in C and ctypes, a text of exactly `length` bytes fits and has no NUL behind it: give `length`
 * one more than the longest text if the other side needs one.
 *
 * `length` is 1 or more, else `OPTION_INVALID`. Writing throws `VALUE_TOO_LARGE` for a text of more
 * bytes, with `needed` and `available`, and `DTYPE_MISMATCH` for what would not read back the same: no
 * string, a NUL within, half a surrogate pair. Nothing is written then.
 */
export function string(length: number): FieldType<string, string, string> {
  const size = checkLength('a string', length, 2 ** 32 - 1)
  const name = `string(${size})`
  function load(view: DataView, at: number): string {
    // From a copy: another process may write meanwhile, and the decoder reads its input twice, first to
    // learn how long the string will be.
    const copy = Buffer.from(new Uint8Array(view.buffer, view.byteOffset + at, size))
    const end = copy.indexOf(0)
    return copy.toString('utf8', 0, end === -1 ? size : end)
  }
  return fieldType(name, size, 1, {
    isView: false,
    access: load,
    load,
    prepare(value: unknown, path) {
      if (typeof value !== 'string') mismatch(path, value, name, 'a string')
      if (value.includes('\0'))
        mismatch(path, value, name, 'no NUL: it ends the text; use bytes(n)')
      if (LONE_SURROGATE.test(value)) mismatch(path, value, name, 'text that UTF-8 can hold')
      const text = Buffer.from(value, 'utf8')
      if (text.length <= size) return text
      throw new FrameringError(
        'VALUE_TOO_LARGE',
        `${path} is a text of ${text.length} bytes and ${name} holds ${size}; ` +
          'give a shorter one, or define the field longer on both sides',
        { needed: text.length, available: size },
      )
    },
    store(view, at, _little, prepared) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size)
      const text = prepared as Buffer
      bytes.set(text)
      bytes.fill(0, text.length)
    },
  })
}
