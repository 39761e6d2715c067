import type { NativeLatency } from './inspection-binding.ts'

/**
 * The face of the native addon, as native/addon/src exports it. Times are milliseconds of
 * CLOCK_MONOTONIC as doubles; 64-bit counts are doubles (all stay below 2^53). Nothing here is public.
 */

/** Where each figure of a leased frame stands in the reader's `mailbox`. */
export const enum Mail {
  Slot = 0,
  Epoch,
  Sequence,
  BytesUsed,
  /** ms, CLOCK_MONOTONIC */
  PublishTime,
  /** ms, CLOCK_MONOTONIC: when it was leased */
  ReceiveTime,
  /** ms of CaptureClock */
  CaptureTime,
  /**
   * 1: what follows is not there, the frame has none of it. CaptureClock is 1 then, Pts and Duration are
   * NaN, everything else 0.
   */
  Plain,
  CaptureClock,
  CaptureMoment,
  SourceSequence,
  /** NaN = none */
  Pts,
  /** NaN = none */
  Duration,
  TimeBaseNum,
  TimeBaseDen,
  Flags,
  LostNoSlot,
  LostOverrun,
  LostSkipped,
  LostRestart,
  LostSource,
  /** the eight user words start here */
  User,
  Length = 29,
}

/** What `next` and `wait` return; the same numbers as fr_next. Failures throw instead. */
export const enum Next {
  Frame = 0,
  None = 1,
  Ended = 2,
  Moved = 3,
  Died = 4,
}

export const enum Bell {
  None = 0,
  Fifo = 1,
  Semaphore = 2,
}

export const enum Delivery {
  Latest = 1,
  Every = 2,
  Reliable = 3,
}

export const enum MemoryLock {
  None = 0,
  Try = 1,
  Required = 2,
}

/** fr_format, as a plain object. */
export interface NativeFormat {
  /** 1-based, in the order of DTYPES in src/ndarray/dtype.ts */
  dtype: number
  shape: number[]
  /** 0 = plain array */
  fourcc: number
  width: number
  height: number
  planes: { offset: number; stride: number }[]
  colorPrimaries: number
  colorTransfer: number
  colorMatrix: number
  colorRange: number
}

export interface NativeWriterOptions {
  directory: string
  name: string
  format: NativeFormat
  slotBytes: number
  slotCount: number
  maxReaders: number
  mode: number
  /** -1 = the process's own */
  group: number
  /** 0o600, 0o660, or 0: as mode and group are */
  controlMode: number
  controlGroup: number
  memoryLock: MemoryLock
  /** ms */
  reliableLimit: number
  descriptor: string
}

export interface NativeWriterInfo {
  generation: number
  session: number
  totalBytes: number
  slotBytes: number
  slotCount: number
  maxReaders: number
  /** 0 no, 1 partial, 2 all */
  locked: number
  lockErrno: number
  lockedBytes: number
}

export interface NativeWriterStats {
  head: number
  published: number
  dropped: number
  sourceLost: number
  abandoned: number
  bells: number
  reclaimed: number
  /** ms */
  waited: number
  readers: number
  lagging: number
  epoch: number
}

/** Where each figure of a frame's meta stands in the writer's `mailbox`, written before publish. */
export const enum Meta {
  /** ms of CaptureClock; NaN = the publish time */
  CaptureTime = 0,
  CaptureClock,
  CaptureMoment,
  SourceSequence,
  Pts,
  Duration,
  TimeBaseNum,
  TimeBaseDen,
  BytesUsed,
  Flags,
  /** 1: something was written here. Taken once, and what was taken goes for every frame until then. */
  Unread,
  User,
  Length = 19,
}

export interface NativeWriter {
  /** Float64Array of Meta.Length, read by publish, drop and write. */
  readonly mailbox: Float64Array
  /** index of a slot on loan, or -1 when every slot is held */
  loan(): number
  /**
   * An ArrayBuffer over the whole slot (`slotBytes` long), made anew at each call. Where the runtime
   * forbids external buffers: undefined.
   */
  buffer(slot: number): ArrayBuffer | undefined
  /** returns the sequence */
  publish(slot: number): number
  abandon(slot: number): void
  /** returns the sequence consumed */
  drop(): number
  /** copies `bytes` into a slot and publishes it; 0 = dropped for want of a slot */
  write(bytes: Uint8Array): number
  setFormat(format: NativeFormat, slotBytes: number, descriptor: string): void
  info(): NativeWriterInfo
  stats(): NativeWriterStats
  /** idempotent */
  close(): void
}

export interface NativePosition {
  session: number
  sequence: number
  head: number
  /** 1 once a frame was delivered */
  counted: number
  dropped: number
  sourceLost: number
  /** lost by restarts, not told yet */
  restart: number
  /** passed over for their age since the last one delivered */
  aged: number
}

export interface NativeReaderOptions {
  directory: string
  name: string
  delivery: Delivery
  maxLeases: number
  replay: number
  /** ms */
  reliableWait: number
  /** 0 = any */
  notGeneration: number
  /** 0 = join; otherwise read without joining, looking every so many ms in `wait` */
  observe: number
  position: NativePosition | undefined
}

export interface NativeReaderInfo {
  generation: number
  session: number
  slotBytes: number
  slotCount: number
  maxReaders: number
  entry: number
  writerPid: number
}

export interface NativeReader {
  /** Float64Array of Mail.Length, filled by next and wait when they return Next.Frame. */
  readonly mailbox: Float64Array
  /** maxAge in ms, 0 = any */
  next(arm: Bell, maxAge: number): Next
  /** blocks the thread for at most timeout ms */
  wait(timeout: number, maxAge: number): Next
  retain(slot: number): void
  /** 0 = fine, otherwise the number of the status (LEASE_BROKEN, TRUNCATED): see `statusName` */
  release(slot: number): number
  /** As NativeWriter.buffer. Counts itself; the reader's mapping lives until it is finalised. */
  buffer(slot: number): ArrayBuffer | undefined
  /** A private copy of the first `length` bytes of the slot. */
  copy(slot: number, length: number): ArrayBuffer
  /** of a leased slot */
  format(slot: number): { format: NativeFormat; descriptor: string }
  info(): NativeReaderInfo
  position(): NativePosition
  leases(): number
  /** of the frames leased so far */
  latency(): NativeLatency
  writerAlive(): boolean
  /**
   * Calls `onBell` from the event loop when the doorbell rang or the writer's life line hung up, until
   * unwatch or close. Keeps the loop alive. The native side has drained the bell by then.
   */
  watch(onBell: () => void): void
  unwatch(): void
  /**
   * Calls the watch's `onBell` at that time of `now()` too, once; 0 = no more. As exact as the kernel's
   * timers are. Where there are none left it does nothing.
   */
  wakeAt(time: number): void
  /**
   * Blocks the thread, spinning, for at most `ms` and never more than 1 ms, until there may be news since
   * the last `next`: then true. Nobody is rung for meanwhile and afterwards: call `next` with its bell again.
   */
  poll(ms: number): boolean
  /** idempotent */
  close(): void
}

/** One file of a ring, as a sweep found it. */
export interface NativeStale {
  ring: string
  /** in the directory that was swept */
  file: string
  /** memory it takes */
  bytes: number
  removed: boolean
  /** '' or the code that says why it stays */
  kept: string
  reason: string
}

export interface RingBinding {
  createWriter(options: NativeWriterOptions): NativeWriter
  openReader(options: NativeReaderOptions): NativeReader
  /** Detaches the buffer: length 0 afterwards. No effect on one that is detached already. */
  detach(buffer: ArrayBuffer): void
  /** External buffers made and not yet finalised, in this environment. */
  pendingBuffers(): number
  /** CLOCK_MONOTONIC, ms. */
  now(): number
  /** CLOCK_REALTIME, CLOCK_TAI: what to add to a monotonic time to get it, ms. */
  clockOffset(clock: 2 | 3): number
  /**
   * Removes what dead writers left, of one ring or with '' of all; with `dryRun` only looks. Tells of
   * every file of theirs.
   */
  clean(directory: string, ring: string, dryRun: boolean): NativeStale[]
  ringBytes(slotBytes: number, slotCount: number, maxReaders: number): number
  /** The stable code of a status number, e.g. 'LEASE_BROKEN'. */
  statusName(status: number): string
}

/**
 * What the addon throws: an Error with `code` (fr_status_name), and where set `errno`, `needed`,
 * `available`. src/native/native-error.ts turns it into a FrameringError at the edge.
 */
export interface NativeError extends Error {
  code: string
  errno?: number
  needed?: number
  available?: number
}
