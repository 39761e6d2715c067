import type { Observable } from 'rxjs'
import { debounceTime, delay, EMPTY, from, NEVER, of, share, Subject, take, throwError } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { frames, leaseMap } from '../../src/index.ts'
import { failure, flat, SMALL, testReader, testWriter, turn, until } from '../ring/fixtures.ts'

/** Work under way on frames, each to be settled by hand. */
class Desk {
  readonly frames: Frame[] = []
  readonly #settle: { resolve: (value: number) => void; reject: (error: Error) => void }[] = []

  readonly take = (frame: Frame): Promise<number> => {
    this.frames.push(frame)
    return new Promise((resolve, reject) => this.#settle.push({ resolve, reject }))
  }

  get last(): Frame | undefined {
    return this.frames.at(-1)
  }

  done(index: number): void {
    this.#settle[index]?.resolve(this.frames[index]?.sequence ?? NaN)
  }

  fail(index: number, error: Error): void {
    this.#settle[index]?.reject(error)
  }
}

function record<R>(stream: Observable<R>) {
  const seen: R[] = []
  const log = { completed: false, error: undefined as unknown }
  const subscription = stream.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => (log.error = error),
    complete: () => (log.completed = true),
  })
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return { seen, log, subscription }
}

describe('leaseMap on frames()', () => {
  test('holds the lease until the promise settles, then takes the newest', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const { seen } = record(frames(writer.name).pipe(leaseMap(desk.take)))
    writer.write(flat(1))
    await until(() => desk.frames.length === 1)
    for (let i = 2; i <= 100; i++) writer.write(flat(i))
    for (let i = 0; i < 5; i++) await turn()
    // Nothing else was leased, and this one did not change.
    expect(desk.frames.length).toBe(1)
    const [first] = desk.frames
    const view = first?.data
    expect(view).toEqual(flat(1))
    desk.done(0)
    await until(() => desk.frames.length === 2)
    expect(view?.length).toBe(0)
    expect(first?.released).toBe(true)
    // The newest is there already: it does not wait for the next to be published.
    expect(desk.last).toMatchObject({ sequence: 100, gap: 98 })
    expect(desk.last?.data).toEqual(flat(100))
    desk.done(1)
    await until(() => seen.length === 2)
    expect(seen).toEqual([1, 100])
  })

  test('with every, keeps the order', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const { seen, log } = record(
      frames(writer.name, { delivery: 'every', replay: 4 }).pipe(leaseMap(desk.take)),
    )
    for (let i = 1; i <= 4; i++) writer.write(flat(i))
    writer.close()
    for (let i = 0; i < 4; i++) {
      await until(() => desk.frames.length === i + 1)
      expect(desk.last?.data).toEqual(flat(i + 1))
      expect(log.completed).toBe(false)
      desk.done(i)
    }
    await until(() => log.completed)
    expect(seen).toEqual([1, 2, 3, 4])
  })

  test('works with a single lease, and loses none of them over a long stream', async () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    const { seen } = record(
      frames(writer.name, { maxLeases: 1 }).pipe(
        leaseMap(async (frame) => {
          const { data } = frame
          await turn()
          expect(data).toEqual(flat(frame.sequence & 255))
          return frame.sequence
        }),
      ),
    )
    while (seen.length < 200) {
      expect(writer.write(flat((writer.sequence + 1) & 255))).toBeGreaterThan(0)
      await turn()
    }
    expect(writer.stats().dropped).toBe(0)
  })

  test('emits all that an inner observable or iterable emits, and holds until it completes', async () => {
    const writer = testWriter()
    const inner = new Subject<string>()
    let held: Frame | undefined
    const { seen } = record(
      frames(writer.name).pipe(
        leaseMap((frame, index) => {
          if (index > 0) return [`${frame.sequence}`, `${index}`]
          held = frame
          return inner
        }),
      ),
    )
    writer.write(flat(1))
    await until(() => held !== undefined)
    inner.next('a')
    inner.next('b')
    expect(held?.data).toEqual(flat(1))
    writer.write(flat(2))
    inner.complete()
    expect(held?.released).toBe(true)
    await until(() => seen.length === 4)
    expect(seen).toEqual(['a', 'b', '2', '1'])
  })

  test('drains an async iterable', async () => {
    const writer = testWriter()
    const { seen } = record(
      frames(writer.name).pipe(
        leaseMap(async function* (frame) {
          yield frame.data[0]
          await turn()
          yield frame.data[1]
        }),
      ),
    )
    writer.write(flat(8))
    await until(() => seen.length === 2)
    expect(seen).toEqual([8, 8])
  })

  test.each([
    [
      'throws',
      (): never => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    ['returns an observable that fails', () => throwError(() => new Error('mine'))],
    ['returns something else', () => 5 as never],
  ])('releases the lease and errors when project %s', async (_how, project) => {
    const writer = testWriter()
    let held: Frame | undefined
    const { log } = record(
      frames(writer.name).pipe(
        leaseMap((frame) => {
          held = frame
          return project()
        }),
      ),
    )
    writer.write(flat(1))
    await until(() => log.error !== undefined)
    expect(log.error).toBeInstanceOf(Error)
    expect(held?.released).toBe(true)
    expect(writer.stats().readers).toBe(0)
  })

  test('unsubscribing releases at once under an observable', async () => {
    const writer = testWriter()
    let held: Frame | undefined
    const { subscription } = record(
      frames(writer.name).pipe(
        leaseMap((frame) => {
          held = frame
          return NEVER
        }),
      ),
    )
    writer.write(flat(1))
    await until(() => held !== undefined)
    expect(held?.released).toBe(false)
    subscription.unsubscribe()
    expect(held?.released).toBe(true)
    expect(writer.stats().readers).toBe(0)
  })

  test('unsubscribing keeps the lease under a promise until it settles: native work may read on', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const { seen, subscription } = record(frames(writer.name).pipe(leaseMap(desk.take)))
    writer.write(flat(1))
    await until(() => desk.frames.length === 1)
    subscription.unsubscribe()
    for (let i = 0; i < 50; i++) writer.write(flat(2))
    await turn()
    expect(desk.last?.data).toEqual(flat(1))
    expect(writer.stats().readers).toBe(1)
    desk.done(0)
    await turn()
    expect(desk.last?.released).toBe(true)
    expect(writer.stats().readers).toBe(0)
    expect(seen).toEqual([])
  })

  test('unsubscribing under a promise lets others of a shared stream go on at once', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const shared = frames(writer.name).pipe(share())
    const worker = record(shared.pipe(leaseMap(desk.take)))
    const other: number[] = []
    const watcher = shared.subscribe((frame) => other.push(frame.sequence))
    writer.write(flat(1))
    await until(() => desk.frames.length === 1 && other.length === 1)
    writer.write(flat(2))
    await turn()
    await turn()
    expect(other).toEqual([1])
    worker.subscription.unsubscribe()
    await until(() => other.length === 2)
    expect(other).toEqual([1, 2])
    expect(desk.last?.data).toEqual(flat(1))
    desk.done(0)
    await turn()
    expect(desk.last?.released).toBe(true)
    // Resumed once, not twice: a later worker still holds the stream back.
    const later = record(shared.pipe(leaseMap(desk.take)))
    writer.write(flat(3))
    await until(() => desk.frames.length === 2)
    writer.write(flat(4))
    await turn()
    await turn()
    expect(other).toEqual([1, 2, 3])
    later.subscription.unsubscribe()
    desk.done(1)
    watcher.unsubscribe()
  })

  test('an abort is told while it works, and the lease stays with the promise', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const controller = new AbortController()
    const { seen, log } = record(
      frames(writer.name, { signal: controller.signal }).pipe(leaseMap(desk.take)),
    )
    writer.write(flat(1))
    await until(() => desk.frames.length === 1)
    controller.abort()
    await until(() => log.error !== undefined)
    expect(log.error).toEqual(failure('ABORTED'))
    expect(desk.last?.data).toEqual(flat(1))
    desk.done(0)
    await until(() => desk.last?.released === true)
    expect(seen).toEqual([])
    expect(writer.stats().readers).toBe(0)
  })

  test('stops an endless synchronous inner when it is unsubscribed', async () => {
    const writer = testWriter()
    let pulled = 0
    let held: Frame | undefined
    const { seen, log } = record(
      frames(writer.name).pipe(
        leaseMap(function* (frame) {
          held = frame
          while (pulled < 10_000) yield ++pulled
        }),
        take(1),
      ),
    )
    writer.write(flat(1))
    await until(() => log.completed)
    expect(seen).toEqual([1])
    expect(pulled).toBe(1)
    expect(held?.released).toBe(true)
    await turn()
    expect(writer.stats().readers).toBe(0)
  })

  test('completes after the work in hand, when the writer ends meanwhile', async () => {
    const writer = testWriter()
    const desk = new Desk()
    const { seen, log } = record(frames(writer.name).pipe(leaseMap(desk.take)))
    writer.write(flat(1))
    await until(() => desk.frames.length === 1)
    writer.close()
    await turn()
    expect(desk.last?.data).toEqual(flat(1))
    expect(log.completed).toBe(false)
    desk.done(0)
    await until(() => log.completed)
    expect(seen).toEqual([1])
  })

  test('an inner that is empty or settles at once just takes the next', async () => {
    const writer = testWriter()
    const { seen } = record(
      frames(writer.name, { delivery: 'every' }).pipe(
        leaseMap((frame) => (frame.sequence % 2 === 0 ? EMPTY : of(frame.sequence))),
      ),
    )
    for (let i = 1; i <= 7; i++) writer.write(flat(i))
    await until(() => seen.includes(7))
    expect(seen.every((sequence) => sequence % 2 === 1)).toBe(true)
  })

  test('behind an operator that delayed the frame is the error RELEASED', async () => {
    const writer = testWriter()
    for (const late of [delay<Frame>(1), debounceTime<Frame>(1)]) {
      const { log } = record(
        frames(writer.name).pipe(
          late,
          leaseMap((frame) => of(frame.sequence)),
        ),
      )
      writer.write(flat(1))
      await until(() => log.error !== undefined)
      expect(log.error).toEqual(failure('RELEASED'))
    }
    expect(writer.stats().readers).toBe(0)
  })
})

describe('leaseMap on frames from elsewhere', () => {
  test('works on them side by side, each held until it is done', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { delivery: 'every', maxLeases: 3 })
    const source = new Subject<Frame>()
    const desk = new Desk()
    const { seen, log } = record(source.pipe(leaseMap(desk.take)))
    for (let i = 1; i <= 3; i++) {
      writer.write(flat(i))
      using frame = reader.tryNext() as Frame
      source.next(frame)
    }
    source.complete()
    expect(reader.stats().leases).toBe(3)
    expect(desk.frames.map((frame) => frame.data[0])).toEqual([1, 2, 3])
    desk.done(1)
    await until(() => seen.length === 1)
    expect(reader.stats().leases).toBe(2)
    expect(log.completed).toBe(false)
    desk.done(0)
    desk.done(2)
    await until(() => log.completed)
    expect(seen).toEqual([2, 1, 3])
    expect(reader.stats().leases).toBe(0)
  })

  test('stops an endless synchronous source when it is unsubscribed', () => {
    const writer = testWriter()
    const reader = testReader(writer)
    writer.write(flat(1))
    using frame = reader.tryNext() as Frame
    let pulled = 0
    function* endless(): Generator<Frame> {
      while (pulled++ < 10_000) yield frame
    }
    const { seen, log } = record(
      from(endless()).pipe(
        leaseMap((lent) => of(lent.sequence)),
        take(1),
      ),
    )
    expect(seen).toEqual([1])
    expect(log.completed).toBe(true)
    expect(pulled).toBe(1)
  })

  test('a failure ends it, and what is still under way is released when it settles', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { delivery: 'every', maxLeases: 2 })
    const source = new Subject<Frame>()
    const desk = new Desk()
    const { log } = record(source.pipe(leaseMap(desk.take)))
    for (let i = 1; i <= 2; i++) {
      writer.write(flat(i))
      using frame = reader.tryNext() as Frame
      source.next(frame)
    }
    desk.fail(1, new Error('mine'))
    await until(() => log.error !== undefined)
    expect(log.error).toEqual(new Error('mine'))
    expect(reader.stats().leases).toBe(1)
    desk.done(0)
    await until(() => reader.stats().leases === 0)
  })
})
