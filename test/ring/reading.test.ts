import { describe, expect, test } from 'vitest'
import { now } from '../../src/index.ts'
import { ringName } from '../support/ring-name.ts'
import { Peer, writingPeer } from '../support/peer.ts'
import { failure, flat, SMALL, testReader, testWriter, until } from './fixtures.ts'

describe('delivery', () => {
  test('reliable: the writer waits for the reader, but no longer than its bound', () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    const reader = testReader(writer, { delivery: 'reliable', reliableWait: 30 })
    writer.write(flat(1))
    reader.tryNext()?.release()
    const before = now()
    for (let i = 2; i <= 12; i++) writer.write(flat(i))
    expect(now() - before).toBeGreaterThanOrEqual(29)
    expect(writer.stats().waited).toBeGreaterThanOrEqual(29)
    expect(writer.stats().lagging).toBe(1)
    // Once it lags it is not waited for again: eight more waits would have been 240 ms.
    expect(writer.stats().waited).toBeLessThan(200)
  })
})

describe('waitSync', () => {
  test('returns what is there at once, null after the timeout, null at the end', () => {
    const writer = testWriter()
    const reader = testReader(writer)
    writer.write(flat(1))
    {
      using frame = reader.waitSync(10_000)
      expect(frame?.sequence).toBe(1)
    }
    expect(reader.waitSync(0)).toBeNull()
    const before = now()
    expect(reader.waitSync(250)).toBeNull()
    expect(now() - before).toBeGreaterThanOrEqual(249)
    expect(reader.ended).toBe(false)
    writer.close()
    expect(reader.waitSync()).toBeNull()
    expect(reader.ended).toBe(true)
    expect(reader.tryNext()).toBeNull()
  })

  test('is woken by another process', async () => {
    const name = ringName()
    const peer = writingPeer(new URL('../processes/publisher.mjs', import.meta.url), { name })
    await peer.heard('open')
    const reader = testReader(name)
    peer.say('publish')
    for (let i = 1; i <= 3; i++) {
      using frame = reader.waitSync()
      expect(frame?.data).toEqual(flat(frame?.sequence ?? 0))
      if (frame?.sequence === 3) break
    }
    peer.say('close')
    expect(reader.waitSync()).toBeNull()
    expect(reader.ended).toBe(true)
    await peer.ended()
  })

  test('waits for a ring that is not there yet, as long as it was told', () => {
    const name = ringName()
    const reader = testReader(name, { wait: 60 })
    expect(reader.tryNext()).toBeNull()
    expect(reader.waitSync(20)).toBeNull()
    expect(() => reader.waitSync()).toThrow(failure('NOT_FOUND'))
    const patient = testReader(name, { wait: true })
    expect(patient.waitSync(20)).toBeNull()
    testWriter(SMALL, name).write(flat(4))
    using frame = patient.waitSync()
    expect(frame?.data).toEqual(flat(4))
  })

  test('lets a worker be terminated while it blocks for ever', async () => {
    const { Worker } = await import('node:worker_threads')
    const writer = testWriter()
    const worker = new Worker(new URL('../processes/blocked.mjs', import.meta.url), {
      workerData: writer.name,
    })
    await new Promise((resolve) => worker.once('message', resolve))
    expect(writer.stats().readers).toBe(1)
    await worker.terminate()
    // The reader's entry is free again.
    await until(() => writer.stats().readers === 0)
    expect(writer.write(flat(1))).toBe(1)
  })
})

describe('next', () => {
  test('resolves with null after its timeout, and takes no frame then', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { delivery: 'every' })
    expect(await reader.next({ timeout: 0 })).toBeNull()
    const before = now()
    expect(await reader.next({ timeout: 20 })).toBeNull()
    expect(now() - before).toBeGreaterThan(18)
    writer.write(flat(1))
    using frame = await reader.next({ timeout: 5000 })
    expect(frame?.sequence).toBe(1)
  })

  test('lets timers run however fast the frames come', async () => {
    const writer = testWriter()
    const reader = testReader(writer)
    const timer = { fired: false }
    setTimeout(() => (timer.fired = true), 1)
    let taken = 0
    for (; !timer.fired; taken++) {
      writer.write(flat(taken))
      ;(await reader.next())?.release()
    }
    expect(taken).toBeGreaterThan(0)
  })

  test('an idle reader does not keep its process alive', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    const peer = new Peer(new URL('../processes/idle-reader.mjs', import.meta.url), {
      name: writer.name,
    })
    expect(await peer.heard('got')).toMatchObject({ sequence: 1 })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
  })
})
