/** Why something failed: stable strings, meant to be switched on. */
export type ErrorCode =
  // from the native core
  | 'NAME_INVALID'
  | 'NAME_IN_USE'
  | 'OPTION_INVALID'
  | 'FRAME_TOO_LARGE'
  | 'NOT_ON_LOAN'
  | 'CLOSED'
  | 'NOT_FOUND'
  | 'NOT_A_RING'
  | 'LAYOUT_VERSION'
  | 'BYTE_ORDER'
  | 'WORD_SIZE'
  | 'LIBC'
  | 'PERMISSION'
  | 'SHM_FULL'
  | 'MEMLOCK'
  | 'READERS_EXHAUSTED'
  | 'LEASES_EXHAUSTED'
  | 'LEASE_BROKEN'
  | 'NOT_LEASED'
  | 'EXISTS'
  | 'NOT_A_SEMAPHORE'
  | 'SEMAPHORE_OVERFLOW'
  | 'TRUNCATED'
  | 'DEVICE_BUSY'
  | 'DEVICE_GONE'
  | 'UNSUPPORTED'
  | 'SYSTEM'
  // from the TypeScript side
  | 'WRITER_DIED'
  | 'ABORTED'
  | 'TIMED_OUT'
  | 'RELEASED'
  | 'DTYPE_MISMATCH'
  | 'SHAPE_MISMATCH'
  | 'FORMAT_INVALID'
  | 'NPY_INVALID'
  | 'NOT_AN_ARRAY'
  | 'NOT_A_LIST'
  | 'READ_ONLY'
  | 'VALUE_TOO_LARGE'
  | 'PEER_MISSING'
  | 'SOURCE_FAILED'
  | 'SINK_FAILED'

/** What an error knows beyond its sentence. */
export interface ErrorDetails {
  /** errno of the system call that failed */
  readonly errno?: number
  /** bytes asked for */
  readonly needed?: number
  /** bytes there were */
  readonly available?: number
  readonly cause?: unknown
}

/**
 * The one error class of framering.
 *
 * ```ts
 * try { createWriter('front', options) } catch (e) {
 *   if (e instanceof FrameringError && e.code === 'NAME_IN_USE') return
 *   throw e
 * }
 * ```
 *
 * `message` is a sentence that says what to do next; `code` is stable between releases.
 */
export class FrameringError extends Error {
  override readonly name = 'FrameringError'
  readonly code: ErrorCode
  readonly errno: number | undefined
  readonly needed: number | undefined
  readonly available: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.errno = details.errno
    this.needed = details.needed
    this.available = details.available
  }
}
