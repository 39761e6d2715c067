import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { FrameringError } from '../errors/framering-error.ts'
import type { Identity } from '../segment/index.ts'

// A record, as native/guardian/src/guardian.cc reads it: device and inode of 8 bytes each, the path,
// NUL-terminated. A free one is all zeros. No record lies on two pages, so that one whose writing is
// cut short by SIGKILL is there or is not.
const RECORD = 512
const INODE = 8
const PATH = 16

/** Linux's, on x86-64 and arm64; Node does not name it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/**
 * What a process has made and still owns, in a file without a name that its guardian reads when the
 * process is gone.
 */
export class Journal {
  /** for the guardian to inherit */
  readonly descriptor: number
  readonly #free: number[] = []
  #records = 0
  #closed = false

  /** Throws `SYSTEM`, `PERMISSION`. */
  constructor() {
    try {
      this.descriptor = openSync('/dev/shm', O_TMPFILE | constants.O_RDWR, 0o600)
    } catch (error) {
      throw failure('open', error as NodeJS.ErrnoException)
    }
  }

  /**
   * Remembers a file that is about to get its name. On return a guardian can read it. Throws
   * `SHM_FULL`, `SYSTEM`.
   *
   * @returns has it forgotten again
   */
  add(path: string, { device, inode }: Identity): () => void {
    const record = Buffer.alloc(RECORD)
    record.writeBigUInt64LE(BigInt(device))
    record.writeBigUInt64LE(BigInt(inode), INODE)
    record.write(path, PATH)
    const place = this.#free.pop() ?? this.#records++
    try {
      this.#write(record, place)
    } catch (error) {
      this.#free.push(place)
      throw failure('write', error as NodeJS.ErrnoException)
    }
    return () => {
      // By now the descriptor may be a file of somebody else's.
      if (this.#closed) return
      this.#write(Buffer.alloc(RECORD), place)
      this.#free.push(place)
    }
  }

  /** Idempotent, and forgetting does nothing from then on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.descriptor)
  }

  #write(record: Buffer, place: number): void {
    writeSync(this.descriptor, record, 0, RECORD, place * RECORD)
  }
}

function failure(what: string, cause: NodeJS.ErrnoException): FrameringError {
  const details = { cause, ...(cause.errno !== undefined && { errno: Math.abs(cause.errno) }) }
  if (cause.code === 'ENOSPC') {
    return new FrameringError(
      'SHM_FULL',
      '/dev/shm has no room for the journal of a SharedMemoryManager, 4096 bytes; free some',
      details,
    )
  }
  const code = cause.code === 'EACCES' ? 'PERMISSION' : 'SYSTEM'
  const message = `cannot ${what} the journal of a SharedMemoryManager in /dev/shm: ${cause.message}`
  return new FrameringError(code, message, details)
}
