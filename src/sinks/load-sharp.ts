import type * as Sharp from 'sharp'
import { FrameringError } from '../errors/framering-error.ts'

/**
 * The package sharp, which framering works with but does not bring along.
 *
 * Throws `PEER_MISSING`: how to install it when it is not there, else what kept it from loading.
 */
export async function loadSharp(): Promise<typeof Sharp.default> {
  try {
    return (await import('sharp')).default
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new FrameringError(
      'PEER_MISSING',
      code === 'ERR_MODULE_NOT_FOUND'
        ? 'encodeImage needs the package sharp; add it with: npm install sharp'
        : `the package sharp cannot be loaded: ${message}; reinstall it for encodeImage`,
      { cause },
    )
  }
}
