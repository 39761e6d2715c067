import type { NativeWriter } from '../native/index.ts'

/** What a writer has done, and what its ring takes. */
export interface WriterStats {
  /** last sequence used up, by a frame or a drop */
  readonly sequence: number
  /** frames readers could get */
  readonly published: number
  /** frames dropped because every slot was held */
  readonly dropped: number
  /** jumps of the source's own count, summed */
  readonly sourceLost: number
  /** loans given back unpublished */
  readonly abandoned: number
  /** readers woken */
  readonly bells: number
  /** reader entries taken back from processes that died */
  readonly reclaimed: number
  /** ms spent waiting for `reliable` readers */
  readonly waited: number
  /** readers attached at this moment */
  readonly readers: number
  /** `reliable` readers not waited for until they have caught up */
  readonly lagging: number
  /** rises with each format */
  readonly epoch: number
  readonly slots: number
  /** bytes of a slot, whole pages */
  readonly slotBytes: number
  /** bytes of shared memory, all told */
  readonly bytes: number
  /** bytes of it that are locked */
  readonly lockedBytes: number
}

export function writerStats(writer: NativeWriter): WriterStats {
  const { head, ...counts } = writer.stats()
  const { slotCount, slotBytes, totalBytes, lockedBytes } = writer.info()
  return { sequence: head, ...counts, slots: slotCount, slotBytes, bytes: totalBytes, lockedBytes }
}
