import { describe, expect, test } from 'vitest'
import {
  createWriter,
  type Frame,
  inspect,
  Inspector,
  openReader,
  type ReaderReport,
  type RingReport,
} from '../../src/index.ts'
import { Cast, EVERY, LATEST } from '../support/cast.ts'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'

const cast = new Cast()
const READER = new URL('processes/reader.mjs', import.meta.url)

function report(): RingReport {
  return inspect('front', { directory: cast.stage.directory })
}

/** What every reader must come to, at any time. */
function adds(reader: ReaderReport, sequence: number): void {
  const { received, gaps, lost, lag, joinedAt } = reader
  expect(gaps).toBe(lost.noSlot + lost.overrun + lost.skipped)
  const counted = Math.max(reader.sequence, joinedAt - 1)
  expect(received + gaps).toBe(counted - joinedAt + 1)
  expect(received + gaps + lag).toBe(sequence - joinedAt + 1)
}

describe('I9 every lost frame is counted, by cause, whenever somebody is killed', () => {
  test.each([
    // Killed before the frame counts for it: what it had lost and got until then.
    ['deliver_losing', { received: 2, skipped: 2, source: 0, sequence: 4 }],
    ['deliver_lost', { received: 2, skipped: 2, source: 0, sequence: 4 }],
    // And after, with what the actors' source leaves out now and then.
    ['deliver_told', { received: 3, skipped: 4, source: 2, sequence: 7 }],
    ['deliver_cursor', { received: 3, skipped: 4, source: 2, sequence: 7 }],
  ])('of a reader killed at %s', async (point, { received, skipped, source, sequence }) => {
    const writer = await cast.writer()
    const reader = await cast.reader({ delivery: LATEST, leases: 3 })
    await writer.ask('publish', { n: 1 }, 'published')
    await reader.ask('hold', { n: 1 }, 'holding')
    await writer.ask('publish', { n: 3 }, 'published')
    await reader.ask('hold', { n: 2 }, 'holding')
    await writer.ask('publish', { n: 3 }, 'published')
    reader.say('arm', { point, nth: 1 }).say('hold', { n: 3 })
    expect(await reader.gone()).toBe('signal=9')

    const [dead] = report().readers
    expect(dead).toMatchObject({
      alive: false,
      joinedAt: 1,
      received,
      sequence,
      gaps: skipped,
      lost: { source, noSlot: 0, overrun: 0, skipped, restart: 0 },
      lag: 7 - sequence,
    })
    adds(dead!, 7)
  })

  test.each([
    ['publish_header', 'publish', { sequence: 7, published: 5, dropped: 2 }],
    ['publish_state', 'publish', { sequence: 7, published: 5, dropped: 2 }],
    ['publish_index', 'publish', { sequence: 7, published: 5, dropped: 2 }],
    ['publish_head', 'publish', { sequence: 8, published: 6, dropped: 2 }],
    ['publish_latest', 'publish', { sequence: 8, published: 6, dropped: 2 }],
    ['drop_head', 'drop', { sequence: 8, published: 5, dropped: 3 }],
  ])('of a writer killed at %s', async (point, verb, expected) => {
    const writer = await cast.writer()
    await writer.ask('publish', { n: 5 }, 'published')
    await writer.ask('drop', { n: 2 }, 'dropped')
    writer.say('arm', { point, nth: 1 }).say(verb, { n: 1 })
    expect(await writer.gone()).toBe('signal=9')
    expect(report()).toMatchObject({ state: 'dead', ...expected })
  })

  test('a reader of every frame loses what was dropped and overrun, and is told which', async () => {
    const writer = await cast.writer({ slots: 4 })
    const reader = await cast.reader({ delivery: EVERY, leases: 2 })
    await writer.ask('publish', { n: 1 }, 'published')
    await reader.ask('hold', { n: 1 }, 'holding')
    // Three more fit besides the one it holds; the others push each other out.
    await writer.ask('publish', { n: 10 }, 'published')
    await writer.ask('drop', { n: 3 }, 'dropped')
    await writer.ask('publish', { n: 1 }, 'published')
    await reader.ask('hold', { n: 2 }, 'holding')
    await reader.ask('release', {}, 'released')
    await reader.ask('hold', { n: 2 }, 'holding')
    const { readers, sequence } = report()
    expect(sequence).toBe(15)
    expect(readers[0]).toMatchObject({ received: 4, lost: { noSlot: 3, skipped: 0 } })
    adds(readers[0]!, sequence)
  })

  test('through joins, leaves and kills the figures are those of the processes themselves', async () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint32', shape: [16], slots: 4, maxReaders: 8 })
    const truth = { published: 0, dropped: 0 }
    const publish = (): void => {
      const value = truth.published + truth.dropped + 1
      const sequence = writer.write(new Uint32Array(16).fill(value), { sourceSequence: value })
      truth[sequence === 0 ? 'dropped' : 'published']++
    }
    using inspector = new Inspector(name)
    const peers: Peer[] = []
    const join = async (delivery: string): Promise<Peer> => {
      const peer = new Peer(READER, { name, options: { delivery } })
      peers.push(peer)
      await peer.heard('ready')
      return peer
    }
    try {
      const kinds = ['latest', 'every', 'reliable']
      for (let round = 0; round < 12; round++) {
        const peer = await join(kinds[round % 3]!)
        for (let i = 0; i < 50; i++) publish()
        await peer.heard('first')
        // Somebody holds all slots but the one that is newest: the frames after that are dropped.
        const held: Frame[] = []
        using hog = openReader(name, { maxLeases: 3, delivery: 'every' })
        for (let i = 0; i < 20; i++) {
          publish()
          const frame = held.length < 3 ? hog.tryNext() : null
          if (frame !== null) held.push(frame)
        }
        for (const frame of held) frame.release()
        for (let i = 0; i < 300; i++) {
          publish()
          if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
          if (i % 60 === 0)
            for (const one of inspector.look().readers) adds(one, writer.stats().sequence)
        }
        if (round % 2 === 1) {
          const [victim] = peers.splice(round % peers.length, 1)
          victim!.kill()
          await victim!.ended()
        }
        if (round % 5 === 4) {
          const [leaver] = peers.splice(0, 1)
          leaver!.process.disconnect()
          await leaver!.ended()
        }
      }
      // Now they catch up, and say themselves what they got.
      publish()
      const { sequence } = writer.stats()
      for (const peer of peers) {
        let figures: Record<string, number>
        do {
          peer.say('figures')
          figures = (await peer.heard('figures'))['figures'] as Record<string, number>
        } while (figures['last'] !== sequence)
        const found = inspector
          .look()
          .readers.find((reader) => reader.alive && reader.pid === peer.pid)!
        expect(found).toMatchObject({
          joinedAt: figures['first'],
          received: figures['received'],
          gaps: figures['gaps'],
          lag: 0,
          lost: {
            source: figures['source'],
            noSlot: figures['noSlot'],
            overrun: figures['overrun'],
            skipped: figures['skipped'],
            restart: figures['restart'],
          },
        })
        adds(found, sequence)
      }
      const ring = inspector.look()
      expect(truth.dropped).toBeGreaterThan(50)
      expect(ring).toMatchObject(truth)
      expect(ring.published + ring.dropped).toBe(ring.sequence)
      expect(ring.readers.filter((reader) => reader.alive)).toHaveLength(peers.length)
      expect(writer.stats()).toMatchObject(truth)
    } finally {
      for (const peer of peers) peer.kill()
      await Promise.all(peers.map((peer) => peer.ended()))
      writer.close()
    }
  }, 60_000)
})
