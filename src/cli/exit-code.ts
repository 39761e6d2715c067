import type { ErrorCode } from '../errors/framering-error.ts'

/** What the process ends with; documented in docs/cli.md, so stable between releases. */
export const ExitCode = {
  /** also when it was ended by Ctrl-C or by a closed pipe */
  done: 0,
  failed: 1,
  /** the command line makes no sense */
  usage: 2,
  /** there is no such ring, or it ended while it was watched */
  gone: 3,
  timedOut: 4,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

const OF_ERRORS: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  NAME_INVALID: ExitCode.usage,
  OPTION_INVALID: ExitCode.usage,
  NOT_FOUND: ExitCode.gone,
  WRITER_DIED: ExitCode.gone,
  TIMED_OUT: ExitCode.timedOut,
}

/** What a command that failed with this error ends with. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return OF_ERRORS[code] ?? ExitCode.failed
}
