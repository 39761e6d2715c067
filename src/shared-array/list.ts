import { readdirSync } from 'node:fs'
import type { DType } from '../ndarray/index.ts'
import { readEnds } from './file-ends.ts'
import { findRecord } from './record.ts'
import { dtypeOf, foreignDTypeOf, type ForeignDType } from './typenum.ts'

/** An array in shared memory. */
export interface ListedArray {
  /** what `attach` and `remove` take */
  readonly name: string
  /** NumPy's name where arrays here have no such dtype: those can be removed and not attached */
  readonly dtype: DType | ForeignDType
  readonly shape: readonly number[]
}

const SHARED_MEMORY = '/dev/shm'

/**
 * The arrays in shared memory, by name. Files of `file://` names are not looked for.
 *
 * ```ts
 * list() // [{ name: 'frame', dtype: 'uint8', shape: [480, 640, 3] }]
 * ```
 *
 * Reads the record of each and maps nothing. What is no array, is damaged, belongs to somebody who does
 * not let others read it, or is gone before it could be looked at, is left out.
 */
export function list(): ListedArray[] {
  return (
    readdirSync(SHARED_MEMORY, { withFileTypes: true })
      // Before it is opened: a FIFO's writer would take us for the reader that it waits for.
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()
      .flatMap((name) => listed(name) ?? [])
  )
}

function listed(name: string): ListedArray | undefined {
  try {
    const ends = readEnds(`${SHARED_MEMORY}/${name}`)
    if (ends === undefined) return undefined
    const { typenum, shape } = findRecord(name, ends)
    const dtype = dtypeOf(typenum) ?? foreignDTypeOf(typenum)
    return dtype === undefined ? undefined : { name, dtype, shape }
  } catch {
    return undefined
  }
}
