import { FrameringError } from 'framering'

/** Says why on stderr and makes the process end with code 1. */
export function fail(error: unknown): void {
  if (error instanceof FrameringError) console.error(`${error.code}: ${error.message}`)
  else console.error(error)
  process.exitCode = 1
}
