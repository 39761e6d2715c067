import type { Observable } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Frame, ReaderOptions, Writer } from '../../src/index.ts'
import { createWriter, frames, leaseMap, now, openReader, syncFrames } from '../../src/index.ts'
import type { MemoryTransport } from '../../src/testing/index.ts'
import { useMemoryTransport } from '../../src/testing/index.ts'
import { failure, flat, SMALL, turn } from '../ring/fixtures.ts'

function memoryTransport(start = 0): MemoryTransport {
  const memory = useMemoryTransport({ start })
  onTestFinished(() => {
    memory[Symbol.dispose]()
  })
  return memory
}

/** Publishes every `ms` for as long as time passes. */
function publishEvery(memory: MemoryTransport, ms: number, writer: Writer): void {
  memory.after(ms, () => {
    writer.write(flat(1))
    publishEvery(memory, ms, writer)
  })
}

/** What came, and when. */
function recorded(stream: Observable<Frame>): [number, number][] {
  const seen: [number, number][] = []
  const subscription = stream.subscribe((frame) => seen.push([now(), frame.sequence]))
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return seen
}

describe('time', () => {
  test('passes when it is told to, and everybody tells the same', () => {
    const memory = memoryTransport(500)
    const writer = createWriter('front', SMALL)
    memory.advance(0.25)
    writer.write(flat(1))
    memory.advance(2)
    using frame = openReader('front').tryNext()
    expect(frame).toMatchObject({ publishTime: 500.25, captureTime: 500.25, receiveTime: 502.25 })
    expect(frame?.latency).toBe(2)
    expect([memory.now, now()]).toEqual([502.25, 502.25])
  })

  test('brings what was set for it in order of time, and of setting', () => {
    const memory = memoryTransport()
    const seen: string[] = []
    const note = (what: string) => () => seen.push(`${now()} ${what}`)
    memory.after(20, note('late'))
    memory.after(10, note('first'))
    memory.after(10, () => {
      note('second')()
      memory.after(5, note('set meanwhile'))
    })
    memory.after(10, note('never'))[Symbol.dispose]()
    memory.advance(9)
    expect(seen).toEqual([])
    memory.advance(11)
    expect(seen).toEqual(['10 first', '10 second', '15 set meanwhile', '20 late'])
  })

  test('an error of what happens comes out of advance, and the rest still happens', () => {
    const memory = memoryTransport()
    const seen: number[] = []
    memory.after(1, () => {
      throw new Error('mine')
    })
    memory.after(2, () => seen.push(now()))
    expect(() => {
      memory.advance(5)
    }).toThrow('mine')
    expect(now()).toBe(1)
    memory.advance(5)
    expect(seen).toEqual([2])
  })

  test('that could not go on is refused: an answer to every answer, a wait for nobody', () => {
    const memory = memoryTransport()
    const writer = createWriter('front', SMALL)
    const echo = frames('front').subscribe(() => writer.write(flat(1)))
    writer.write(flat(1))
    expect(() => {
      memory.advance(1)
    }).toThrow(failure('UNSUPPORTED', /memory\.after/))
    echo.unsubscribe()
    using reader = openReader('front', { replay: 0 })
    expect(() => reader.waitSync()).toThrow(failure('UNSUPPORTED', /nobody else/))
    expect(() => openReader('rear', { wait: true }).waitSync()).toThrow(failure('UNSUPPORTED'))
  })
})

describe('frames', () => {
  test('are delivered by advance, never within publish', () => {
    const memory = memoryTransport()
    const writer = createWriter('front', SMALL)
    const seen = recorded(frames('front'))
    writer.write(flat(1))
    expect(seen).toEqual([])
    memory.advance(0)
    expect(seen).toEqual([[0, 1]])
  })

  test('come without advance too, for code that only awaits; no time passes', async () => {
    memoryTransport(7)
    const writer = createWriter('front', SMALL)
    const seen = recorded(frames('front'))
    const pending = openReader('front').next()
    await turn()
    writer.write(flat(1))
    using frame = await pending
    expect(frame?.sequence).toBe(1)
    await turn()
    expect(seen).toEqual([[7, 1]])
  })

  test.each<[ReaderOptions, [number, number][]]>([
    // Of a source of 40 a second ten are due, each the moment it is published.
    [{ maxFps: 10 }, [[25, 1], [125, 5], [225, 9], [325, 13], [425, 17], [525, 21]]], // prettier-ignore
    [{ maxFps: 10, delivery: 'every' }, [[25, 1], [122, 2], [222, 3], [322, 4], [422, 5], [522, 6]]], // prettier-ignore
  ])('%j takes them at their times', (options, expected) => {
    const memory = memoryTransport()
    publishEvery(memory, 25, createWriter('front', { ...SMALL, slots: 30 }))
    const seen = recorded(frames('front', options))
    memory.advance(540)
    expect(seen).toEqual(expected)
  })

  test('too old are passed over, to the nanosecond', () => {
    const memory = memoryTransport()
    const writer = createWriter('front', SMALL)
    const reader = openReader('front', { delivery: 'every', maxAge: 20, replay: 5 })
    writer.write(flat(1))
    memory.advance(0.000001)
    writer.write(flat(2))
    memory.advance(20)
    using frame = reader.tryNext()
    expect(frame).toMatchObject({ sequence: 2, gap: 0 })
    writer.write(flat(3))
    memory.advance(21)
    writer.write(flat(4))
    using next = reader.tryNext()
    expect(next).toMatchObject({ sequence: 4, gap: 1, lost: { skipped: 1, overrun: 0 } })
    // Passed over in one ring, and told in the larger one that follows it.
    next?.release()
    writer.write(flat(5))
    memory.advance(21)
    expect(reader.tryNext()).toBeNull()
    writer.setFormat({ dtype: 'uint8', shape: [9000] })
    writer.write(flat(6, 9000))
    using last = reader.tryNext()
    expect(last).toMatchObject({ sequence: 6, gap: 1, lost: { skipped: 1, overrun: 0 } })
  })

  test('deadlines and waits for a writer run out at their time', () => {
    const memory = memoryTransport()
    const misses: [number, number][] = []
    const writer = createWriter('front', SMALL)
    const subscription = frames('front', {
      deadline: 30,
      onDeadline: ({ since }) => misses.push([now(), since]),
    }).subscribe()
    let failedAt = NaN
    frames('rear', { wait: 45 }).subscribe({ error: () => (failedAt = now()) })
    memory.after(100, () => writer.write(flat(1)))
    memory.advance(200)
    expect(misses).toEqual([
      [30, 30],
      [130, 30],
    ])
    expect(failedAt).toBe(45)
    subscription.unsubscribe()
  })

  test('of two rings are paired by their times', () => {
    const memory = memoryTransport()
    const front = createWriter('front', SMALL)
    const depth = createWriter('depth', SMALL)
    const pairs: [number, number][] = []
    syncFrames(['front', 'depth'], { tolerance: 5 }).subscribe(([a, b]) => {
      pairs.push([a.sequence, b.sequence])
    })
    for (const [writer, ms] of [
      [front, 10],
      [depth, 4],
      [front, 30],
      [depth, 20],
      [front, 1],
    ] as const) {
      // prettier-ignore
      memory.advance(ms)
      writer.write(flat(1))
    }
    memory.advance(0)
    expect(pairs).toEqual([
      [1, 1],
      [3, 2],
    ])
  })
})

describe('promises', () => {
  test('keep up with advanceAsync', async () => {
    const memory = memoryTransport()
    publishEvery(memory, 10, createWriter('front', SMALL))
    const seen: [number, number][] = []
    const loop = (async () => {
      for await (const frame of openReader('front', { delivery: 'every', maxFps: 50 })) {
        seen.push([now(), frame.sequence])
        if (seen.length === 3) break
      }
    })()
    await memory.advanceAsync(100)
    await loop
    expect(seen).toEqual([
      [10, 1],
      [28, 2],
      [48, 3],
    ])
    expect(now()).toBe(100)
  })

  test('of leaseMap hold frames back, for the time they take', async () => {
    const memory = memoryTransport()
    publishEvery(memory, 10, createWriter('front', SMALL))
    const seen: [number, number][] = []
    const work = (frame: Frame): Promise<number> =>
      new Promise((resolve) =>
        memory.after(25, () => {
          resolve(frame.data.length && frame.sequence)
        }),
      )
    const subscription = frames('front')
      .pipe(leaseMap(work))
      .subscribe((sequence) => seen.push([now(), sequence]))
    await memory.advanceAsync(100)
    expect(seen).toEqual([
      [35, 1],
      [60, 3],
      [85, 5],
    ])
    subscription.unsubscribe()
  })

  test('next() gives up at its time-out', async () => {
    const memory = memoryTransport()
    createWriter('front', SMALL)
    const pending = openReader('front').next({ timeout: 30 })
    let over = false
    void pending.then(() => (over = true))
    await memory.advanceAsync(29)
    expect(over).toBe(false)
    await memory.advanceAsync(1)
    expect(await pending).toBeNull()
  })
})

describe('a thread that blocks', () => {
  test('lets time pass: others get on until its frame is there, or its time is over', () => {
    const memory = memoryTransport()
    using reader = openReader('front', { wait: true })
    memory.after(40, () => {
      publishEvery(memory, 10, createWriter('front', SMALL))
    })
    expect(reader.waitSync(20)).toBeNull()
    expect(now()).toBe(20)
    using frame = reader.waitSync()
    expect([now(), frame?.sequence]).toEqual([50, 1])
  })

  test('hears of deadlines, aborts and deaths on time', () => {
    const memory = memoryTransport()
    const misses: number[] = []
    createWriter('front', SMALL)
    const deadline = { deadline: 30, onDeadline: () => misses.push(now()) }
    using reader = openReader('front', deadline)
    memory.after(70, () => {
      memory.kill('front')
    })
    expect(() => reader.waitSync()).toThrow(failure('WRITER_DIED'))
    expect([now(), misses]).toEqual([70, [30]])

    const stop = new AbortController()
    createWriter('front', SMALL)
    using other = openReader('front', { signal: stop.signal })
    memory.after(10, () => {
      stop.abort()
    })
    expect(() => other.waitSync()).toThrow(failure('ABORTED'))
    expect(now()).toBe(80)
  })

  test('a writer waits for a reliable reader, as long as that takes and no longer than agreed', () => {
    const memory = memoryTransport()
    const writer = createWriter('front', { ...SMALL, slots: 2 })
    using reader = openReader('front', { delivery: 'reliable', reliableWait: 50 })
    writer.write(flat(1))
    const frame = reader.tryNext()
    writer.write(flat(2))
    memory.after(20, () => frame?.release())
    expect(writer.write(flat(3))).toBe(3)
    expect([now(), writer.stats().waited, writer.stats().lagging]).toEqual([20, 20, 0])
    // The second is not taken.
    expect(writer.write(flat(4))).toBe(4)
    expect([now(), writer.stats().waited, writer.stats().lagging]).toEqual([70, 70, 1])
    expect(writer.write(flat(5))).toBe(5)
    expect(now()).toBe(70)
  })

  test('a writer does not wait for itself: who answers a frame while it waits is not waited for', () => {
    const memory = memoryTransport()
    const writer = createWriter('front', { ...SMALL, slots: 2 })
    using reader = openReader('front', { delivery: 'reliable', reliableWait: 50 })
    writer.write(flat(1))
    using frame = reader.tryNext()
    writer.write(flat(2))
    const meanwhile: unknown[] = []
    memory.after(20, () => meanwhile.push([now(), writer.write(flat(3)), now()]))
    expect(writer.write(flat(4))).toBe(0)
    expect(meanwhile).toEqual([[20, 0, 20]])
    expect([now(), frame?.data]).toEqual([50, flat(1)])
  })
})
