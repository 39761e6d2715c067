import * as fs from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SEMAPHORE_MAX } from '../../src/semaphore/index.ts'
import { failure, fresh, type Holder, holder, pathOf, untilWaiters } from './fixtures.ts'

async function holderOf(name: string): Promise<Holder> {
  const other = await holder()
  await other.does('open', { name })
  return other
}

/** The semaphore's file, to be written past all rules. */
function file(name: string): number {
  const fd = fs.openSync(pathOf(name), 'r+')
  onTestFinished(() => {
    fs.closeSync(fd)
  })
  return fd
}

/** The same numbers in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}

describe('a file that somebody scribbles in', () => {
  test('ends no wait before its time but with a unit, no wait after it, and no process', async () => {
    const { name } = fresh({ value: 1 })
    const fd = file(name)
    const next = random(1)
    const others = [await holderOf(name), await holderOf(name), await holderOf(name)]
    const going = new Set(others)
    const busy = others.map(async (other, i) => {
      for (let round = 0; round < 100; round++) {
        const timeout = next() % 4
        const order = [
          () => other.does('wait', { timeout }),
          () => other.does('waitSync', { timeout }),
          () => other.does('post').catch((error: unknown) => error),
          () => other.does('value'),
        ][(round + i) % 4]!
        const answer = await order()
        if (answer instanceof Error) expect(answer).toMatchObject({ code: 'SEMAPHORE_OVERFLOW' })
      }
      going.delete(other)
    })
    const all = Promise.all(busy).finally(() => {
      going.clear()
    })
    while (going.size > 0) {
      const bytes = Buffer.from(Uint32Array.from({ length: 8 }, next).buffer)
      const at = next() % 32
      fs.writeSync(fd, bytes, 0, 1 + (next() % (32 - at)), at)
      // Zeros often enough for somebody to sleep.
      if (next() % 2 === 0) fs.writeSync(fd, Buffer.alloc(32), 0, 32, 0)
      await turn()
    }
    await all
    // Whatever stands there now, it counts again from here.
    fs.writeSync(fd, Buffer.alloc(32), 0, 32, 0)
    for (const other of others) {
      await other.does('post')
      expect(await other.does('wait')).toBe(true)
      expect(other.process.exitCode).toBe(null)
    }
  })

  test('with a private word that would have glibc abort changes nothing for us', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    fs.writeSync(file(semaphore.name), Buffer.alloc(24, 0xff), 0, 24, 8)
    const waiting = other.does('wait')
    await untilWaiters(semaphore.name, 1)
    semaphore.post()
    expect(await waiting).toBe(true)
  })

  test('with a count of waiters that is lost lets nobody sleep on', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    const waiting = other.does('wait')
    await untilWaiters(semaphore.name, 1)
    fs.writeSync(file(semaphore.name), Buffer.alloc(8), 0, 8, 0)
    semaphore.post()
    expect(await waiting).toBe(true)
  })

  test('with more units than there can be is full, and each can be taken', () => {
    const semaphore = fresh()
    const fd = file(semaphore.name)
    for (const units of [SEMAPHORE_MAX, SEMAPHORE_MAX + 1, 2 ** 32 - 1]) {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(units)
      fs.writeSync(fd, bytes, 0, 4, 0)
      expect(() => {
        semaphore.post()
      }).toThrow(expect.objectContaining(failure('SEMAPHORE_OVERFLOW')))
      expect(semaphore.tryWait()).toBe(true)
      expect(semaphore.value).toBe(units - 1)
    }
  })
})

describe('a file that somebody cuts off', () => {
  test('is TRUNCATED to whoever uses it, and no bus error', async () => {
    const { name } = fresh({ value: 5 })
    const others = [await holderOf(name), await holderOf(name), await holderOf(name)]
    fs.truncateSync(pathOf(name), 0)
    const truncated = failure('TRUNCATED', /unlink/)
    const [first, second, third] = others as [Holder, Holder, Holder]
    await expect(first.does('post')).rejects.toMatchObject(truncated)
    await expect(second.does('wait')).rejects.toMatchObject(truncated)
    await expect(third.does('value')).rejects.toMatchObject(truncated)
    for (const other of others) {
      await expect(other.does('tryWait')).rejects.toMatchObject(truncated)
      await expect(other.does('waitSync', { timeout: 5 })).rejects.toMatchObject(truncated)
      await other.does('close')
      await expect(other.does('open', { name })).rejects.toMatchObject(failure('NOT_A_SEMAPHORE'))
    }
  })

  test('ends the waits that are going on, of all who wait', async () => {
    const semaphore = fresh()
    const other = await holderOf(semaphore.name)
    const waits = [semaphore.wait(), semaphore.wait(), other.does('waitSync'), other.does('wait')]
    const fates = Promise.allSettled(waits)
    await untilWaiters(semaphore.name, 2)
    fs.truncateSync(pathOf(semaphore.name), 0)
    for (const fate of await fates) {
      expect(fate).toMatchObject({ status: 'rejected', reason: failure('TRUNCATED') })
    }
  })

  test('may be made anew under its name beside those who had the old one', async () => {
    const semaphore = fresh()
    fs.truncateSync(pathOf(semaphore.name), 0)
    fs.truncateSync(pathOf(semaphore.name), 32)
    // Nobody looked in between: zeros now, which is no unit for anybody.
    expect(semaphore.value).toBe(0)
    const other = await holder()
    await expect(other.does('open', { name: semaphore.name })).rejects.toMatchObject(
      failure('NOT_A_SEMAPHORE'),
    )
    await other.does('unlink', { name: semaphore.name })
    await other.does('create', { name: semaphore.name, options: { value: 1 } })
    expect(await other.does('tryWait')).toBe(true)
  })
})
