import { expect, test } from 'vitest'
import { LeaseDelays } from '../../src/cli/watch/lease-delays.ts'
import { WatchedRing } from '../../src/cli/watch/watched-ring.ts'
import type { ReaderReport } from '../../src/inspect/index.ts'
import { flat, testReader, testWriter } from '../ring/fixtures.ts'

/** A reader of a real ring, but for how many leases it has had, each of `took` ms. */
function readers(): (leases: number, took: number, joins?: number) => ReaderReport {
  const writer = testWriter()
  const reader = testReader(writer.name)
  writer.write(flat(1))
  reader.tryNext()?.release()
  using ring = new WatchedRing(writer.name, {})
  const report = ring.look().report.readers[0]!
  return (leases, took, joins = report.joins) => {
    const { buckets } = report.latency
    const latency = {
      ...{ count: leases, sum: leases * took, longest: took },
      buckets: buckets.map((_, i) => (i === 3 ? leases : 0)),
    }
    return { ...report, joins, latency }
  }
}

test('leases count from a window ago on, and before that from when the reader joined', () => {
  const reader = readers()
  const delays = new LeaseDelays(1000)
  delays.add([reader(10, 0.005)], 1, 500)
  expect(delays.of(reader(10, 0.005))).toMatchObject({ count: 10, since: null })
  delays.add([reader(30, 0.005)], 1, 1600)
  expect(delays.of(reader(30, 0.005))).toMatchObject({ count: 20, since: 500 })
})

test('however often it is looked at, they count from at most a hundredth of the window earlier', () => {
  const reader = readers()
  const delays = new LeaseDelays(10_000)
  for (let time = 0; time <= 40_000; time += 10) {
    delays.add([reader(time, 0.005)], 1, time)
    const { count, since } = delays.of(reader(time, 0.005))
    if (time < 10_000) expect({ count, since }).toEqual({ count: time, since: null })
    else {
      expect(since).toBeGreaterThan(time - 10_000 - 100)
      expect(since).toBeLessThanOrEqual(time - 10_000)
      expect(count).toBe(time - since!)
    }
  }
})

test('a reader that joins anew in the same place begins anew', () => {
  const reader = readers()
  const delays = new LeaseDelays(1000)
  delays.add([reader(100, 0.005, 1)], 1, 0)
  delays.add([reader(3, 0.005, 2)], 1, 1000)
  expect(delays.of(reader(3, 0.005, 2))).toMatchObject({ count: 3, since: null })
})
