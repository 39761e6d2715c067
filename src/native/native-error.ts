import { FrameringError, type ErrorCode } from '../errors/framering-error.ts'
import type { NativeError } from './ring-binding.ts'

/** The names of fr_status in native/core/include/framering.h, by their numbers. */
export const STATUS_NAMES: readonly (ErrorCode | 'OK')[] = [
  'OK',
  'NAME_INVALID',
  'NAME_IN_USE',
  'OPTION_INVALID',
  'FRAME_TOO_LARGE',
  'NOT_ON_LOAN',
  'CLOSED',
  'NOT_FOUND',
  'NOT_A_RING',
  'LAYOUT_VERSION',
  'BYTE_ORDER',
  'WORD_SIZE',
  'LIBC',
  'PERMISSION',
  'SHM_FULL',
  'MEMLOCK',
  'READERS_EXHAUSTED',
  'LEASES_EXHAUSTED',
  'LEASE_BROKEN',
  'NOT_LEASED',
  'EXISTS',
  'NOT_A_SEMAPHORE',
  'SEMAPHORE_OVERFLOW',
  'TRUNCATED',
  'DEVICE_BUSY',
  'DEVICE_GONE',
  'UNSUPPORTED',
  'SYSTEM',
]

const NATIVE_CODES: ReadonlySet<string> = new Set(STATUS_NAMES.slice(1))

/** What `call` returns; what the addon throws in it becomes a FrameringError. A closure: not for every frame. */
export function nativeCall<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asFrameringError(error)
  }
}

/**
 * What to throw in place of what the addon threw.
 *
 * ```ts
 * try {
 *   return this.#native.publish(slot)
 * } catch (error) {
 *   throw asFrameringError(error)
 * }
 * ```
 *
 * Anything that is not the addon's own error comes back as it is.
 */
export function asFrameringError(error: unknown): Error {
  if (error instanceof FrameringError) return error
  if (isNativeError(error)) {
    const { code, message, errno, needed, available } = error
    return new FrameringError(code, message, {
      ...(errno !== undefined && { errno }),
      ...(needed !== undefined && { needed }),
      ...(available !== undefined && { available }),
    })
  }
  return error instanceof Error ? error : new Error(String(error))
}

function isNativeError(error: unknown): error is NativeError & { code: ErrorCode } {
  return error instanceof Error && NATIVE_CODES.has((error as Partial<NativeError>).code ?? '')
}
