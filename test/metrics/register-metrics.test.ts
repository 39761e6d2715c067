import { type OpenMetricsContentType, Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LATENCY_BOUNDS, now, openReader } from '../../src/index.ts'
import { registerMetrics } from '../../src/metrics/index.ts'
import { actor, crash } from '../support/actor.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'
import { scraped } from './scraped.ts'

const FRAME = new Uint8Array(16)

/** Metrics for the time of the test. */
function registered(...args: Parameters<typeof registerMetrics>): Disposable {
  const metrics = registerMetrics(...args)
  onTestFinished(() => {
    metrics[Symbol.dispose]()
  })
  return metrics
}

/** A ring of this process, and a registry with its metrics. */
function setUp(options: { slots?: number } = {}) {
  const writer = writerOf({ dtype: 'uint8', shape: [16], slots: options.slots ?? 8 })
  const { name } = writer
  const registry = new Registry()
  const metrics = registered(registry, { rings: [name] })
  return { name, writer, registry, metrics }
}

describe('of a ring', () => {
  test('the counts are those of its writer', async () => {
    const { name, writer, registry } = setUp({ slots: 3 })
    const reader = openReader(name, { delivery: 'every', maxLeases: 3 })
    onTestFinished(() => {
      reader.close()
    })
    const held = []
    for (let i = 0; i < 3; i++) {
      writer.write(FRAME)
      held.push(reader.tryNext())
    }
    // All three slots are held.
    for (let i = 0; i < 4; i++) writer.write(FRAME)
    writer.loan().abandon()
    const { published, dropped, abandoned, bytes, lockedBytes } = writer.stats()
    expect(dropped).toBeGreaterThan(0)
    const figures = scraped(await registry.metrics())
    const ring = { ring: name }
    expect(figures.value('framering_ring_up', ring)).toBe(1)
    expect(figures.value('framering_ring_frames_published_total', ring)).toBe(published)
    expect(figures.value('framering_ring_frames_dropped_total', ring)).toBe(dropped)
    expect(figures.value('framering_ring_loans_abandoned_total', ring)).toBe(abandoned)
    expect(figures.value('framering_ring_readers', ring)).toBe(1)
    expect(figures.value('framering_ring_held_slots', ring)).toBe(3)
    expect(figures.value('framering_ring_slots', ring)).toBe(3)
    expect(figures.value('framering_ring_frame_bytes', ring)).toBe(16)
    expect(figures.value('framering_ring_bytes', ring)).toBe(bytes)
    expect(figures.value('framering_ring_locked_bytes', ring)).toBe(lockedBytes)
    expect(figures.value('framering_ring_source_lost_total', ring)).toBe(0)
    for (const frame of held) frame?.release()
    expect(scraped(await registry.metrics()).value('framering_ring_held_slots', ring)).toBe(0)
  })

  test('what the source lost is counted', async () => {
    const { name, writer, registry } = setUp()
    writer.write(FRAME, { sourceSequence: 1 })
    writer.write(FRAME, { sourceSequence: 5 })
    const figures = scraped(await registry.metrics())
    expect(figures.value('framering_ring_source_lost_total', { ring: name })).toBe(3)
  })

  test('every frame that is remembered is in the delays from capture once, however often it is scraped', async () => {
    const { name, writer, registry } = setUp()
    const ring = { ring: name }
    const metric = 'framering_ring_capture_delay_seconds'
    for (let i = 0; i < 5; i++) writer.write(FRAME, { captureTime: now() - 100 })
    let figures = scraped(await registry.metrics())
    expect(figures.value(`${metric}_count`, ring)).toBe(5)
    expect(figures.value(`${metric}_sum`, ring)).toBeGreaterThanOrEqual(0.5)
    expect(figures.value(`${metric}_bucket`, { ...ring, le: '0.065536' })).toBe(0)
    expect(figures.value(`${metric}_bucket`, { ...ring, le: '+Inf' })).toBe(5)
    writer.write(FRAME, { captureTime: now() - 100 })
    writer.write(FRAME)
    await registry.metrics()
    figures = scraped(await registry.metrics())
    expect(figures.value(`${metric}_count`, ring)).toBe(6)
  })
})

describe('of a reader', () => {
  test('what it received and lost adds up, and its latencies are all counted', async () => {
    const { name, writer, registry } = setUp({ slots: 4 })
    const reader = openReader(name, { delivery: 'every', maxLeases: 1 })
    onTestFinished(() => {
      reader.close()
    })
    writer.write(FRAME)
    reader.tryNext()?.release()
    for (let i = 0; i < 20; i++) writer.write(FRAME)
    reader.tryNext()?.release()
    const stats = reader.stats()
    expect(stats.lost.overrun).toBeGreaterThan(0)
    const figures = scraped(await registry.metrics())
    const is = { ring: name, pid: String(process.pid) }
    expect(figures.value('framering_reader_received_total', is)).toBe(stats.received)
    expect(figures.value('framering_reader_lost_total', { ...is, cause: 'overrun' })).toBe(
      stats.lost.overrun,
    )
    expect(figures.value('framering_reader_info', { ...is, delivery: 'every' })).toBe(1)
    const lag = figures.value('framering_reader_lag_frames', is)
    expect(stats.received + stats.lost.overrun + lag).toBe(21)
    expect(figures.value('framering_reader_max_leases', is)).toBe(1)

    const metric = 'framering_reader_latency_seconds'
    expect(figures.value(`${metric}_count`, is)).toBe(stats.latency.count)
    expect(figures.value(`${metric}_sum`, is)).toBeCloseTo(stats.latency.sum / 1000, 12)
    const buckets = figures.all(`${metric}_bucket`, is)
    expect(buckets.map(({ labels }) => labels['le'])).toEqual([
      ...LATENCY_BOUNDS.map((bound) => String(bound / 1000)),
      '+Inf',
    ])
    let below = 0
    expect(buckets.map(({ value }) => value)).toEqual(
      stats.latency.buckets.map((count) => (below += count)),
    )
  })

  test('one that left or was killed has no series any more', async () => {
    const { name, writer, registry } = setUp()
    const reader = openReader(name)
    const other = await actor()
    await other.does('open', { name })
    writer.write(FRAME)
    const before = scraped(await registry.metrics())
    expect(before.all('framering_reader_lag_frames', { ring: name })).toHaveLength(2)
    await crash(other)
    const left = scraped(await registry.metrics())
    expect(left.all('framering_reader_lag_frames', { ring: name })).toHaveLength(1)
    reader.close()
    const none = scraped(await registry.metrics())
    expect(none.all('framering_reader_lag_frames', { ring: name })).toEqual([])
    expect(none.value('framering_ring_readers', { ring: name })).toBe(0)
  })

  test('the next one at the same place is another series, so that no counter goes back', async () => {
    const { name, writer, registry } = setUp()
    const series = async () => {
      const reader = openReader(name, { delivery: 'every' })
      writer.write(FRAME)
      reader.tryNext()?.release()
      const found = scraped(await registry.metrics()).all('framering_reader_received_total', {})
      reader.close()
      return found
    }
    const [first] = await series()
    const [second] = await series()
    expect(first!.value).toBe(1)
    expect(second!.labels['entry']).toBe(first!.labels['entry'])
    expect(second!.labels).not.toEqual(first!.labels)
  })
})

test('a writer that begins again counts from 0, in the same series', async () => {
  const { name, registry, writer } = setUp()
  for (let i = 0; i < 7; i++) writer.write(FRAME)
  const figures = scraped(await registry.metrics())
  expect(figures.value('framering_ring_frames_published_total', { ring: name })).toBe(7)
  writer.close()
  const again = writerOf({ dtype: 'uint8', shape: [16] }, name)
  again.write(FRAME)
  const all = scraped(await registry.metrics()).all('framering_ring_frames_published_total', {})
  expect(all).toEqual([{ labels: { ring: name }, value: 1 }])
})

test('a ring that is gone between two scrapes is down if it was named, and not there otherwise', async () => {
  const { name, writer, registry } = setUp()
  const everything = new Registry()
  registered(everything)
  writer.write(FRAME)
  expect(scraped(await registry.metrics()).value('framering_ring_up', { ring: name })).toBe(1)
  expect(scraped(await everything.metrics()).value('framering_ring_up', { ring: name })).toBe(1)
  writer.close()
  for (let i = 0; i < 2; i++) {
    const figures = scraped(await registry.metrics())
    expect(figures.value('framering_ring_up', { ring: name })).toBe(0)
    expect(figures.all('framering_ring_frames_published_total', {})).toEqual([])
    expect(scraped(await everything.metrics()).all('framering_ring_up', { ring: name })).toEqual([])
  }
})

test('a ring whose writer was killed is down, and its last figures are still there', async () => {
  const name = ringName()
  const writer = await actor()
  await writer.does('create', { name, options: { dtype: 'uint8', shape: [16] } })
  await writer.does('write', { frames: 3 })
  const registry = new Registry()
  registered(registry, { rings: [name] })
  expect(scraped(await registry.metrics()).all('framering_ring_rate_hz', {})).toHaveLength(1)
  await crash(writer)
  const figures = scraped(await registry.metrics())
  expect(figures.value('framering_ring_up', { ring: name })).toBe(0)
  expect(figures.all('framering_ring_rate_hz', {})).toEqual([])
  expect(figures.value('framering_ring_frames_published_total', { ring: name })).toBe(3)
})

test('all figures of a scrape are of one look, and each scrape is another', async () => {
  const { name, writer, registry } = setUp()
  const ring = { ring: name }
  const first = registry.metrics()
  const second = registry.metrics()
  writer.write(FRAME)
  for (const text of [await first, await second, await registry.metrics()]) {
    const figures = scraped(text)
    const published = figures.value('framering_ring_frames_published_total', ring)
    const newest = figures.all('framering_ring_age_seconds', ring).length
    expect(newest).toBe(published === 0 ? 0 : 1)
  }
  const last = scraped(await registry.metrics())
  expect(last.value('framering_ring_frames_published_total', ring)).toBe(1)
})

test('OpenMetrics has the same figures', async () => {
  const { name, writer } = setUp()
  writer.write(FRAME)
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  registered(registry, { rings: [name] })
  const text = await registry.metrics()
  expect(text).toContain('# TYPE framering_ring_frames_published counter')
  expect(text).toContain(`framering_ring_frames_published_total{ring="${name}"} 1\n`)
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('names are unique, lower case, and say their unit; counters alone end in _total', async () => {
  const { registry } = setUp()
  for (const { name, type, help } of (await registry.getMetricsAsJSON()) as unknown as {
    name: string
    type: string
    help: string
  }[]) {
    expect(name).toMatch(/^framering_(ring|reader)_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(help).toMatch(/^[A-Z0-9].*\.$/)
  }
})

test('disposing takes the metrics out again, and a name that is taken leaves none behind', () => {
  const { registry, metrics } = setUp()
  expect(() => registerMetrics(registry)).toThrow('already been registered')
  expect(registry.getMetricsAsArray().length).toBeGreaterThan(10)
  metrics[Symbol.dispose]()
  expect(registry.getMetricsAsArray()).toEqual([])
  registered(registry)
  expect(registry.getMetricsAsArray().length).toBeGreaterThan(10)
})

test('options that make no sense are refused', () => {
  const registry = new Registry()
  const code = (options: object) => {
    try {
      registerMetrics(registry, options)
    } catch (error) {
      return (error as { code: string }).code
    }
    return ''
  }
  expect(code({ ring: 'front' })).toBe('OPTION_INVALID')
  expect(code({ rings: 'front' })).toBe('OPTION_INVALID')
  expect(code({ rings: ['../front'] })).toBe('NAME_INVALID')
  expect(registry.getMetricsAsArray()).toEqual([])
})
