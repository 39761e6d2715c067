/** Kept at the most, of windows of minutes and fast rings: some 100 MB. */
const MOST_KEPT = 2 ** 20

/**
 * Drops what stands before the first that is fresh, and what is more than the last million. In place: a
 * window of minutes is not to be copied at each look.
 */
export function forget<T>(list: T[], fresh: (one: T) => boolean): void {
  const first = list.findIndex(fresh)
  const { length } = list
  list.splice(0, Math.max(first === -1 ? length : first, length - MOST_KEPT))
}
