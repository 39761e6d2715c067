/** A figure with what it is of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** where it is not the family's: of a histogram's parts */
  readonly metricName?: string
}

export type FamilyType = 'counter' | 'gauge' | 'histogram'

/**
 * A metric as prom-client's registry asks for it, with figures that somebody else keeps: its own
 * counters can only be added to, and its histograms only be shown one value after the other.
 */
export class Family {
  /** the registry changes it where OpenMetrics has another */
  name: string
  readonly help: string
  readonly type: FamilyType
  readonly aggregator = 'sum'
  readonly #samples: () => Promise<readonly Sample[]>

  constructor(
    name: string,
    type: FamilyType,
    help: string,
    samples: () => Promise<readonly Sample[]>,
  ) {
    this.name = name
    this.type = type
    this.help = help
    this.#samples = samples
  }

  /** Asked for at each scrape. */
  async get(): Promise<object> {
    const { name, help, type, aggregator } = this
    return { name, help, type, aggregator, values: await this.#samples() }
  }

  /** Nothing here can be: the figures are those of the rings. */
  reset(): void {
    return
  }
}
