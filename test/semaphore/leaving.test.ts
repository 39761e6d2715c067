import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { fresh, type Holder, holder, opened, untilWaiters } from './fixtures.ts'
import { compiled } from './peers.ts'

async function holderOf(name: string, under?: string): Promise<Holder> {
  const other = await holder(under)
  await other.does('open', { name })
  return other
}

/** Goes on when nothing but what it does keeps the process alive. */
async function disconnected(other: Holder): Promise<void> {
  other.say('disconnect')
  await once(other.process, 'disconnect')
}

describe('a worker that is terminated', () => {
  test.each(['async', 'sync'])(
    'while it waits (%s) takes no unit and leaves no thread',
    async (way) => {
      const { name } = fresh()
      const other = await holderOf(name)
      for (let round = 0; round < 10; round++) {
        await other.does('terminate', { name, way })
        await untilWaiters(name, 0)
      }
      expect(await other.does('threads')).toBe(0)
      await other.does('post')
      expect(await other.does('value')).toBe(1)
    },
  )

  test('gives back a unit that it was not told of', async () => {
    const { name } = fresh()
    const other = await holderOf(name)
    for (let round = 0; round < 5; round++) {
      await other.does('terminate', { name, way: 'untold' })
      expect(await other.does('tryWait')).toBe(true)
    }
    expect(await other.does('value')).toBe(0)
    expect(await other.does('threads')).toBe(0)
  })
})

describe('a process that leaves', () => {
  test.each(['process.exit', 'uncaught exception'])(
    'by %s posts the lock that it holds, and waits no more',
    async (how) => {
      const semaphore = fresh({ value: 1 })
      const other = await holderOf(semaphore.name)
      await other.does('leave', { how }).catch(() => undefined)
      expect(await other.ended()).toEqual({ code: how === 'process.exit' ? 3 : 1, signal: null })
      expect(semaphore.value).toBe(1)
      await untilWaiters(semaphore.name, 0)
    },
  )

  test('gives back a unit that it was not told of', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    other.say('leaveUntold')
    expect(await other.ended()).toEqual({ code: 3, signal: null })
    expect(semaphore.value).toBe(1)
  })

  test('is kept by a wait that goes on, until it has its unit', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    other.say('wait')
    await untilWaiters(semaphore.name, 1)
    await disconnected(other)
    semaphore.post()
    expect(await other.ended()).toEqual({ code: 0, signal: null })
    // Had it ended before, it would have taken none.
    expect(semaphore.value).toBe(0)
  })

  test('is not kept by a semaphore that is open and was waited for', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    expect(await other.does('wait', { timeout: 5 })).toBe(false)
    expect(await other.does('threads')).toBe(1)
    await disconnected(other)
    expect(await other.ended()).toEqual({ code: 0, signal: null })
  })
})

test('a semaphore that nobody has any more is closed with its thread', async () => {
  const { name } = fresh()
  const other = await holderOf(name)
  const nothing = await other.does('held')
  expect(await other.does('forget', { name, times: 20 })).toBe(true)
  expect(await other.does('threads')).toBe(0)
  expect(await other.does('held')).toEqual(nothing)
})

describe('without futex_waitv, as before Linux 5.16', () => {
  const under = () => `exec '${compiled('no-waitv.c')}' "$@"`

  test('waits are woken, time out, are aborted and end with their worker all the same', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name, under())
    const waiting = other.does('wait')
    await untilWaiters(semaphore.name, 1)
    semaphore.post()
    expect(await waiting).toBe(true)
    expect(await other.does('wait', { timeout: 5 })).toBe(false)
    const aborted = expect(other.does('wait')).rejects.toMatchObject({ code: 'ABORTED' })
    await untilWaiters(semaphore.name, 1)
    await other.does('abort')
    await aborted
    await untilWaiters(semaphore.name, 0)
    await other.does('terminate', { name: semaphore.name, way: 'async' })
    await untilWaiters(semaphore.name, 0)
    semaphore.post()
    expect(opened(semaphore.name).value).toBe(1)
  })
})
