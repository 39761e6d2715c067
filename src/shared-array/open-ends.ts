import { FrameringError } from '../errors/framering-error.ts'
import { readEnds, type FileEnds } from './file-ends.ts'
import type { Place } from './place.ts'

/**
 * The ends of the file at a place. Throws `NOT_FOUND`, `PERMISSION`, `SYSTEM`, and `NOT_AN_ARRAY` for
 * what is no regular file.
 */
export function openEnds({ path, followLinks, what }: Place): FileEnds {
  let ends: FileEnds | undefined
  try {
    ends = readEnds(path, followLinks)
  } catch (error) {
    throw failure(what, error as NodeJS.ErrnoException)
  }
  if (ends === undefined) throw notAFile(what)
  return ends
}

function failure(what: string, cause: NodeJS.ErrnoException): FrameringError {
  const details = { cause, ...(cause.errno !== undefined && { errno: Math.abs(cause.errno) }) }
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FrameringError(
        'NOT_FOUND',
        `there is no array ${what}; start its creator first, or look at list()`,
        details,
      )
    case 'EACCES':
    case 'EPERM':
      return new FrameringError(
        'PERMISSION',
        `this user may not read ${what}; have its owner give it a mode that lets it`,
        details,
      )
    // A symbolic link where none is followed, a socket, a device without a driver.
    case 'ELOOP':
    case 'ENXIO':
    case 'ENODEV':
      return notAFile(what, details)
    default:
      return new FrameringError('SYSTEM', `cannot read ${what}: ${cause.message}`, details)
  }
}

function notAFile(what: string, details: { readonly cause?: unknown } = {}): FrameringError {
  return new FrameringError(
    'NOT_AN_ARRAY',
    `${what} is no regular file and so no array; give the name of the file itself`,
    details,
  )
}
