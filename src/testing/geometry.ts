// Sizes as native/core/src/layout.h has them, so that figures and limits are those of shared memory.

const PAGE = 4096
const FRAME_HEADER = 512
const EPOCH_TEXTS = 4
const MOMENTS = 16 * 1024
const HOLDER = 64
const PIN_WORD = 64
const READER_ENTRY = 512
const MOST = 2 ** 46

export interface Geometry {
  readonly slotCount: number
  readonly maxReaders: number
  /** whole pages */
  readonly slotBytes: number
  /** sequences the order index reaches back */
  readonly indexCount: number
  /** of both objects together */
  readonly totalBytes: number
}

/** undefined when a number is out of range. */
export function geometryOf(
  slotBytes: number,
  slotCount: number,
  maxReaders: number,
): Geometry | undefined {
  if (slotCount < 2 || slotCount > 1000 || maxReaders < 1 || maxReaders > 64) return undefined
  if (slotBytes < 1 || slotBytes > Math.floor(MOST / slotCount)) return undefined
  const room = roundUp(slotBytes, PAGE)
  let indexCount = 64
  while (indexCount < 4 * slotCount) indexCount *= 2
  const frames = 2 * PAGE + roundUp(8 * indexCount, FRAME_HEADER)
  const texts = roundUp(frames + FRAME_HEADER * slotCount, PAGE)
  const holders = texts + PAGE * EPOCH_TEXTS + MOMENTS
  const data = roundUp(holders + HOLDER * maxReaders, PAGE) + room * slotCount
  const entries = roundUp(PAGE + PIN_WORD * slotCount, READER_ENTRY)
  const ctl = roundUp(entries + READER_ENTRY * maxReaders, PAGE)
  return { slotCount, maxReaders, slotBytes: room, indexCount, totalBytes: data + ctl }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
