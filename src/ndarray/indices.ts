/** The length of an axis that is not there. */
export const NO_AXIS = -1

/**
 * Whether an index needs no further look: within the axis, or not given where there is no axis.
 * Indices of 2 ** 31 and more are refused here and let through by `position`.
 */
export function fits(index: unknown, length: number): index is number {
  if (index === undefined) return length === NO_AXIS
  return within(index, length)
}

/** Whether `index` is a whole number from 0 to `length` - 1, and below 2 ** 31. */
export function within(index: unknown, length: number): index is number {
  return ((index as number) | 0) === index && index >= 0 && index < length
}

/** How far an index moves; 0 for one that is not given. */
export function cells(index: number | undefined, stride: number): number {
  return index === undefined ? 0 : index * stride
}

/** The arguments really given, out of fixed parameters. */
export function withoutTrailingUndefined(args: readonly unknown[]): unknown[] {
  let length = args.length
  while (length > 0 && args[length - 1] === undefined) length--
  return args.slice(0, length)
}
