import type { NdArray } from '../ndarray/index.ts'
import { segmentOf } from './handle.ts'

/**
 * Lets go of an array now, and not when it is collected: it and all views of it are empty from here on,
 * and reading them throws `RELEASED`. The memory is free when nobody else has it. A second time does
 * nothing.
 *
 * Throws `OPTION_INVALID` for an array that is not in such memory.
 */
export function detach(array: NdArray): void {
  segmentOf('detach', array).close()
}
