import { FrameringError } from '../errors/framering-error.ts'
import { fieldType, mismatch, type FieldType } from './field-type.ts'
import { checkLength } from './layout.ts'

/**
 * `length` bytes as they are, C's `uint8_t data[length]`.
 *
 * ```ts
 * const Packet = struct({ kind: u8, payload: bytes(63) })
 * packet.payload.set(received) // a Uint8Array over the packet's own memory
 * ```
 *
 * An accessor gives a Uint8Array of that memory, which wraps numbers around as any other does;
 * `toObject` gives a copy. `length` is 1 or more, else `OPTION_INVALID`. `write` and `assign` take a
 * Uint8Array of exactly that length: `SHAPE_MISMATCH`, `DTYPE_MISMATCH`.
 */
export function bytes(length: number): FieldType<Uint8Array, Uint8Array, Uint8Array> {
  const size = checkLength('bytes', length, Number.MAX_SAFE_INTEGER)
  const name = `bytes(${size})`
  const access = (view: DataView, at: number) =>
    new Uint8Array(view.buffer, view.byteOffset + at, size)
  return fieldType(name, size, 1, {
    isView: true,
    access,
    load: (view, at) => access(view, at).slice(),
    prepare(value: unknown, path) {
      // By its tag, because one from another realm is as good.
      if (Object.prototype.toString.call(value) !== '[object Uint8Array]') {
        mismatch(path, value, name, 'a Uint8Array')
      }
      const given = (value as Uint8Array).length
      // A copy, because it may be of the very memory that is about to be written.
      if (given === size) return new Uint8Array(value as Uint8Array)
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `${path} is ${given} bytes and ${name} takes exactly ${size}; ` +
          'write a part of them with set() of the Uint8Array that the accessor gives',
        { needed: given, available: size },
      )
    },
    store(view, at, _little, prepared) {
      access(view, at).set(prepared as Uint8Array)
    },
  })
}
