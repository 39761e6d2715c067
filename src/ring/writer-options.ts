import type { FormatSpec } from '../format/index.ts'
import { MemoryLock } from '../native/index.ts'

/** What a ring carries and how large it is. */
export type WriterOptions = FormatSpec & {
  /** frames the ring has room for, 2 to 1000, 8 unless said; see `slotsFor` */
  readonly slots?: number | undefined
  /** readers at the same time, 1 to 64, 32 unless said */
  readonly maxReaders?: number | undefined
  /** where the ring's objects are made, `/dev/shm` unless said: any directory on tmpfs */
  readonly directory?: string | undefined
  /**
   * who may read frames: permission bits of the data object, 0o600 unless said. Nobody but the owner
   * can ever write one; `0o660` lets the group join as well, see `controlGroup`
   */
  readonly mode?: number | undefined
  /** gid the data object is given, the process's own unless said */
  readonly group?: number | undefined
  /**
   * gid whose members may join, that is hold frames in place and be waited for. The rest of those
   * that `mode` lets read can observe (`observe: true`). Unless said: the group, with `0o660`;
   * otherwise nobody but the owner.
   */
  readonly controlGroup?: number | undefined
  /**
   * Whether the memory is locked, so that it is never swapped out: `'try'` (default, the result is in
   * `writer.locked`), `'required'` (the error `MEMLOCK` where it cannot be) or `'none'`
   */
  readonly memoryLock?: 'try' | 'required' | 'none' | undefined
  /** ms a loan waits for `reliable` readers at most, whatever they ask; 1000 unless said */
  readonly reliableLimit?: number | undefined
  /** bytes of a slot where later formats need more than the first; `setFormat` then keeps the ring */
  readonly slotBytes?: number | undefined
  /**
   * what becomes of a loan's views once it is over: they have length 0 (`'revoke'`), or stay and show what
   * comes next in the slot (`'cached'`): for code that never touches a loan after its end, and faster
   */
  readonly views?: 'revoke' | 'cached' | undefined
  /** anything JSON holds in 4080 bytes; readers find it in `frame.info` */
  readonly info?: unknown
}

/** @internal */
export const WRITER_OPTIONS: readonly string[] = [
  ...['format', 'capacity', 'dtype', 'shape', 'slots', 'maxReaders', 'directory', 'mode', 'group'],
  ...['controlGroup', 'memoryLock', 'reliableLimit', 'slotBytes', 'views', 'info'],
]

/** @internal */
export const LOAN_VIEWS = { revoke: 'revoke', cached: 'cached' } as const

/** @internal */
export const MEMORY_LOCKS = {
  try: MemoryLock.Try,
  required: MemoryLock.Required,
  none: MemoryLock.None,
} as const
