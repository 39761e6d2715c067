import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { type Identity, isStill, Segment, shmPath, unlinkFile } from '../segment/index.ts'

/** How often a name is tried that others make and remove all the time. */
const ATTEMPTS = 1000

/** Told of memory before it has its name; returns what to call when nobody has to remember it any more. */
export type Remember = (path: string, identity: Identity) => () => void

/** Memory that is to be made. */
export interface NewMemory {
  /** a fresh one if undefined */
  readonly name: string | undefined
  readonly bytes: number
  readonly mode: number
  /** writes what is to stand there from the first moment that others can see it */
  readonly fill?: (memory: Uint8Array) => void
  readonly remember?: Remember | undefined
}

/** A segment under a name, before anybody has a SharedMemory of it. */
export class NamedMemory {
  readonly segment: Segment
  readonly path: string
  readonly forget: () => void

  constructor(segment: Segment, path: string, forget: () => void = () => undefined) {
    this.segment = segment
    this.path = path
    this.forget = forget
  }

  get name(): string {
    return basename(this.path)
  }
}

/** Throws `NOT_FOUND`, `PERMISSION`, `TRUNCATED`, `NAME_INVALID`, `SHM_FULL`, `SYSTEM`. */
export function attachMemory(name: string, readOnly: boolean): NamedMemory {
  const path = shmPath(name)
  return new NamedMemory(Segment.open(path, { readOnly }), path)
}

/**
 * Throws `EXISTS`, `NAME_INVALID`, `SHM_FULL`, `PERMISSION`, `OPTION_INVALID`, `SYSTEM`: nothing is left
 * of it then.
 *
 * `freshName` gives names to try where the memory has none of its own.
 */
export function createMemory(memory: NewMemory, freshName: () => string = pythonName): NamedMemory {
  const given = memory.name === undefined ? undefined : shmPath(memory.name)
  const { bytes, mode, fill } = memory
  const segment = Segment.create({ directory: '/dev/shm', bytes, mode })
  try {
    fill?.(new Uint8Array(segment.buffer))
    if (given !== undefined) return linked(segment, given, memory.remember)
    for (let attempt = 1; ; attempt++) {
      try {
        return linked(segment, shmPath(freshName()), memory.remember)
      } catch (error) {
        if (!isCode(error, 'EXISTS') || attempt === ATTEMPTS) throw error
      }
    }
  } catch (error) {
    segment.close()
    throw error
  }
}

/** As the two above; `create` is asked for the memory to make once there is none of the name. */
export function attachOrCreateMemory(name: string, create: () => NewMemory): NamedMemory {
  for (let attempt = 1; ; attempt++) {
    try {
      return attachMemory(name, false)
    } catch (error) {
      if (!isCode(error, 'NOT_FOUND')) throw error
    }
    try {
      return createMemory(create())
    } catch (error) {
      // Somebody else was faster, and it is theirs that is attached.
      if (!isCode(error, 'EXISTS') || attempt === ATTEMPTS) throw error
    }
  }
}

/** Removes it if it still is that file. Throws `PERMISSION`, `SYSTEM`. */
export function removeOwn(path: string, identity: Identity): void {
  if (!isStill(path, identity)) return
  try {
    unlinkFile(path)
  } catch (error) {
    if (!isCode(error, 'NOT_FOUND')) throw error
  }
}

function linked(segment: Segment, path: string, remember: Remember | undefined): NamedMemory {
  // Remembered first: between the two this process may die, and what is remembered of a file that
  // never got the name does no harm.
  const forget = remember?.(path, segment.identity)
  try {
    segment.link(path)
  } catch (error) {
    forget?.()
    throw error
  }
  return new NamedMemory(segment, path, forget)
}

/** As CPython makes them, so that whoever lists /dev/shm knows what they are. */
function pythonName(): string {
  return `psm_${randomBytes(4).toString('hex')}`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof FrameringError && error.code === code
}
