import type { Metric, Registry } from 'prom-client'
import { checkOptions, refuse } from '../options/index.ts'
import { Family, type FamilyType, type Sample } from './family.ts'
import { histogramSamples } from './histogram.ts'
import { READER_FAMILIES } from './reader-families.ts'
import { RING_FAMILIES } from './ring-families.ts'
import { type Scraped, Scrapes } from './scrapes.ts'

export interface MetricsOptions {
  /** left out or empty: all rings of `directory`, as they come and go */
  readonly rings?: readonly string[] | undefined
  /** `/dev/shm` unless said */
  readonly directory?: string | undefined
}

const CAPTURE_DELAY = 'framering_ring_capture_delay_seconds'

/**
 * Adds the figures of rings and their readers to a registry of prom-client.
 *
 * ```ts
 * import { register } from 'prom-client'
 * using metrics = registerMetrics(register, { rings: ['front'] })
 * await register.metrics()
 * ```
 *
 * Shared memory is read when the registry is, and never in between; no ring is joined. docs/metrics.md
 * lists the metrics, whose names begin with `framering_`. Disposing of what is returned takes them out
 * of the registry again.
 *
 * Throws `OPTION_INVALID` and `NAME_INVALID`, and what the registry throws when it has one of the names.
 */
export function registerMetrics(
  registry: Pick<Registry, 'registerMetric' | 'removeSingleMetric'>,
  options: MetricsOptions = {},
): Disposable {
  checkOptions('registerMetrics', options, ['rings', 'directory'])
  const { rings = [], directory } = options
  if (!Array.isArray(rings)) refuse('rings', rings, "names, as in ['front']")
  const scrapes = new Scrapes(rings, directory)
  const registered: string[] = []
  const remove = (): void => {
    for (const name of registered) registry.removeSingleMetric(name)
    scrapes[Symbol.dispose]()
  }
  try {
    for (const family of familiesOf(scrapes)) {
      const { name } = family
      // Its declared types are those of its own metrics; all that it asks of one is `name` and `get()`.
      registry.registerMetric(family as unknown as Metric)
      registered.push(name)
    }
  } catch (error) {
    remove()
    throw error
  }
  return { [Symbol.dispose]: remove }
}

function familiesOf(scrapes: Scrapes): Family[] {
  const family = (
    name: string,
    type: FamilyType,
    help: string,
    samples: (scraped: Scraped) => readonly Sample[],
  ): Family => new Family(name, type, help, async () => (await scrapes.scrape()).flatMap(samples))

  return [
    family('framering_ring_up', 'gauge', '1 while the writer lives.', ({ ring, report }) => [
      { labels: { ring }, value: report?.state === 'running' ? 1 : 0 },
    ]),
    ...RING_FAMILIES.map(({ name, type, help, of }) =>
      family(name, type, help, ({ ring, report }) => {
        const value = report === null ? null : of(report)
        return value === null ? [] : [{ labels: { ring }, value }]
      }),
    ),
    family(
      CAPTURE_DELAY,
      'histogram',
      'Time from capture to publication, of the frames that are remembered at a scrape.',
      ({ ring, report, delay }) =>
        report === null ? [] : histogramSamples(CAPTURE_DELAY, { ring }, delay.latency),
    ),
    ...READER_FAMILIES.map(({ name, type, help, samples }) =>
      family(name, type, help, ({ ring, report }) =>
        (report?.readers ?? [])
          .filter(({ alive }) => alive)
          .flatMap((reader) => {
            const { pid, entry, joins } = reader
            return samples(reader, { ring, pid, entry, joins })
          }),
      ),
    ),
  ]
}
