import type { Pixels } from './pixels.ts'

const SAMPLES = 40_000

/** How often each level occurs, for one number or three colours. */
export interface Histogram {
  /** one row of counts a channel: the number's, or red, green, blue */
  readonly channels: readonly Uint32Array[]
  /** values of the first and the last bin */
  readonly low: number
  readonly high: number
  /** pixels looked at that have a value */
  readonly samples: number
  /** pixels below and above the bins */
  readonly outside: number
}

/**
 * Counts the levels of a picture, of every n-th pixel where it has more than 40,000.
 *
 * @param bins 256 gives one for each level of colour pictures
 * @param range of numbers; colours have 0…255
 */
export function histogramOf(
  pixels: Pixels,
  bins: number,
  range: readonly [number, number],
): Histogram {
  const { scalar } = pixels
  const [low, high] = scalar === undefined ? [0, 255] : range
  const channels = Array.from({ length: scalar === undefined ? 3 : 1 }, () => new Uint32Array(bins))
  let samples = 0
  let outside = 0
  const add = (channel: number, value: number): void => {
    const bin = Math.floor(((value - low) / (high - low || 1)) * (bins - 1) + 0.5)
    if (bin < 0 || bin >= bins) outside++
    else channels[channel]![bin]!++
  }
  forSamples(pixels, (x, y) => {
    if (scalar === undefined) {
      const rgb = pixels.rgb(x, y)
      samples++
      add(0, rgb >> 16)
      add(1, (rgb >> 8) & 255)
      add(2, rgb & 255)
      return
    }
    const value = scalar(x, y)
    if (Number.isNaN(value)) return
    samples++
    add(0, value)
  })
  return { channels, low, high, samples, outside }
}

/**
 * A range that shows most of a picture of numbers: from its 1st to its 99th percentile. [0, 1] when no
 * pixel has a finite value.
 */
export function autoRange(pixels: Pixels): readonly [low: number, high: number] {
  const { scalar } = pixels
  if (scalar === undefined) return [0, 255]
  const values: number[] = []
  forSamples(pixels, (x, y) => {
    const value = scalar(x, y)
    if (Number.isFinite(value)) values.push(value)
  })
  if (values.length === 0) return [0, 1]
  const sorted = Float64Array.from(values).sort()
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))]!
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))]!
  return high > low ? [low, high] : [low, low + 1]
}

/** Spread over rows and columns, with an odd step so that no column pattern is missed altogether. */
function forSamples({ width, height }: Pixels, visit: (x: number, y: number) => void): void {
  const count = width * height
  const step = count <= SAMPLES ? 1 : Math.floor(count / SAMPLES) | 1
  for (let i = 0; i < count; i += step) visit(i % width, Math.floor(i / width))
}
