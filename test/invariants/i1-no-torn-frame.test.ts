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

/**
 * One writer flat out, readers that check every word of what they get, in processes of their own. The
 * writer waits for a `reliable` reader, so that one checks them all.
 */
async function race(words: number, count: number, deliveries: readonly string[]) {
  const name = ringName()
  const readers = deliveries.map(
    (delivery) => new Peer(READER, { name, options: { delivery, reliableWait: 60_000 } }),
  )
  const writer = new Peer(WRITER, { name, words, slots: 8, options: { reliableLimit: 60_000 } })
  try {
    for (const peer of [writer, ...readers]) await peer.heard('ready')
    // One frame first: once everybody has it, everybody is attached.
    writer.say('publish', { frames: 1 })
    for (const reader of readers) await reader.heard('first')
    await writer.heard('published')
    writer.say('publish', { frames: count - 1 })
    await writer.heard('published')
    writer.say('close')
    await writer.heard('closed')
    const figures: Figures[] = []
    for (const reader of readers)
      figures.push((await reader.heard('complete'))['figures'] as Figures)
    expect(remains(name)).toEqual([])
    return figures
  } finally {
    for (const peer of [writer, ...readers]) peer.kill()
    for (const peer of [writer, ...readers]) await peer.ended()
  }
}

function expectWhole(figures: readonly Figures[]) {
  for (const f of figures) {
    expect(f).toMatchObject({ torn: 0, unequal: 0 })
    // Every sequence between the first and the last is accounted for (I9).
    expect(f.received + f.noSlot + f.overrun + f.skipped).toBe(f.last - f.first + 1)
    expect(f.noSlot + f.overrun + f.skipped).toBe(f.gaps)
  }
}

describe('I1 no torn frame, I9 every lost frame is counted', () => {
  test('a million small frames, every word of every frame', { timeout: 300_000 }, async () => {
    const figures = await race(64, 1_000_000, ['reliable', 'latest', 'every'])
    expectWhole(figures)
    expect(figures[0]).toMatchObject({ received: 1_000_000, gaps: 0 })
  })

  test('100,000 frames at VGA, every pixel of every frame', { timeout: 600_000 }, async () => {
    const figures = await race((640 * 480 * 3) / 4, 100_000, ['reliable', 'latest'])
    expectWhole(figures)
    expect(figures[0]).toMatchObject({ received: 100_000, gaps: 0 })
  })

  test(
    'a writer that nobody holds back, against readers that cannot keep up',
    { timeout: 120_000 },
    async () => {
      const figures = await race(4096, 200_000, ['latest', 'every', 'latest'])
      expectWhole(figures)
      for (const { received } of figures) expect(received).toBeGreaterThan(100)
    },
  )
})
