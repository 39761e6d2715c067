import { FrameringError } from '../errors/framering-error.ts'
import { refuse, show } from '../options/index.ts'

/** `value` if it is a string. Throws `NAME_INVALID` otherwise: what is in it the core checks. */
export function checkName(value: unknown): string {
  if (typeof value === 'string') return value
  throw new FrameringError(
    'NAME_INVALID',
    `the ring's name is ${show(value)}; give a string of letters, digits, '.', '_' and '-'`,
  )
}

/** A directory for the ring's objects. Throws `OPTION_INVALID` unless it is an absolute path. */
export function directoryOption(value: string | undefined): string {
  if (value === undefined) return DEFAULT_DIRECTORY
  if (typeof value === 'string' && value.startsWith('/')) return value
  return refuse('directory', value, 'an absolute path')
}

/** Where POSIX shared memory lives on Linux. */
export const DEFAULT_DIRECTORY = '/dev/shm'
