import { endianness } from 'node:os'
import type { Codec } from './field-type.ts'
import { dataView, type Bytes } from './memory.ts'

/** The byte order of this machine: what everything has that no struct says otherwise about. */
export const NATIVE_LITTLE = endianness() === 'LE'

/** A type that can be laid over bytes by itself: a struct, an array. */
export interface Placed<Access, Value, Input> {
  /**
   * A view of the `size` bytes from `byteOffset` on (0): reading and writing it reads and writes them.
   *
   * Throws `OPTION_INVALID` for too few bytes (with `needed` and `available`) or a bad offset,
   * `RELEASED` when the memory is gone.
   */
  at(bytes: Bytes, byteOffset?: number): Access
  /** A plain copy of what is there, without a view. Throws as `at` does. */
  read(bytes: Bytes, byteOffset?: number): Value
  /**
   * Writes all of it; padding stays as it is. Throws as `at` does, and before anything is written
   * `DTYPE_MISMATCH`, `SHAPE_MISMATCH`, `VALUE_TOO_LARGE` for what does not fit, `OPTION_INVALID` for a
   * field that is missing or unknown.
   */
  write(bytes: Bytes, value: Input, byteOffset?: number): void
}

export function placed<Access, Value, Input>(
  size: number,
  codec: Codec<Access, Value, Input>,
): Placed<Access, Value, Input> {
  return {
    at: (bytes, byteOffset) => codec.access(dataView(bytes, byteOffset, size), 0, NATIVE_LITTLE),
    read: (bytes, byteOffset) => codec.load(dataView(bytes, byteOffset, size), 0, NATIVE_LITTLE),
    write(bytes, value, byteOffset) {
      // First, because a getter of the value may be anybody's code, and close the memory.
      const prepared = codec.prepare(value, '')
      codec.store(dataView(bytes, byteOffset, size), 0, NATIVE_LITTLE, prepared)
    },
  }
}
