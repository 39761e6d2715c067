import { FrameringError } from '../errors/framering-error.ts'

/** Refuses options nobody knows: a misspelt one would be ignored in silence. */
export function knownOptions(source: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new FrameringError('OPTION_INVALID', `${source} takes an object of options`)
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new FrameringError(
        'OPTION_INVALID',
        `${source} has no option \`${name}\`; it has ${known.join(', ')}`,
      )
    }
  }
}

/** The error of an option that is not what it should be. */
export function badOption(
  source: string,
  name: string,
  expected: string,
  value: unknown,
): FrameringError {
  const came = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return new FrameringError(
    'OPTION_INVALID',
    `\`${name}\` of ${source} must be ${expected}, got ${came}`,
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
