import { refuse } from '../options/index.ts'

/** Colours for depth and other values. */
export type ColorMapName = 'turbo' | 'viridis' | 'jet' | 'grey'

/** A map by name, or one of your own: 256 times red, green, blue. */
export type ColorMap = ColorMapName | Uint8Array

/** Bytes of a map. */
const BYTES = 768

// prettier-ignore
const TURBO =
  'MBI7MhVDMxhKNBtRNR5YNiFfNyRmOCdtOSpzOi15Oy+APDKGPTWLPjiRPzuXPz6cQECiQUOnQUasQkmxQku1Q066RFG/RFTD' +
  'RFbHRVnLRVzPRV7TRmHWRmTaRmbdRmngRmvjR27mR3HpR3PrR3buR3jwR3vyRn30RoD2RoL4RoX6Rof7RYr8RYz9RI/+Q5H+' +
  'QpT/QZb/QJn/Ppv+PZ7+O6D9OqP8OKX7N6j6Nav4M633Ma/1L7L0LrTyLLfwKrnuKLzrJ77pJcDnI8PkIsXiIMffH8ndHsva' +
  'HM3YG9DVGtLSGtTQGdXNGNfKGNnIGNvFGN3CGN7AGOC9GeK7GeO5GuS2HOa0HeeyH+mvIOqsIuuqJeynJ+6kKu+hLPCeL/Gb' +
  'MvKYNfOUOPSRPPWOP/aKQ/eHRviESviATvl9Uvp6Vfp2WftzXfxvYfxsZf1paf1mbf5icf5fdf5cef5Zff9WgP9ThP9RiP9O' +
  'i/9Lj/9Jkv9Hlv5Emf5CnP5An/0/of09pPw8p/w6qfs5rPs4r/o3sfk2tPg2t/c1ufY1vPU0vvQ0wfM0w/E0xvA0yO80y+00' +
  'zew00Oo00uk11Oc11+U12eQ22+I23eA339834d0349s45dk459c56dU569M57NE67s8678068cs68sk69Mc69cU69sM698E6' +
  '+L45+bw5+ro5+7g4+7Y3/LM2/LE2/a41/aw0/qkz/qcy/qQx/qEw/p4v/pst/pks/pYr/pMq/pAp/Y0n/Yom/Icl/IQj+4Ei' +
  '+34h+nsf+Xge+XUd+HIc928a9mwZ9WkY9GYX82MV8mAU8V0T8FsS71gR7VUQ7FMP61AO6k4N6EsM50kM5UcL5EUK4kMK4UEJ' +
  '3z8I3T0I3DsH2jkH2DcG1jUG1DMF0jEF0C8Fzi0EzCsEyioEyCgDxSYDwyUDwSMCviECvCACuR4Ctx0CtBsBshoBrxgBrBcB' +
  'qRYBpxQBpBMBoRIBnhABmw8BmA4BlQ0BkgsBjgoBiwkCiAgChQcCgQYCfgUCegQD'

// prettier-ignore
const VIRIDIS =
  'RAFURAJWRQRXRQVZRgdaRghcRgpdRgteRw1gRw5hRxBjRxFkRxNlSBRnSBZoSBdpSBhqSBpsSBttSBxuSB1vSB9wSCBxSCFz' +
  'SCN0SCR1SCV2SCZ3SCh4SCl5Ryp6Ryx6Ry17Ry58Ry99RjB+RjJ+RjN/RjSARTWBRTeBRTiCRDmDRDqDRDuEQz2EQz6FQj+F' +
  'QkCGQkGGQUKHQUSHQEWIQEaIP0eIP0iJPkmJPkqJPkyKPU2KPU6KPE+KPFCLO1GLO1KLOlOLOlSMOVWMOVaMOFiMOFmMN1qM' +
  'N1uNNlyNNl2NNV6NNV+NNGCNNGGNM2KNM2ONMmSOMmWOMWaOMWeOMWiOMGmOMGqOL2uOL2yOLm2OLm6OLm+OLXCOLXGOLHGO' +
  'LHKOLHOOK3SOK3WOKnaOKneOKniOKXmOKXqOKXuOKHyOKH2OJ36OJ3+OJ4COJoGOJoKOJoKOJYOOJYSOJYWOJIaOJIeOI4iO' +
  'I4mOI4qNIouNIoyNIo2NIY6NIY+NIZCNIZGMIJKMIJKMIJOMH5SMH5WLH5aLH5eLH5iLH5mKH5qKHpuKHpyJHp2JH56JH5+I' +
  'H6CIH6GIH6GHH6KHIKOGIKSGIaWFIaaFIqeFIqiEI6mDJKqDJauCJayCJq2BJ62BKK6AKa9/KrB/LLF+LbJ9LrN8L7R8MbV7' +
  'MrZ6NLZ5Nbd5N7h4OLl3Orp2O7t1Pbx0P7xzQL1yQr5xRL9wRsBvSMFuSsFtTMJsTsNrUMRqUsVpVMVoVsZnWMdlWshkXMhj' +
  'XsliYMpgY8tfZcteZ8xcac1bbM1abs5YcM9Xc9BWddBUd9FTetFRfNJQf9NOgdNNhNRLhtVJidVIi9ZGjtZFkNdDk9dBldhA' +
  'mNg+m9k8ndk7oNo5oto3pds2qNs0qtwyrdwwsN0vst0ttd4ruN4put4ovd8mwN8lwt8jxeAhyOAgyuEfzeEd0OEc0uIb1eIa' +
  '2OIZ2uMZ3eMY3+MY4uQY5eQZ5+QZ6uUa7OUb7+Uc8eUd9OYe9uYg+OYh++cj/ecl'

function table(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'))
}

/** Red, green and blue are the same trapezium, a quarter of the range apart: MATLAB's definition. */
function jet(): Uint8Array {
  const map = new Uint8Array(BYTES)
  for (let i = 0; i < 256; i++) {
    for (const [channel, centre] of [3, 2, 1].entries()) {
      const height = 1.5 - Math.abs((4 * i) / 255 - centre)
      map[3 * i + channel] = Math.round(255 * Math.min(Math.max(height, 0), 1))
    }
  }
  return map
}

const MAKE: Readonly<Record<ColorMapName, () => Uint8Array>> = {
  turbo: () => table(TURBO),
  viridis: () => table(VIRIDIS),
  jet,
  grey: () => Uint8Array.from({ length: BYTES }, (_, i) => Math.floor(i / 3)),
}

const made = new Map<ColorMapName, Uint8Array>()

/**
 * The 256 colours of a map, each red, green, blue: from the lowest value to the highest.
 *
 * ```ts
 * colorMap('turbo').subarray(0, 3) // the colour of the lowest value
 * ```
 *
 * turbo: A. Mikhailov, Google, 2019 (Apache-2.0); viridis: S. van der Walt and N. Smith, for matplotlib
 * (CC0); both as matplotlib tabulates them. jet: MATLAB's. The array is shared: do not write into it.
 *
 * @throws OPTION_INVALID for another name, or an array that has not 768 bytes
 */
export function colorMap(map: ColorMap): Uint8Array {
  if (map instanceof Uint8Array) {
    return map.length === BYTES ? map : refuse('colorMap', map, `${BYTES} bytes: 256 × RGB`)
  }
  if (!Object.hasOwn(MAKE, map)) {
    const names = Object.keys(MAKE).map((name) => `'${name}'`)
    return refuse('colorMap', map, `${names.join(', ')}, or a Uint8Array of ${BYTES} bytes`)
  }
  let colors = made.get(map)
  if (colors === undefined) made.set(map, (colors = MAKE[map]()))
  return colors
}
