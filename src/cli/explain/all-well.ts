import type { RingReport } from '../../inspect/index.ts'
import { counted } from '../units.ts'
import { fixed } from '../watch/figures.ts'

/** What is said of a ring with which nothing is wrong, as far as this user may see it. */
export function allWell({ ring, rate, readers, published, dropped, control }: RingReport): string {
  const alive = readers.filter((reader) => reader.alive).length
  const pace = rate === null ? '' : `${fixed(rate, 1)} frames a second, `
  const figures = `${published} published, ${dropped} dropped`
  return control === null
    ? `Nothing is wrong with the writer of ring '${ring}': ${pace}${figures}; its readers are unknown.`
    : `Nothing is wrong with ring '${ring}': ${pace}${counted(alive, 'reader')}, ${figures}.`
}
