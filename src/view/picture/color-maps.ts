/** Maps from a number to a colour. */
export type ColorMap = 'grey' | 'turbo' | 'viridis' | 'inferno'

export const COLOR_MAPS: readonly ColorMap[] = ['grey', 'turbo', 'viridis', 'inferno']

type Rgb = readonly [number, number, number]

/** Every 32nd of matplotlib's 256 colours (CC0), with straight lines between: off by 4 levels at most. */
const STOPS: Readonly<Record<'viridis' | 'inferno', readonly Rgb[]>> = {
  viridis: [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
  ],
  inferno: [
    [0, 0, 4],
    [31, 12, 72],
    [85, 15, 109],
    [136, 34, 106],
    [186, 54, 85],
    [227, 89, 51],
    [249, 140, 10],
    [249, 201, 50],
    [252, 255, 164],
  ],
}

const tables = new Map<ColorMap, Uint8Array<ArrayBuffer>>()

/**
 * 256 colours, four bytes each: R, G, B, 255.
 *
 * ```ts
 * const [r, g, b] = colorTable('turbo').subarray(4 * 128)
 * ```
 *
 * turbo: the polynomial that Anton Mikhailov published with it (Google AI blog, 2019; Apache-2.0).
 */
export function colorTable(map: ColorMap): Uint8Array<ArrayBuffer> {
  let table = tables.get(map)
  if (table === undefined) {
    table = new Uint8Array(1024)
    for (let i = 0; i < 256; i++) table.set([...colorAt(map, i), 255], 4 * i)
    tables.set(map, table)
  }
  return table
}

function colorAt(map: ColorMap, i: number): Rgb {
  if (map === 'grey') return [i, i, i]
  if (map === 'turbo') return turbo(i / 255)
  const stops = STOPS[map]
  const at = (i / 255) * (stops.length - 1)
  const before = Math.min(Math.floor(at), stops.length - 2)
  const [a, b] = [stops[before]!, stops[before + 1]!]
  const mix = (k: 0 | 1 | 2): number => Math.round(a[k] + (b[k] - a[k]) * (at - before))
  return [mix(0), mix(1), mix(2)]
}

function turbo(t: number): Rgb {
  const level = (...c: readonly number[]): number => {
    const value = c.reduceRight((sum, factor) => sum * t + factor, 0)
    return Math.round(255 * Math.min(Math.max(value, 0), 1))
  }
  return [
    level(0.13572138, 4.6153926, -42.66032258, 132.13108234, -152.94239396, 59.28637943),
    level(0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604),
    level(0.1066733, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973),
  ]
}
