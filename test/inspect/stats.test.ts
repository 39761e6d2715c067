import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { latencyQuantile, LATENCY_BOUNDS, paceOfMoments, stats } from '../../src/index.ts'
import { failure, flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'
import { ringName } from '../support/ring-name.ts'

test('figures of a writer, a reader and a ring come at once and again', async () => {
  const writer = testWriter({ ...SMALL, slots: 4 })
  const reader = testReader(writer, { delivery: 'every' })
  writer.write(flat(1))
  reader.tryNext()!.release()
  expect(await firstValueFrom(stats(writer))).toEqual(writer.stats())
  expect(await firstValueFrom(stats(reader))).toMatchObject({
    received: 1,
    latency: { count: 1 },
  })
  const looks = lastValueFrom(stats(writer.name, { every: 5 }).pipe(take(3), toArray()))
  writer.write(flat(2))
  expect((await looks).map(({ published }) => published)).toEqual([1, 2, 2])
})

test('those of a ring end with it, and there are none of a ring that is not', async () => {
  const writer = testWriter()
  const reports = lastValueFrom(stats(writer.name, { every: 5 }).pipe(toArray()))
  writer.close()
  expect((await reports).at(-1)).toMatchObject({ state: 'ended' })
  await expect(firstValueFrom(stats(ringName()))).rejects.toEqual(failure('NOT_FOUND'))
})

test('those of a reader end with it: closed, at the end of the stream, or aborted', async () => {
  const writer = testWriter({ ...SMALL, slots: 4 })
  const end = new AbortController()
  const readers = [
    testReader(writer, { delivery: 'every' }),
    testReader(writer, { delivery: 'every' }),
    testReader(writer, { delivery: 'every', signal: end.signal }),
  ] as const
  writer.write(flat(1))
  for (const reader of readers) reader.tryNext()!.release()
  const all = readers.map((reader) => lastValueFrom(stats(reader, { every: 5 })))
  const [closing, ending, aborting] = readers
  expect(readers.map(({ done }) => done)).toEqual([false, false, false])
  closing.close()
  end.abort()
  expect(aborting.done).toBe(true)
  writer.close()
  expect(ending.tryNext()).toBeNull()
  for (const last of await Promise.all(all)) expect(last).toMatchObject({ received: 1 })
  expect(readers.map(({ done }) => done)).toEqual([true, true, true])
  expect(await lastValueFrom(stats(closing))).toMatchObject({ received: 1 })
})

test('those of a writer end with it, and there are none of one that is closed', async () => {
  const writer = testWriter(SMALL)
  const looks = lastValueFrom(stats(writer, { every: 5 }).pipe(toArray()))
  writer.write(flat(1))
  writer.close()
  expect(writer.closed).toBe(true)
  expect((await looks).map(({ published }) => published)).toEqual([0])
  await expect(firstValueFrom(stats(writer))).rejects.toEqual(failure('CLOSED'))
})

test('a reader counts how late each frame was, over all rings that it followed', () => {
  const writer = testWriter({ ...SMALL, slots: 8 })
  const reader = testReader(writer, { delivery: 'every', reconnect: true })
  for (let i = 1; i <= 3; i++) {
    writer.write(flat(i))
    reader.tryNext()!.release()
  }
  writer.setFormat({ dtype: 'uint8', shape: [100_000] })
  writer.write(flat(4, 100_000))
  reader.waitSync(1000)!.release()
  const { latency, received } = reader.stats()
  expect(received).toBe(4)
  expect(latency.count).toBe(4)
  expect(latency.buckets).toHaveLength(LATENCY_BOUNDS.length + 1)
  expect(latency.longest).toBeLessThanOrEqual(latency.sum)
  expect(latency.sum).toBeLessThanOrEqual(4 * latency.longest)
  reader.close()
  expect(reader.stats().latency).toEqual(latency)
})

test('a quantile lies in the bucket that it falls into', () => {
  const buckets = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0)
  const of = (some: Record<number, number>, longest: number) => {
    const counts = [...buckets]
    for (const [i, n] of Object.entries(some)) counts[Number(i)] = n
    return { buckets: counts, count: counts.reduce((a, b) => a + b), sum: 0, longest }
  }
  expect(latencyQuantile(of({}, 0), 0.5)).toBeNaN()
  // A hundred between 8 and 16 µs.
  expect(latencyQuantile(of({ 4: 100 }, 0.016), 0.5)).toBeCloseTo(0.012, 6)
  expect(latencyQuantile(of({ 4: 100 }, 0.0101), 1)).toBeCloseTo(0.0101, 6)
  // One in a hundred is late, longer than the last bound.
  const tail = of({ 0: 99, 21: 1 }, 5000)
  expect(latencyQuantile(tail, 0.99)).toBeLessThanOrEqual(0.001)
  expect(latencyQuantile(tail, 0.995)).toBeGreaterThan(1000)
  expect(latencyQuantile(tail, 1)).toBe(5000)
})

test('a pace is made of frames, not of drops', () => {
  const at = (time: number, dropped = false) => ({ sequence: 1, time, captureAge: null, dropped })
  expect(paceOfMoments([])).toBeUndefined()
  expect(paceOfMoments([at(1), at(5, true)])).toBeUndefined()
  const pace = paceOfMoments([at(0), at(10), at(20, true), at(30), at(60)])!
  expect(pace).toMatchObject({ frames: 4, mean: 20, rate: 50, min: 10, max: 30, jitter: 10 })
  expect(pace.stddev).toBeCloseTo(Math.sqrt(200 / 3), 9)
})
