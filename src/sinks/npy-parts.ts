import type { NdArray } from '../ndarray/index.ts'
import { npyHeader } from '../ndarray/index.ts'

/** An array as a `.npy` file in two pieces, the second of them on the array's own memory. */
export function encodeNpyParts(array: NdArray): readonly Uint8Array[] {
  const { buffer, byteOffset } = array.data
  return [npyHeader(array.dtype, array.shape), new Uint8Array(buffer, byteOffset, array.nbytes)]
}
