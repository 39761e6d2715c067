import { unlinkSync } from 'node:fs'
import { FrameringError } from '../errors/framering-error.ts'

/**
 * Removes a name. Memory that is mapped stays until the last one that has it lets go.
 *
 * Throws `NOT_FOUND`, `PERMISSION`, `OPTION_INVALID` (a directory) or `SYSTEM`.
 */
export function unlinkFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    throw failure(path, error as NodeJS.ErrnoException)
  }
}

function failure(path: string, cause: NodeJS.ErrnoException): FrameringError {
  const details = { cause, ...(cause.errno !== undefined && { errno: Math.abs(cause.errno) }) }
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FrameringError('NOT_FOUND', `'${path}' does not exist, or not any more`, details)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new FrameringError(
        'PERMISSION',
        `uid ${process.geteuid?.()} may not remove '${path}': its owner may`,
        details,
      )
    case 'EISDIR':
      return new FrameringError('OPTION_INVALID', `'${path}' is a directory; name a file`, details)
    default:
      return new FrameringError('SYSTEM', `cannot remove '${path}': ${cause.message}`, details)
  }
}
