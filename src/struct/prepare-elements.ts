import { CODEC, mismatch, type FieldType } from './field-type.ts'

/** How many `values` there are. Throws `DTYPE_MISMATCH` unless it is an array, or like one. */
export function lengthOf(values: unknown, path: string, name: string): number {
  if (typeof values === 'object' && values !== null) {
    const { length } = values as { length?: unknown }
    if (Number.isSafeInteger(length) && (length as number) >= 0) return length as number
  }
  return mismatch(path, values, name, 'an array of values')
}

/**
 * The first `length` of `values`, checked and ready to store. `first`: the index that the first of them
 * will have. The length comes along because it was checked, and might be another when asked again.
 */
export function prepareElements(
  type: FieldType,
  values: ArrayLike<unknown>,
  length: number,
  path: string,
  first: number,
): unknown[] {
  const codec = type[CODEC]
  return Array.from({ length }, (_, i) => codec.prepare(values[i], `${path}[${first + i}]`))
}
