import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

export { checkOptions, signalOption } from '../options/index.ts'

/** The error of an option that is not what it should be. */
export function badOption(
  source: string,
  name: string,
  expected: string,
  value: unknown,
): FrameringError {
  return new FrameringError(
    'OPTION_INVALID',
    `\`${name}\` of ${source} must be ${expected}, got ${show(value)}`,
  )
}

export function wholeNumber(
  source: string,
  name: string,
  value: unknown,
  [least, most]: readonly [number, number],
): void {
  if (value === undefined) return
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw badOption(source, name, `a whole number from ${least} to ${most}`, value)
  }
}

export function frameRate(source: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw badOption(source, 'fps', 'a number above 0', value)
  }
}

export function flag(source: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw badOption(source, name, 'true or false', value)
  }
}

/** Text that goes to another program as one argument of its own. */
export function argument(source: string, name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw badOption(source, name, 'text that is not empty and has no NUL', value)
  }
}
