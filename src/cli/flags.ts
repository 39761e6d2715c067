import { type Command, Option } from 'commander'
import { FrameringError } from '../errors/framering-error.ts'

/** What `withJson` and `withDirectory` leave among a command's flags. */
export interface CommonFlags {
  readonly json?: true
  readonly directory?: string
}

/** A command with `--json`. */
export function withJson(command: Command, what: string): Command {
  return command.option('--json', what)
}

/** A command with `--directory`. */
export function withDirectory(command: Command): Command {
  return command.addOption(new Option('--directory <directory>', 'where the rings are (/dev/shm)'))
}

/** Reads a whole number given to a flag; others are the `OPTION_INVALID` of that flag. */
export function wholeNumber(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = numeric(text)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw misused(`--${flag} takes a whole number from ${least} to ${most}, got '${text}'`)
  }
}

/** Reads a number from `least` on, given to a flag. */
export function number(flag: string, least: number, unit: string): (text: string) => number {
  return (text) => {
    const value = numeric(text)
    if (Number.isFinite(value) && value >= least) return value
    throw misused(`--${flag} takes ${unit}, ${least} or more, got '${text}'`)
  }
}

/** The error of a command line that makes no sense. Its message says what to type instead. */
export function misused(message: string): FrameringError {
  return new FrameringError('OPTION_INVALID', message)
}

/** Lines for the end of a command's help: what to type, and what that does. */
export function examples(...lines: readonly (readonly [line: string, does: string])[]): string {
  const width = Math.max(...lines.map(([line]) => line.length))
  return [
    '',
    'Examples:',
    ...lines.map(([line, does]) => `  $ ${line.padEnd(width)}  # ${does}`),
  ].join('\n')
}

function numeric(text: string): number {
  return text.trim() === '' ? NaN : Number(text)
}
