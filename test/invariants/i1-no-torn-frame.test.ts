import { describe, expect, test } from 'vitest'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

interface Figures {
  received: number
  torn: number
  unequal: number
  first: number
  last: number
  noSlot: number
  overrun: number
  skipped: number
  gaps: number
}

const WRITER = new URL('processes/writer.mjs', import.meta.url)
const READER = new URL('processes/reader.mjs', import.meta.url)

/** One writer flat out, readers that check every word of what they get, in processes of their own. */
async function race(words: number, count: number, deliveries: readonly string[]) {
  const name = ringName()
  const readers = deliveries.map(
    (delivery) => new Peer(READER, { name, options: { delivery, reliableWait: 20 } }),
  )
  for (const reader of readers) await reader.heard('ready')
  const writer = new Peer(WRITER, { name, words, slots: 8 })
  try {
    await writer.heard('ready')
    // One frame first: once everybody has it, everybody is attached.
    writer.say('publish', { frames: 1 })
    for (const reader of readers) await reader.heard('first')
    writer.say('publish', { frames: count })
    await writer.heard('published')
    await writer.heard('published')
    writer.say('close')
    const closed = await writer.heard('closed')
    const figures: Figures[] = []
    for (const reader of readers)
      figures.push((await reader.heard('complete'))['figures'] as Figures)
    expect(remains(name)).toEqual([])
    return { published: (closed['stats'] as { sequence: number }).sequence, figures }
  } finally {
    for (const peer of [writer, ...readers]) peer.kill()
    for (const peer of [writer, ...readers]) await peer.ended()
  }
}

function expectWhole(figures: Figures[]) {
  for (const f of figures) {
    expect(f).toMatchObject({ torn: 0, unequal: 0 })
    expect(f.received).toBeGreaterThan(0)
    // Every sequence between the first and the last is accounted for (I9).
    expect(f.received + f.noSlot + f.overrun + f.skipped).toBe(f.last - f.first + 1)
    expect(f.noSlot + f.overrun + f.skipped).toBe(f.gaps)
  }
}

describe('I1 no torn frame', () => {
  test(
    'a million small frames, every word of every frame received',
    { timeout: 300_000 },
    async () => {
      const { figures } = await race(64, 1_000_000, ['latest', 'latest', 'every'])
      expectWhole(figures)
    },
  )

  test(
    '100,000 frames at VGA, every pixel of every frame received',
    { timeout: 600_000 },
    async () => {
      const { figures } = await race((640 * 480 * 3) / 4, 100_000, ['latest', 'every'])
      expectWhole(figures)
    },
  )

  test(
    'a reliable reader gets every frame of a writer that outruns it',
    { timeout: 120_000 },
    async () => {
      const { figures } = await race(1024, 50_000, ['reliable', 'latest'])
      expectWhole(figures)
      expect(figures[0]!.received).toBeGreaterThan(0)
    },
  )
})
