// Samples in, percentiles out: one HDR histogram per row.
import { build } from 'hdr-histogram-js'

/** Beyond an hour a sample is a hang, not a latency. */
const HIGHEST = 3600e9

/**
 * What is left of a row's samples.
 *
 * @typedef {object} Summary all in ns; each within 0.1 % of the sample it stands for
 * @property {number} count
 * @property {number} min
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} p999
 * @property {number} max
 * @property {number} mean
 * @property {[number, number][]} curve percentile and ns, to 99.99
 */

/** The percentiles of the charts: ever closer together towards 99.99. */
export const CURVE = [
  ...range(0, 90, 5),
  ...range(90, 99, 0.5),
  ...range(99, 99.9, 0.05),
  ...range(99.9, 99.99, 0.01),
  99.99,
]

/**
 * ```js
 * summarise([1200, 1300, 1250]).p50 // 1250
 * ```
 *
 * Percentile p is the smallest sample that at least p % of all samples do not exceed.
 *
 * @param {Iterable<number>} samples ns, rounded to whole ones
 * @returns {Summary}
 * @throws Error when there is none, or one that is not a number from 0 to an hour
 */
export function summarise(samples) {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })
  let sum = 0
  let least = Infinity
  let most = 0
  for (const sample of samples) {
    // A reader's clock that runs before the writer's would hide in an average.
    if (!(sample >= 0 && sample <= HIGHEST)) throw new Error(`a sample of ${sample} ns cannot be`)
    histogram.recordValue(Math.round(sample))
    sum += sample
    if (sample < least) least = sample
    if (sample > most) most = sample
  }
  const count = histogram.totalCount
  if (count === 0) throw new Error('no sample was taken')
  // A histogram's values are the upper ends of its buckets: none may pass the greatest sample.
  const at = (percentile) => Math.min(histogram.getValueAtPercentile(percentile), Math.round(most))
  return {
    count,
    min: Math.round(least),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: Math.round(most),
    mean: sum / count,
    curve: CURVE.map((percentile) => [percentile, at(percentile)]),
  }
}

/** The middle of some figures; of an even number the mean of the two in the middle. */
export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function range(from, to, step) {
  return Array.from({ length: Math.round((to - from) / step) }, (_, i) =>
    Number((from + i * step).toFixed(3)),
  )
}
