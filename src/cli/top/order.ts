import type { ReaderFigures, RingFigures } from './figures.ts'

/** What rings and readers are ordered by, and the key that chooses it. */
export const ORDERS = {
  n: 'name',
  r: 'rate',
  b: 'bytes',
  d: 'drops',
  l: 'lag',
  a: 'age',
  u: 'readers',
} as const
const NAMES = new Intl.Collator('en', { numeric: true })

export type Order = (typeof ORDERS)[keyof typeof ORDERS]

/** Highest first, and by name where nothing else decides. */
export function sortedRings(rings: readonly RingFigures[], order: Order): readonly RingFigures[] {
  const byName = (a: RingFigures, b: RingFigures): number => NAMES.compare(a.ring, b.ring)
  if (order === 'name') return [...rings].sort(byName)
  const keys = new Map(rings.map((ring) => [ring, ringKey(ring, order)]))
  return [...rings].sort((a, b) => keys.get(b)! - keys.get(a)! || byName(a, b))
}

/** By their place in the ring where `order` is of rings alone. */
export function sortedReaders(
  readers: readonly ReaderFigures[],
  order: Order,
): readonly ReaderFigures[] {
  const key = (reader: ReaderFigures): number => {
    if (order === 'rate') return reader.rate ?? 0
    if (order === 'drops') return readerDrops(reader)
    return order === 'lag' ? reader.lag : 0
  }
  return [...readers].sort((a, b) => key(b) - key(a) || a.entry - b.entry)
}

/** Frames that it did not get, and had not asked to be spared. */
export function readerDrops({ lost }: ReaderFigures): number {
  return lost.noSlot + lost.overrun + lost.restart
}

function ringKey(ring: RingFigures, order: Order): number {
  switch (order) {
    case 'rate':
      return ring.rate ?? -1
    case 'bytes':
      return ring.bytesPerSecond ?? -1
    case 'drops':
      return ring.dropped ?? -1
    case 'lag':
      return Math.max(-1, ...(ring.readers ?? []).map(({ lag }) => lag))
    case 'age':
      return ring.age ?? -1
    case 'readers':
      return ring.readers?.length ?? -1
    case 'name':
      return 0
  }
}
