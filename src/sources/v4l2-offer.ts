import { unpackFourcc } from '../format/index.ts'
import type { NativeV4l2, NativeV4l2Interval } from '../native/index.ts'
import { formatOfDriver } from './v4l2-format.ts'

/** Frames a second. */
export type V4l2Rates =
  | { readonly kind: 'discrete'; readonly fps: readonly number[] }
  | { readonly kind: 'range'; readonly min: number; readonly max: number }

/** Pixels. Rates of a stepwise size are those at its largest. */
export type V4l2Size =
  | {
      readonly kind: 'discrete'
      readonly width: number
      readonly height: number
      readonly rates: V4l2Rates
    }
  | {
      readonly kind: 'stepwise'
      readonly width: V4l2Range
      readonly height: V4l2Range
      readonly rates: V4l2Rates
    }

export interface V4l2Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** One pixel format a camera offers. */
export interface V4l2Format {
  /** what it is here; undefined: framering cannot carry it */
  readonly fourcc: string | undefined
  /** what the driver calls it, four characters */
  readonly driverFourcc: string
  /** the driver's words for it */
  readonly description: string
  readonly sizes: readonly V4l2Size[]
}

// A driver whose lists never end must not hang whoever asks. Real ones have some ten entries each, and
// some hundred in all.
const MOST_FORMATS = 64
const MOST_SIZES = 128
const MOST_RATES = 64
const MOST_ENTRIES = 8192

/** All that a camera offers, the driver's order kept. */
export function formatsOf(native: NativeV4l2): V4l2Format[] {
  const budget = { left: MOST_ENTRIES }
  return listed(MOST_FORMATS, (index) => native.formatAt(index)).map(
    ({ pixelformat, description }) => ({
      fourcc: formatOfDriver(pixelformat)?.fourcc,
      driverFourcc: unpackFourcc(pixelformat),
      description: plainText(description),
      sizes: sizesOf(native, pixelformat, budget),
    }),
  )
}

/** The driver's code for a format of ours, the first it offers; undefined: it has none. */
export function pixelformatFor(native: NativeV4l2, fourcc: string): number | undefined {
  return listed(MOST_FORMATS, (index) => native.formatAt(index)).find(
    ({ pixelformat }) => formatOfDriver(pixelformat)?.fourcc === fourcc,
  )?.pixelformat
}

/** The first format it offers that is one of ours. */
export function firstKnown(native: NativeV4l2): number | undefined {
  return listed(MOST_FORMATS, (index) => native.formatAt(index)).find(
    ({ pixelformat }) => formatOfDriver(pixelformat) !== undefined,
  )?.pixelformat
}

function sizesOf(native: NativeV4l2, pixelformat: number, budget: Budget): V4l2Size[] {
  return listed(MOST_SIZES, (index) => native.sizeAt(pixelformat, index), budget).map((s) => {
    const at = { pixelformat, width: s.maxWidth, height: s.maxHeight }
    const rates = ratesOf(native, at, budget)
    if (!s.stepwise) return { kind: 'discrete', width: s.maxWidth, height: s.maxHeight, rates }
    return {
      kind: 'stepwise',
      width: { min: s.minWidth, max: s.maxWidth, step: s.stepWidth },
      height: { min: s.minHeight, max: s.maxHeight, step: s.stepHeight },
      rates,
    }
  })
}

function ratesOf(
  native: NativeV4l2,
  at: { pixelformat: number; width: number; height: number },
  budget: Budget,
): V4l2Rates {
  const entries = listed(MOST_RATES, (index) => native.intervalAt({ ...at, index }), budget)
  const range = entries.find((entry) => entry.stepwise)
  // The longest interval is the lowest rate.
  if (range) {
    return {
      kind: 'range',
      min: rateOfInterval(range.max) ?? 0,
      max: rateOfInterval(range.min) ?? 0,
    }
  }
  const fps = entries.map(({ min }) => rateOfInterval(min)).filter((rate) => rate !== undefined)
  return { kind: 'discrete', fps }
}

/** Frames a second; undefined for what is no interval. */
export function rateOfInterval([seconds, parts]: NativeV4l2Interval): number | undefined {
  return seconds > 0 && parts > 0 ? parts / seconds : undefined
}

/** A driver's text without what would move a terminal's cursor. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '').trim()
}

/** Entries that may still be asked for. */
interface Budget {
  left: number
}

function listed<T>(
  most: number,
  at: (index: number) => T | undefined,
  budget: Budget = { left: most },
): T[] {
  const entries: T[] = []
  while (entries.length < most && budget.left > 0) {
    const entry = at(entries.length)
    if (entry === undefined) break
    budget.left--
    entries.push(entry)
  }
  return entries
}
