import type { FormatSpec } from '../format/index.ts'
import { resolveFormat } from '../format/index.ts'
import { FrameringError } from '../errors/framering-error.ts'
import { transport } from '../transport/index.ts'
import { checkOptions, wholeOption } from '../options/index.ts'
import { WRITER_OPTIONS } from './writer-options.ts'

/** Slots of a ring: at least 2, so that the newest frame stands while the next one is written. */
export const MIN_SLOTS = 2
/** Slots of a ring: at most this many. */
export const MAX_SLOTS = 1000
/** Readers of a ring at one time: at most this many, one bit each in a slot's pin mask. */
export const MAX_READERS = 64

/**
 * How many slots a ring needs so that no frame is ever dropped for want of one.
 *
 * ```ts
 * slotsFor({ readers: 3, leases: 2 }) // 8: the newest, one on loan, three times two leased
 * ```
 *
 * - `readers`: how many read at the same time
 * - `leases`: how many frames each may hold (its `maxLeases`, 2 unless set)
 * - `loans`: how many the writer fills at the same time, 1 unless said
 * - `history`: how many frames older than the newest should stay for late joiners and slow `every`
 *   readers, 0 unless said
 *
 * Throws `OPTION_INVALID` when a count is not a whole number, or the sum is above 1000.
 */
export function slotsFor(need: {
  readonly readers: number
  readonly leases: number
  readonly loans?: number | undefined
  readonly history?: number | undefined
}): number {
  checkOptions('slotsFor', need, ['readers', 'leases', 'loans', 'history'])
  const readers = wholeOption('readers', need.readers, 1, 0, MAX_READERS)
  const leases = wholeOption('leases', need.leases, 2, 0, MAX_SLOTS)
  const loans = wholeOption('loans', need.loans, 1, 0, MAX_SLOTS)
  const history = wholeOption('history', need.history, 0, 0, MAX_SLOTS)
  const slots = 1 + loans + readers * leases + history
  if (slots > MAX_SLOTS) {
    throw new FrameringError(
      'OPTION_INVALID',
      `${readers} readers with ${leases} leases, ${loans} loans and ${history} frames of history ` +
        `take ${slots} slots, and a ring has at most ${MAX_SLOTS}; lower one of them`,
    )
  }
  return Math.max(MIN_SLOTS, slots)
}

/**
 * Bytes of shared memory that `createWriter` takes for these options, both objects together.
 *
 * ```ts
 * ringBytes({ format: { fourcc: 'RGB3', width: 1920, height: 1080 }, slots: 8 }) // about 50 MB
 * ```
 *
 * Throws `FORMAT_INVALID` or `OPTION_INVALID`.
 */
export function ringBytes(
  options: FormatSpec & {
    readonly slots?: number | undefined
    readonly maxReaders?: number | undefined
    readonly slotBytes?: number | undefined
  },
): number {
  checkOptions('ringBytes', options, WRITER_OPTIONS)
  const { bytes } = resolveFormat(options)
  const room = Math.max(bytes, roomOption(options.slotBytes, bytes))
  const slots = slotsOption(options.slots)
  const total = transport().ringBytes(room, slots, readersOption(options.maxReaders))
  if (total > 0) return total
  throw new FrameringError(
    'OPTION_INVALID',
    `${slots} slots of ${room} bytes are more than the 64 TiB a ring can have; make them fewer or smaller`,
  )
}

/** @internal */
export function slotsOption(slots: number | undefined): number {
  return wholeOption('slots', slots, 8, MIN_SLOTS, MAX_SLOTS)
}

/** @internal */
export function readersOption(maxReaders: number | undefined): number {
  return wholeOption('maxReaders', maxReaders, 32, 1, MAX_READERS)
}

/** @internal */
export function roomOption(slotBytes: number | undefined, bytes: number): number {
  return wholeOption('slotBytes', slotBytes, bytes, bytes, Number.MAX_SAFE_INTEGER)
}
