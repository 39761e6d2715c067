import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { type Writer, createWriter, openReader } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

const READER = new URL('processes/reader.mjs', import.meta.url)
const HOLDER = new URL('processes/holder.mjs', import.meta.url)
const WRITER = new URL('processes/writer.mjs', import.meta.url)

const peers: Peer[] = []
function peer(script: URL, options: object): Peer {
  const made = new Peer(script, options)
  peers.push(made)
  return made
}
afterEach(async () => {
  for (const one of peers) one.kill()
  for (const one of peers.splice(0)) await one.ended()
})

const WORDS = 4096
function publish(writer: Writer, value: number): number {
  return writer.write(new Uint32Array(WORDS).fill(value))
}
function ring(slots = 4) {
  const name = ringName()
  return { name, writer: createWriter(name, { dtype: 'uint32', shape: [WORDS], slots }) }
}

/** Waits in the kernel's own words until the process is stopped. */
async function stopped(pid: number): Promise<void> {
  while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('I2 a live lease is never taken away', () => {
  test('a stopped process keeps its frame however long the writer goes on', async () => {
    const { name, writer } = ring()
    const holder = peer(HOLDER, { name })
    await holder.heard('ready')
    publish(writer, 1)
    await holder.heard('held')
    holder.kill('SIGSTOP')
    await stopped(holder.pid)
    for (let value = 2; value < 5000; value++) expect(publish(writer, value)).toBe(value)
    holder.kill('SIGCONT')
    holder.say('look')
    expect(await holder.heard('seen')).toMatchObject({ whole: true, value: 1, release: 'fine' })
    writer.close()
  })
})

describe('I3 the writer never waits for a reader', () => {
  test('readers that hold every frame they get cost the writer nothing but their slots', async () => {
    const { name, writer } = ring(4)
    const holders = [peer(HOLDER, { name }), peer(HOLDER, { name })]
    for (const holder of holders) await holder.heard('ready')
    publish(writer, 1)
    for (const holder of holders) await holder.heard('held')
    for (let value = 2; value < 1000; value++) expect(publish(writer, value)).toBe(value)
    expect(writer.stats()).toMatchObject({ dropped: 0, waited: 0 })
    writer.close()
  })

  test('with every slot held frames are dropped, counted and seen as a gap with that cause', () => {
    const { name, writer } = ring(2)
    const reader = openReader(name, { maxLeases: 2 })
    publish(writer, 1)
    const first = reader.tryNext()!
    publish(writer, 2)
    const second = reader.tryNext()!
    expect(publish(writer, 3)).toBe(0)
    expect(publish(writer, 4)).toBe(0)
    first.release()
    second.release()
    expect(publish(writer, 5)).toBe(5)
    using frame = reader.tryNext()!
    expect(frame.sequence).toBe(5)
    expect(frame.gap).toBe(2)
    expect(frame.lost).toEqual({ source: 0, noSlot: 2, overrun: 0, skipped: 0, restart: 0 })
    expect(writer.stats()).toMatchObject({ dropped: 2, waited: 0 })
    reader.close()
    writer.close()
  })

  test('a reliable reader that exceeds its bound is not waited for again until it has caught up', () => {
    const { name, writer } = ring(3)
    const reader = openReader(name, { delivery: 'reliable', reliableWait: 30 })
    for (let value = 1; value <= 50; value++) expect(publish(writer, value)).toBe(value)
    // Waited for once, for its 30 ms; then it lags.
    const { waited, lagging } = writer.stats()
    expect(waited).toBeGreaterThanOrEqual(30)
    expect(lagging).toBe(1)
    for (let value = 51; value <= 100; value++) publish(writer, value)
    expect(writer.stats().waited).toBe(waited)
    // Caught up, it is waited for again.
    for (let frame = reader.tryNext(); frame !== null; frame = reader.tryNext()) frame.release()
    for (let value = 101; value <= 110; value++) publish(writer, value)
    expect(writer.stats().waited).toBeGreaterThan(waited)
    reader.close()
    writer.close()
  })
})

describe('I4 kill anything', () => {
  test('the slots of killed readers come back as soon as they are needed', async () => {
    const { name, writer } = ring(4)
    for (let round = 0; round < 5; round++) {
      const holders = [peer(HOLDER, { name, leases: 1 }), peer(HOLDER, { name, leases: 1 })]
      for (const holder of holders) await holder.heard('ready')
      publish(writer, 1)
      for (const holder of holders) await holder.heard('held')
      for (const holder of holders) holder.kill()
      for (const holder of holders) await holder.ended()
      for (let value = 2; value < 20; value++) expect(publish(writer, value)).toBeGreaterThan(0)
    }
    expect(writer.stats().dropped).toBe(0)
    writer.close()
    expect(remains(name)).toEqual([])
  })

  test('a killed writer’s name opens at the first try and its readers learn of its death', async () => {
    const name = ringName()
    const reader = peer(READER, { name })
    await reader.heard('ready')
    const writer = peer(WRITER, { name, words: 64 })
    await writer.heard('ready')
    writer.say('publish', { frames: 10 })
    await writer.heard('published')
    await reader.heard('first')
    writer.kill()
    expect(await reader.heard('error')).toMatchObject({ code: 'WRITER_DIED' })
    expect(remains(name).length).toBeGreaterThan(0)
    const next = createWriter(name, { dtype: 'uint8', shape: [16] })
    next.close()
    expect(remains(name)).toEqual([])
  })

  test('a reader that reconnects goes on with the next writer, its gap accounted for', async () => {
    const name = ringName()
    const reader = peer(READER, { name, options: { delivery: 'every', reconnect: true } })
    await reader.heard('ready')
    for (let round = 0; round < 3; round++) {
      const writer = peer(WRITER, { name, words: 64 })
      await writer.heard('ready')
      writer.say('publish', { frames: 100 })
      await writer.heard('published')
      // It has seen this writer's last frame when the figures say so.
      for (;;) {
        reader.say('figures')
        const { figures } = (await reader.heard('figures')) as unknown as {
          figures: { last: number }
        }
        if (figures.last === 100) break
      }
      if (round === 1) {
        writer.say('close')
        await writer.heard('closed')
      }
      writer.kill()
      await writer.ended()
    }
    reader.say('figures')
    const { figures } = (await reader.heard('figures')) as unknown as {
      figures: Record<string, number>
    }
    expect(figures).toMatchObject({ torn: 0, unequal: 0 })
    // Three writers' frames from the first it saw on, whether they died or ended: received or in a gap.
    const { received, gaps, first } = figures as { received: number; gaps: number; first: number }
    expect(received + gaps).toBe(300 - (first - 1))
    createWriter(name, { dtype: 'uint8', shape: [16] }).close()
    expect(remains(name)).toEqual([])
  })
})
