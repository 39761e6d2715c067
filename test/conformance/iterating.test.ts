import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { openReader } from '../../src/index.ts'
import { failure, flat, SMALL, testReader, testWriter, until } from '../ring/fixtures.ts'
import { onBoth } from './transports.ts'

onBoth((ground) => {
  test('several next() of an iterator at a time are served one after the other, and leak no frame', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { delivery: 'every', replay: 3 })
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    const iterator = reader[Symbol.asyncIterator]()
    const asked = [iterator.next(), iterator.next(), iterator.next()]
    const [first, second, third] = await Promise.all(asked)
    expect([first?.value?.sequence, second?.value?.sequence, third?.value?.sequence]).toEqual([
      1, 2, 3,
    ])
    expect([first?.value?.released, second?.value?.released]).toEqual([true, true])
    expect(third?.value?.data).toEqual(flat(3))
    expect(reader.stats().leases).toBe(1)
    await iterator.return?.()
    expect(reader.stats().leases).toBe(0)
    expect(writer.stats().readers).toBe(0)
  })

  test('leaving the loop ends a next() that waits, and what is asked after it', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { replay: 0 })
    const iterator = reader[Symbol.asyncIterator]()
    const asked = [iterator.next(), iterator.next()]
    const left = iterator.return?.()
    const over = { done: true, value: undefined }
    expect(await Promise.all([...asked, left])).toEqual([over, over, over])
    expect(writer.stats().readers).toBe(0)
  })

  test('after a failure an iterator is done, also for what was asked meanwhile', async () => {
    const writer = testWriter()
    const stop = new AbortController()
    const reader = testReader(writer, { replay: 0, signal: stop.signal })
    const iterator = reader[Symbol.asyncIterator]()
    const [first, second] = [iterator.next(), iterator.next()]
    stop.abort()
    await expect(first).rejects.toEqual(failure('ABORTED'))
    expect(await second).toEqual({ done: true, value: undefined })
  })

  test('a signal is listened to once per reader, and not at all when the reading is over', async () => {
    const stop = new AbortController()
    const listeners = (): number => getEventListeners(stop.signal, 'abort').length
    const writer = testWriter({ ...SMALL, maxReaders: 4 })
    const closed = testReader(writer, { signal: stop.signal })
    const ended = testReader(writer, { signal: stop.signal })
    expect(listeners()).toBe(2)
    const waiting = ended.next({ signal: stop.signal })
    closed.close()
    writer.close()
    expect(await waiting).toBeNull()
    expect(ended.ended).toBe(true)
    expect(listeners()).toBe(0)

    const missing = openReader(writer.name, { wait: 1, signal: stop.signal })
    expect(listeners()).toBe(1)
    const next = missing.next()
    await ground.settled(next)
    await expect(next).rejects.toEqual(failure('NOT_FOUND'))
    expect(listeners()).toBe(0)
    missing.close()
  })

  test('an abort rejects every next() that waits, at whatever point of its wait', async () => {
    const writer = testWriter()
    const stop = new AbortController()
    const reader = testReader(writer, { replay: 0, signal: stop.signal })
    let over = 0
    const early = reader.next().finally(() => over++)
    stop.abort(new Error('enough'))
    await expect(early).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') })
    await until(() => over === 1)
    await expect(reader.next()).rejects.toEqual(failure('ABORTED'))
    expect(writer.stats().readers).toBe(0)
  })
})
