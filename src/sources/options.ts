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

/** A rate as a fraction of whole numbers, so that pts do not drift. */
export function rateOf(source: string, fps: unknown): readonly [number, number] | undefined {
  if (fps === undefined) return undefined
  if (Array.isArray(fps)) {
    const [num, den] = fps as readonly unknown[]
    for (const part of [num, den]) {
      if (!Number.isInteger(part) || (part as number) < 1 || (part as number) > 0x7fff_ffff) {
        throw badOption(source, 'fps', 'a number above 0 or two whole numbers above 0', fps)
      }
    }
    return [num as number, den as number]
  }
  frameRate(source, fps)
  if ((fps as number) < 0.001 || (fps as number) > 1e6) {
    throw badOption(source, 'fps', 'a number from 0.001 to 1000000', fps)
  }
  return Number.isInteger(fps) ? [fps as number, 1] : [Math.round((fps as number) * 1000), 1000]
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
