import type { Observable } from 'rxjs'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import type { SyncOptions, Writer } from '../../src/index.ts'
import { Frame, FrameringError, leaseMap, now, syncFrames } from '../../src/index.ts'
import { ringName } from '../support/ring-name.ts'
import { failure, flat, testWriter, turn, until } from '../ring/fixtures.ts'

function record(writers: readonly Writer[], options: SyncOptions) {
  const sets: string[] = []
  const lent: Frame[] = []
  const log = { completed: false, error: undefined as unknown }
  const subscription = syncFrames(
    writers.map((writer) => writer.name),
    options,
  ).subscribe({
    next: (set) => {
      lent.push(...set)
      for (const frame of set) expect(frame.data).toEqual(flat(frame.data[0] ?? NaN))
      sets.push(set.map((frame) => frame.data[0]).join('+'))
    },
    error: (error: unknown) => (log.error = error),
    complete: () => (log.completed = true),
  })
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return { sets, lent, log, subscription }
}

/** Makes the next release of any frame end its lease and throw, once `arm` was called. */
function breakRelease(): { arm: () => void } {
  let armed = false
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its frame below
  const release = Frame.prototype.release
  const spy = vi.spyOn(Frame.prototype, 'release').mockImplementation(function (this: Frame) {
    release.call(this)
    if (!armed) return
    armed = false
    throw new FrameringError('LEASE_BROKEN', 'broken by the test')
  })
  onTestFinished(() => {
    spy.mockRestore()
  })
  return { arm: () => (armed = true) }
}

/** Publishes frames captured at these offsets (ms), in this order; a frame's value is its offset. */
async function publish(steps: readonly (readonly [Writer, number])[], start: number) {
  for (const [writer, at] of steps) {
    writer.write(flat(at), { captureTime: start + at })
    // Both loops have looked before the next one comes.
    for (let i = 0; i < 4; i++) await turn()
  }
}

describe('syncFrames', () => {
  test('pairs by capture time, whoever comes first', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { sets, lent } = record([a, b], { tolerance: 5 })
    await publish(
      [
        [a, 10],
        [b, 12],
        [b, 42],
        [a, 40],
        [a, 70],
        [b, 70],
      ],
      now(),
    )
    expect(sets).toEqual(['10+12', '40+42', '70+70'])
    expect(lent.every((frame) => frame.released)).toBe(true)
  })

  test('drops what has no partner, and never pairs beyond the tolerance', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { sets } = record([a, b], { tolerance: 5 })
    await publish(
      [
        [a, 10],
        [a, 20],
        [b, 30],
        [a, 30],
        [b, 36],
        [a, 42],
        [b, 47],
      ],
      now(),
    )
    expect(sets).toEqual(['30+30', '42+47'])
  })

  test('takes the nearest of several candidates', async () => {
    const [fast, slow] = [testWriter(), testWriter()]
    const { sets } = record([fast, slow], { tolerance: 20 })
    await publish(
      [
        [fast, 10],
        [fast, 20],
        [fast, 30],
        [slow, 21],
      ],
      now(),
    )
    expect(sets).toEqual(['20+21'])
  })

  test('joins three and more', async () => {
    const writers = [testWriter(), testWriter(), testWriter()] as const
    const [a, b, c] = writers
    const { sets } = record(writers, { tolerance: 4 })
    await publish(
      [
        [a, 10],
        [b, 11],
        [c, 12],
        [c, 22],
        [a, 20],
        [b, 30],
        [c, 31],
        [a, 33],
      ],
      now(),
    )
    expect(sets).toEqual(['10+11+12', '33+30+31'])
  })

  test('holds a bounded number of frames, the newest ones', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { sets } = record([a, b], { tolerance: 1, maxLeases: 3 })
    const start = now()
    await publish(
      [10, 20, 30, 40, 50].map((at) => [a, at] as const),
      start,
    )
    await publish(
      [
        [b, 20],
        [b, 40],
        [b, 50],
      ],
      start,
    )
    expect(sets).toEqual(['40+40', '50+50'])
  })

  test('compares clocks: realtime with monotonic', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { sets } = record([a, b], { tolerance: 50 })
    a.write(flat(1), { captureTime: now() })
    b.write(flat(2), { captureTime: Date.now(), captureClock: 'realtime' })
    await until(() => sets.length === 1)
    expect(sets).toEqual(['1+2'])
  })

  test('pairs streams of one device by the device’s own clock', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { sets } = record([a, b], { tolerance: 0 })
    a.write(flat(1), { captureTime: 777, captureClock: 'source' })
    b.write(flat(2), { captureTime: 777, captureClock: 'source' })
    await until(() => sets.length === 1)
  })

  test('completes when one stream does, and gives everything back', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const { log } = record([a, b], { tolerance: 5 })
    await publish(
      [
        [a, 10],
        [a, 20],
      ],
      now(),
    )
    expect(a.stats().readers).toBe(1)
    b.close()
    await until(() => log.completed)
    expect(a.stats().readers).toBe(0)
  })

  test('errors when one stream does', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const controller = new AbortController()
    const { log } = record([a, b], { tolerance: 5, signal: controller.signal })
    controller.abort()
    await until(() => log.error !== undefined)
    expect(log.error).toEqual(failure('ABORTED'))
    expect([a.stats().readers, b.stats().readers]).toEqual([0, 0])
  })

  test('its sets can be worked on in leaseMap, which holds both streams back', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const done: (() => void)[] = []
    const seen: number[][] = []
    const subscription = syncFrames([a.name, b.name], { tolerance: 1 })
      .pipe(
        leaseMap(async (set) => {
          await new Promise<void>((resolve) => done.push(resolve))
          return set.map((frame) => frame.data[0] ?? NaN)
        }),
      )
      .subscribe((values) => seen.push(values))
    const start = now()
    await publish(
      [
        [a, 10],
        [b, 10],
      ],
      start,
    )
    await publish(
      [20, 30, 40].flatMap(
        (at) =>
          [
            [a, at],
            [b, at],
          ] as const,
      ),
      start,
    )
    expect(done.length).toBe(1)
    done[0]?.()
    await until(() => done.length === 2)
    done[1]?.()
    await until(() => seen.length === 2)
    expect(seen).toEqual([
      [10, 10],
      [40, 40],
    ])
    subscription.unsubscribe()
    expect([a.stats().readers, b.stats().readers]).toEqual([0, 0])
  })

  test('a broken lease of a set is an error, and the others of the set are released', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const broken = breakRelease()
    let error: unknown
    syncFrames([a.name, b.name], { tolerance: 1 }).subscribe({
      next: broken.arm,
      error: (told: unknown) => (error = told),
    })
    await publish(
      [
        [a, 10],
        [b, 10],
      ],
      now(),
    )
    expect(error).toEqual(failure('LEASE_BROKEN'))
    expect([a.stats().readers, b.stats().readers]).toEqual([0, 0])
  })

  test('a broken lease of a frame without partner is an error, and nothing stays leased', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const broken = breakRelease()
    const { log } = record([a, b], { tolerance: 1, maxLeases: 2 })
    const start = now()
    await publish([[a, 10]], start)
    broken.arm()
    await publish([[a, 20]], start)
    expect(log.error).toEqual(failure('LEASE_BROKEN'))
    expect([a.stats().readers, b.stats().readers]).toEqual([0, 0])
  })

  test('unsubscribing releases all that waits, also after one whose lease broke', async () => {
    const [a, b] = [testWriter(), testWriter()]
    const broken = breakRelease()
    const { log, subscription } = record([a, b], { tolerance: 1 })
    await publish(
      [
        [a, 10],
        [a, 20],
        [a, 30],
      ],
      now(),
    )
    expect([a.stats().readers, b.stats().readers]).toEqual([1, 1])
    broken.arm()
    subscription.unsubscribe()
    expect(log.error).toBeUndefined()
    expect([a.stats().readers, b.stats().readers]).toEqual([0, 0])
  })

  test('a set has as many frames as there are names, known to the compiler', () => {
    const names: string[] = [ringName(), ringName()]
    const pair = syncFrames(['left', 'right'], { tolerance: 1 })
    const some = syncFrames(names, { tolerance: 1 })
    expectTypeOf(pair).toEqualTypeOf<Observable<[Frame, Frame]>>()
    expectTypeOf(some).toEqualTypeOf<Observable<Frame[]>>()
  })

  test('says what is missing when it is called without options', () => {
    const names = [ringName(), ringName()] as const
    for (const options of [undefined, null, {}]) {
      expect(() => syncFrames(names, options as never)).toThrow(
        failure('OPTION_INVALID', /tolerance.*milliseconds/),
      )
    }
    expect(() => syncFrames(null as never, { tolerance: 1 })).toThrow(
      failure('OPTION_INVALID', /two names/),
    )
  })

  test('refuses bad options at once', () => {
    const name = ringName()
    for (const [names, options] of [
      [[name], { tolerance: 1 }],
      [name, { tolerance: 1 }],
      [[name, name], {}],
      [[name, name], { tolerance: -1 }],
      [[name, name], { tolerance: 1, maxLeases: 1 }],
      [[name, name], { tolerance: 1, maxFps: 0 }],
    ] as [string[], SyncOptions][]) {
      expect(() => syncFrames(names, options)).toThrow(failure('OPTION_INVALID'))
    }
  })
})
