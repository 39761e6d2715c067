import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** Where POSIX shared memory lives on Linux. */
const DIRECTORY = '/dev/shm'
/** Bytes of a file's name. */
const LONGEST = 255

/**
 * The file of a POSIX shared memory object: `shmPath('front')` and `shmPath('/front')` are
 * `/dev/shm/front`.
 *
 * Throws `NAME_INVALID` for a name that is empty, `.` or `..`, has a NUL or another slash, or more than
 * 255 bytes.
 */
export function shmPath(name: string): string {
  if (typeof name !== 'string') throw invalid(name, 'is no string')
  const file = name.startsWith('/') ? name.slice(1) : name
  if (file === '' || file === '.' || file === '..') throw invalid(name, 'names no file')
  if (file.includes('\0')) throw invalid(name, 'has a NUL')
  if (file.includes('/')) throw invalid(name, 'has a slash in it')
  const bytes = Buffer.byteLength(file)
  if (bytes > LONGEST) throw invalid(name, `has ${bytes} bytes and ${LONGEST} is the most`)
  return `${DIRECTORY}/${file}`
}

function invalid(name: unknown, why: string): FrameringError {
  return new FrameringError(
    'NAME_INVALID',
    `the name ${show(name)} ${why}; give 1 to ${LONGEST} bytes without '/', such as 'front'`,
  )
}
