import { dirname } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'
import { shmPath } from '../segment/index.ts'

/** Where an array of a name stands. */
export interface Place {
  readonly path: string
  readonly directory: string
  /** for a path; shm_open follows none */
  readonly followLinks: boolean
  /** the name as messages show it */
  readonly what: string
}

const SHM = 'shm://'
const FILE = 'file://'
const LONGEST_COMPONENT = 255

/**
 * Where the array of a name stands, as SharedArray has it: `file://PATH` is a file, the path taken as it
 * is, relative to the current directory or absolute; `shm://NAME` and a bare `NAME` are shared memory,
 * where slashes in front of the name count for nothing.
 *
 * Throws `NAME_INVALID`.
 */
export function placeOf(name: string): Place {
  if (typeof name !== 'string') throw invalid(name, 'is no string')
  const what = show(name)
  if (name.startsWith(FILE)) {
    const path = name.slice(FILE.length)
    checkPath(name, path)
    return { path, directory: dirname(path), followLinks: !path.startsWith('/dev/shm/'), what }
  }
  if (!name.startsWith(SHM) && name.includes('://')) {
    throw invalid(name, 'has a prefix that nobody knows')
  }
  const bare = name.startsWith(SHM) ? name.slice(SHM.length) : name
  const path = shmPath(bare.replace(/^\/+/, ''))
  return { path, directory: dirname(path), followLinks: false, what }
}

function checkPath(name: string, path: string): void {
  const last = path.slice(path.lastIndexOf('/') + 1)
  if (last === '' || last === '.' || last === '..')
    throw invalid(name, 'does not end in a file name')
  if (path.includes('\0')) throw invalid(name, 'has a NUL in it')
  if (path.split('/').some((part) => Buffer.byteLength(part) > LONGEST_COMPONENT)) {
    throw invalid(name, `has a part of more than ${LONGEST_COMPONENT} bytes`)
  }
}

function invalid(name: unknown, how: string): FrameringError {
  return new FrameringError(
    'NAME_INVALID',
    `the name of the array, ${show(name)}, ${how}; give shm://NAME, or file://PATH for a file on a disk`,
  )
}
