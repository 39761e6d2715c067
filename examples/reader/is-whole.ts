import { crc32 } from 'node:zlib'
import type { Frame } from 'framering'
import { verifyPattern } from 'framering/sources'

/**
 * Whether all bytes of a frame belong to that one frame: by its place in the test pattern, or by the
 * checksum its writer put into the header.
 */
export function isWhole(frame: Frame): boolean {
  const { check } = Object(frame.info) as { check?: unknown }
  if (check === 'pattern') {
    const { ok, sequence } = verifyPattern(frame.data, frame.format)
    return ok && sequence === frame.sourceSequence
  }
  if (check === 'crc32') return crc32(frame.data) === frame.user[0]
  throw new Error(
    'these frames carry nothing to check them by; start the writer with --source pattern or --checksum',
  )
}
