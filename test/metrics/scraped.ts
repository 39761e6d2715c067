/** One line of the text format: a figure and what it is of. */
export interface Line {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy

/** What a scrape says, read as Prometheus reads its text format; throws where it would not. */
export function scraped(text: string) {
  const lines = new Map<string, Line[]>()
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue
    const [, name, pairs = '', value] = SAMPLE.exec(line) ?? unreadable(line)
    if (seen.has(`${name}{${pairs}}`)) throw new Error(`twice: ${line}`)
    seen.add(`${name}{${pairs}}`)
    const found = [...pairs.matchAll(LABEL)]
    if (found.reduce((length, [whole]) => length + whole.length, 0) !== pairs.length)
      unreadable(line)
    const labels = Object.fromEntries(found.map(([, label, said]) => [label!, said!]))
    if (Number.isNaN(Number(value)) && value !== 'NaN') unreadable(line)
    lines.set(name!, [...(lines.get(name!) ?? []), { labels, value: Number(value) }])
  }
  /** All lines of a metric that have these labels among theirs. */
  const all = (metric: string, labels: Readonly<Record<string, string>>): readonly Line[] =>
    (lines.get(metric) ?? []).filter((line) =>
      Object.entries(labels).every(([label, value]) => line.labels[label] === value),
    )
  return {
    all,
    /** The only one of them; throws when there is another number of them. */
    value(metric: string, labels: Readonly<Record<string, string>>): number {
      const found = all(metric, labels)
      if (found.length !== 1) {
        throw new Error(`${found.length} of ${metric} ${JSON.stringify(labels)} in\n${text}`)
      }
      return found[0]!.value
    },
  }
}

function unreadable(line: string): never {
  throw new Error(`not the text format: ${line}`)
}
