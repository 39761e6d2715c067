import * as fs from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { SEMAPHORE_MAX } from '../../src/semaphore/index.ts'
import { failure, fresh, holder, opened, pathOf, spinUntil, untilWaiters } from './fixtures.ts'

const refused = (code: string, message?: RegExp): unknown =>
  expect.objectContaining(failure(code, message))

describe('units', () => {
  test('are taken one by one until there are none', () => {
    const semaphore = fresh({ value: 2 })
    expect(semaphore.tryWait()).toBe(true)
    expect(semaphore.waitSync()).toBe(true)
    expect(semaphore.tryWait()).toBe(false)
    expect(semaphore.waitSync(0)).toBe(false)
    expect(semaphore.waitSync(5)).toBe(false)
    semaphore.post()
    expect(semaphore.value).toBe(1)
  })

  test('cannot be more than 2147483647: one more is refused and changes nothing', () => {
    const semaphore = fresh({ value: SEMAPHORE_MAX - 1 })
    semaphore.post()
    expect(() => {
      semaphore.post()
    }).toThrow(refused('SEMAPHORE_OVERFLOW'))
    expect(semaphore.value).toBe(SEMAPHORE_MAX)
    expect(semaphore.tryWait()).toBe(true)
  })
})

describe('wait', () => {
  test('takes what is there at once, and waits for what is not', async () => {
    const semaphore = fresh({ value: 1 })
    expect(await semaphore.wait()).toBe(true)
    const other = await holder()
    await other.does('open', { name: semaphore.name })
    const waiting = semaphore.wait()
    await untilWaiters(semaphore.name, 1)
    await other.does('post')
    expect(await waiting).toBe(true)
    expect(semaphore.value).toBe(0)
  })

  test('gives a hundred at once their units in the order they came', async () => {
    const semaphore = fresh()
    const order: number[] = []
    const waiting = Array.from({ length: 100 }, async (_, i) => {
      expect(await semaphore.wait()).toBe(true)
      order.push(i)
    })
    const other = opened(semaphore.name)
    for (let i = 0; i < 100; i++) other.post()
    await Promise.all(waiting)
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(semaphore.value).toBe(0)
  })

  test('leaves out of the order who was aborted or timed out in the middle, and loses no unit', async () => {
    const semaphore = fresh()
    const abort = new AbortController()
    const fates = Array.from({ length: 30 }, (_, i) =>
      semaphore
        .wait(i % 3 === 1 ? { signal: abort.signal } : i % 3 === 2 ? { timeout: 1 } : {})
        .then(
          (taken) => (taken ? 'taken' : 'timed out'),
          (error: unknown) => (error as { code: string }).code,
        ),
    )
    await Promise.all(fates.filter((_, i) => i % 3 === 2))
    abort.abort()
    for (let i = 0; i < 12; i++) semaphore.post()
    const expected = Array.from({ length: 30 }, (_, i) => ['taken', 'ABORTED', 'timed out'][i % 3])
    expect(await Promise.all(fates)).toEqual(expected)
    await untilWaiters(semaphore.name, 0)
    expect(semaphore.value).toBe(2)
  })

  test('goes past nobody who waits already', async () => {
    const semaphore = fresh()
    const order: string[] = []
    const first = semaphore.wait().then(() => order.push('first'))
    await untilWaiters(semaphore.name, 1)
    opened(semaphore.name).post()
    const second = semaphore.wait().then(() => order.push('second'))
    semaphore.post()
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })

  test('is false after its timeout, and takes nothing', async () => {
    const semaphore = fresh()
    expect(await semaphore.wait({ timeout: 0 })).toBe(false)
    expect(await semaphore.wait({ timeout: 5 })).toBe(false)
    await untilWaiters(semaphore.name, 0)
    semaphore.post()
    expect(await semaphore.wait({ timeout: 0 })).toBe(true)
    const long = semaphore.wait({ timeout: 9e12 })
    await untilWaiters(semaphore.name, 1)
    semaphore.post()
    expect(await long).toBe(true)
  })

  test('rejects with ABORTED and the reason, before it began as well, and takes nothing', async () => {
    const semaphore = fresh({ value: 1 })
    const reason = new Error('enough')
    await expect(semaphore.wait({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    })
    expect(semaphore.value).toBe(1)
    semaphore.waitSync()
    const abort = new AbortController()
    const waiting = semaphore.wait({ signal: abort.signal })
    await untilWaiters(semaphore.name, 1)
    abort.abort(reason)
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    await untilWaiters(semaphore.name, 0)
  })

  test('refuses what is no option, no time and no signal', async () => {
    const semaphore = fresh({ value: 1 })
    for (const options of [
      { timeout: -1 },
      { timeout: NaN },
      { timeout: '5' },
      { signal: {} },
      { timeOut: 1 },
      null,
      5,
    ]) {
      await expect(semaphore.wait(options as never)).rejects.toMatchObject(
        failure('OPTION_INVALID'),
      )
      await expect(semaphore.withLock(() => 1, options as never)).rejects.toMatchObject(
        failure('OPTION_INVALID'),
      )
    }
    expect(() => semaphore.waitSync(-1)).toThrow(refused('OPTION_INVALID'))
    expect(() => semaphore.withLockSync(() => 1, { timeout: -1 })).toThrow(
      refused('OPTION_INVALID'),
    )
    expect(semaphore.value).toBe(1)
  })

  test('leaves libuv’s threads to others', async () => {
    const many = Array.from({ length: 8 }, () => fresh())
    const waiting = many.map((semaphore) => semaphore.wait())
    for (const { name } of many) await untilWaiters(name, 1)
    expect((await fs.readFile(pathOf(many[0]!.name))).length).toBe(32)
    for (const semaphore of many) semaphore.post()
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 8 }, () => true))
  })

  test('ends for all at once when the semaphore is closed', async () => {
    const semaphore = fresh()
    const waiting = [
      semaphore.wait(),
      semaphore.wait({ timeout: 60_000 }),
      semaphore.withLock(turn),
    ]
    const fates = Promise.allSettled(waiting)
    await untilWaiters(semaphore.name, 1)
    semaphore.close()
    for (const fate of await fates) {
      expect(fate).toMatchObject({ status: 'rejected', reason: failure('CLOSED') })
    }
    await untilWaiters(semaphore.name, 0)
  })
})

describe('a unit that comes when its waiter gives up', () => {
  /** One that waits, and a unit that its thread has taken, of which the event loop does not know. */
  function taken(options: { timeout?: number; signal?: AbortSignal }) {
    const semaphore = fresh()
    const other = opened(semaphore.name)
    const fate = semaphore.wait(options)
    other.post()
    spinUntil(() => other.value === 0)
    return { semaphore, other, fate }
  }

  test('is posted back when it was aborted', async () => {
    for (let round = 0; round < 50; round++) {
      const abort = new AbortController()
      const { other, fate } = taken({ signal: abort.signal })
      abort.abort()
      await expect(fate).rejects.toMatchObject(failure('ABORTED'))
      await expect.poll(() => other.value, { interval: 1 }).toBe(1)
    }
  })

  test('is posted back by a thread that was just told to wait no more', async () => {
    const semaphore = fresh()
    const other = opened(semaphore.name)
    for (let round = 0; round < 100; round++) {
      const abort = new AbortController()
      const fate = semaphore.wait({ signal: abort.signal })
      await untilWaiters(semaphore.name, 1)
      abort.abort()
      other.post()
      await expect(fate).rejects.toMatchObject(failure('ABORTED'))
      await untilWaiters(semaphore.name, 0)
      await expect.poll(() => other.value, { interval: 1 }).toBe(1)
      expect(other.tryWait()).toBe(true)
    }
  })

  test('is had by the next who waits', async () => {
    const abort = new AbortController()
    const { semaphore, other, fate } = taken({ signal: abort.signal })
    const next = semaphore.wait()
    abort.abort()
    await expect(fate).rejects.toMatchObject(failure('ABORTED'))
    expect(await next).toBe(true)
    expect(other.value).toBe(0)
  })

  test('is not lost when its time ran out: it has it, or it is there', async () => {
    for (let round = 0; round < 50; round++) {
      const { other, fate } = taken({ timeout: 1 })
      const late = performance.now() + 2
      spinUntil(() => performance.now() > late)
      const had = await fate
      await expect.poll(() => other.value, { interval: 1 }).toBe(had ? 0 : 1)
    }
  })

  test('is posted back when the semaphore was closed', async () => {
    for (let round = 0; round < 50; round++) {
      const { semaphore, other, fate } = taken({})
      semaphore.close()
      await expect(fate).rejects.toMatchObject(failure('CLOSED'))
      expect(other.value).toBe(1)
    }
  })

  test('is posted back whatever the moment is', async () => {
    const semaphore = fresh()
    const poster = await holder()
    await poster.does('open', { name: semaphore.name })
    let had = 0
    for (let round = 0; round < 200; round++) {
      const abort = new AbortController()
      const fate = semaphore.wait({ signal: abort.signal }).catch(() => false)
      const posted = poster.does('post')
      for (let i = 0; i < round % 20; i++) await turn()
      abort.abort()
      await posted
      if (await fate) had += 1
    }
    await untilWaiters(semaphore.name, 0)
    await expect.poll(() => semaphore.value + had).toBe(200)
  })
})

describe('withLock', () => {
  test('refuses what is no function before it waits for a unit', async () => {
    const semaphore = fresh()
    await expect(semaphore.withLock(undefined as never)).rejects.toMatchObject(
      failure('OPTION_INVALID'),
    )
    expect(() => semaphore.withLockSync(5 as never)).toThrow(refused('OPTION_INVALID'))
  })

  test('posts when it is done, and gives what was returned', async () => {
    const semaphore = fresh({ value: 1 })
    expect(
      await semaphore.withLock(async () => {
        expect(semaphore.value).toBe(0)
        await turn()
        return 'done'
      }),
    ).toBe('done')
    expect(semaphore.value).toBe(1)
    expect(semaphore.withLockSync(() => semaphore.value)).toBe(0)
    expect(semaphore.value).toBe(1)
  })

  test('posts when it fails, and throws what was thrown', async () => {
    const semaphore = fresh({ value: 1 })
    const failing = (): never => {
      throw new RangeError('mine')
    }
    await expect(semaphore.withLock(failing)).rejects.toThrow(RangeError)
    await expect(semaphore.withLock(() => Promise.reject(new RangeError()))).rejects.toThrow(
      RangeError,
    )
    expect(() => semaphore.withLockSync(failing)).toThrow(RangeError)
    expect(semaphore.value).toBe(1)
  })

  test('lets one at a time in', async () => {
    const semaphore = fresh({ value: 1 })
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 50 }, () =>
        semaphore.withLock(async () => {
          most = Math.max(most, ++inside)
          await turn()
          inside -= 1
        }),
      ),
    )
    expect([inside, most, semaphore.value]).toEqual([0, 1, 1])
  })

  test('does not call what it cannot have the lock for', async () => {
    const semaphore = fresh()
    const never = (): never => {
      throw new Error('called')
    }
    const abort = new AbortController()
    await expect(semaphore.withLock(never, { timeout: 5 })).rejects.toMatchObject(
      failure('TIMED_OUT'),
    )
    expect(() => semaphore.withLockSync(never, { timeout: 5 })).toThrow(refused('TIMED_OUT'))
    const waiting = semaphore.withLock(never, { signal: abort.signal })
    abort.abort()
    await expect(waiting).rejects.toMatchObject(failure('ABORTED'))
  })

  test('posts though the semaphore was closed meanwhile, and even before it was entered', async () => {
    const semaphore = fresh({ value: 1 })
    const other = opened(semaphore.name)
    const running = semaphore.withLock(async () => {
      semaphore.close()
      await turn()
      expect(other.value).toBe(0)
      return 'done'
    })
    expect(await running).toBe('done')
    expect(other.value).toBe(1)
    const again = opened(semaphore.name)
    const entered = again.withLock(() => other.value)
    again.close()
    expect(await entered).toBe(0)
    expect(other.value).toBe(1)
    expect(() => again.tryWait()).toThrow(refused('CLOSED'))
  })

  test('refuses a blocking lock to an async function, whose work it would not last for', () => {
    const semaphore = fresh({ value: 1 })
    expect(() => semaphore.withLockSync(() => Promise.resolve(1))).toThrow(
      refused('OPTION_INVALID', /withLock/),
    )
    expect(semaphore.value).toBe(1)
  })

  test('tells of a post that could not be made, unless there is worse', async () => {
    const semaphore = fresh({ value: SEMAPHORE_MAX })
    await expect(
      semaphore.withLock(() => {
        semaphore.post()
      }),
    ).rejects.toMatchObject(failure('SEMAPHORE_OVERFLOW'))
    await expect(
      semaphore.withLock(() => {
        semaphore.post()
        throw new RangeError()
      }),
    ).rejects.toThrow(RangeError)
  })
})

describe('a closed semaphore', () => {
  test('refuses everything but to be closed again', async () => {
    const semaphore = fresh({ value: 1 })
    semaphore.close()
    semaphore.close()
    semaphore[Symbol.dispose]()
    for (const use of [
      () => {
        semaphore.post()
      },
      () => semaphore.tryWait(),
      () => semaphore.waitSync(0),
      () => semaphore.value,
      () => semaphore.withLockSync(() => 1),
    ]) {
      expect(use).toThrow(refused('CLOSED', new RegExp(semaphore.name)))
    }
    await expect(semaphore.wait()).rejects.toMatchObject(failure('CLOSED'))
    await expect(semaphore.withLock(() => 1)).rejects.toMatchObject(failure('CLOSED'))
    expect(opened(semaphore.name).value).toBe(1)
  })

  test('closes no other handle of it', () => {
    const first = fresh({ value: 1 })
    const second = opened(first.name)
    first.close()
    expect(second.tryWait()).toBe(true)
  })
})
