import type { WriterStats } from 'framering'

/** One line about a writer: the rate since the line before, and the totals since the start. */
export interface WriterReport {
  readonly seconds: number
  readonly fps: number
  readonly published: number
  readonly dropped: number
  readonly readers: number
}

/** Makes a report now and then from the writer's statistics. */
export function writerReporter(stats: () => WriterStats): () => WriterReport {
  const start = performance.now()
  let last = start
  let before = 0
  return () => {
    const now = performance.now()
    const { published, dropped, readers } = stats()
    const fps = (published - before) / ((now - last) / 1000)
    last = now
    before = published
    return { seconds: (now - start) / 1000, fps, published, dropped, readers }
  }
}

export function reportText({ seconds, fps, published, dropped, readers }: WriterReport): string {
  const time = `${seconds.toFixed(0).padStart(4)} s`
  return `${time}  ${fps.toFixed(1)} fps  published ${published}  dropped ${dropped}  readers ${readers}`
}
