import type { ErrorCode } from '../errors/framering-error.ts'
import { STATUS_NAMES } from '../native/index.ts'

/** The number the native core gives an error code, as `release` returns it. */
export function statusOf(code: ErrorCode): number {
  return STATUS_NAMES.indexOf(code)
}

/** The other way round. */
export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? 'SYSTEM'
}
