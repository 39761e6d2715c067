import { inspect } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import { type Segment, shmPath, unlinkFile } from '../segment/index.ts'
import { attachMemory, attachOrCreateMemory, createMemory, NamedMemory } from './named-memory.ts'
import {
  flagRequestOf,
  type Request,
  requestOf,
  type SharedMemoryFlagOptions,
  type SharedMemoryOptions,
} from './shared-memory-options.ts'

/**
 * Bytes under a name that any process on the machine can attach to: Python's
 * `multiprocessing.shared_memory.SharedMemory`, and the same objects.
 *
 * ```ts
 * const shm = new SharedMemory({ create: true, size: 4096 }) // one process
 * shm.buf.set([1, 2, 3])
 * child.send(shm.name) // 'psm_1a2b3c4d'
 *
 * using shm = new SharedMemory(name) // another: in Python, SharedMemory(name)
 * shm.buf[0] // 1
 * ```
 *
 * The memory stays until somebody calls `unlink()`, also when every process that had it is gone: only
 * a `SharedMemoryManager` frees what its process has made.
 */
export class SharedMemory implements Disposable {
  /** without the slash that POSIX has before it */
  readonly name: string
  /** bytes; stays after `close()` */
  readonly size: number
  /** permission bits when this was opened, such as 0o600 */
  readonly mode: number
  readonly readOnly: boolean
  readonly #segment: Segment
  readonly #path: string
  readonly #buf: Uint8Array<ArrayBuffer>
  readonly #forget: () => void

  /**
   * `new SharedMemory(name)` attaches; `new SharedMemory({ name, create: true, size })` creates, of
   * zeros, and never attaches; `create: 'attach-or-create'` does whichever it takes, and `size` is the
   * least it accepts.
   *
   * `new SharedMemory(name, flags, options)` is posix_ipc's form: 0 attaches, `O_CREX` creates,
   * `O_CREAT` does whichever it takes. Memory that is there is never resized, and never truncated.
   *
   * Throws `NOT_FOUND` (none to attach to), `EXISTS` (to create), `SHAPE_MISMATCH` (less than `size`
   * bytes are there), `NAME_INVALID`, `OPTION_INVALID`, `PERMISSION`, `SHM_FULL`, `TRUNCATED` (no bytes
   * are there), `UNSUPPORTED`, `SYSTEM`.
   */
  constructor(name: string | undefined, flags?: number, options?: SharedMemoryFlagOptions)
  constructor(options: SharedMemoryOptions)
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- this one is not in the package
  constructor(memory: NamedMemory)
  constructor(
    first: string | SharedMemoryOptions | NamedMemory | undefined,
    flags = 0,
    options: SharedMemoryFlagOptions = {},
  ) {
    const memory =
      first instanceof NamedMemory
        ? first
        : opened(
            typeof first === 'string' || first === undefined
              ? flagRequestOf(first, flags, options)
              : requestOf(first),
          )
    const { segment, path, forget } = memory
    this.name = memory.name
    this.size = segment.bytes
    this.mode = segment.mode
    this.readOnly = segment.readOnly
    this.#segment = segment
    this.#path = path
    this.#buf = new Uint8Array(segment.buffer)
    this.#forget = forget
  }

  /**
   * Removes the memory of that name, whoever made it. Throws `NOT_FOUND`, `PERMISSION`,
   * `NAME_INVALID`, `SYSTEM`.
   */
  static unlink(name: string): void {
    unlinkFile(shmPath(name))
  }

  /**
   * All bytes, without a copy; length 0 once it is closed. Where `readOnly`, what is written here stays
   * in this process.
   */
  get buf(): Uint8Array<ArrayBuffer> {
    return this.#buf
  }

  get closed(): boolean {
    return this.#segment.closed
  }

  /**
   * Somebody has cut the memory short: what is missing reads as zeros. Noticed when a page that is
   * missing is read or written, and not before; never for a cut within the last page.
   */
  get truncated(): boolean {
    return this.#segment.truncated
  }

  /** Whether the name still is this memory: not once it was unlinked, or given to other memory since. */
  get linked(): boolean {
    return this.#segment.isNamed(this.#path)
  }

  /** Lets go of the memory: `buf` and views of it become empty. The name stays. Idempotent. */
  close(): void {
    this.#segment.close()
  }

  /**
   * Removes the name: nobody can attach any more, and the memory is freed when the last one that has
   * it lets go. Works before and after `close()`, from any process, once.
   *
   * Throws `NOT_FOUND` when the name is gone or is other memory's by now, which stays; `PERMISSION`,
   * `SYSTEM`.
   */
  unlink(): void {
    if (!this.linked) {
      throw new FrameringError(
        'NOT_FOUND',
        `the shared memory '${this.name}' was unlinked before; once is enough for all processes`,
      )
    }
    unlinkFile(this.#path)
    this.#forget()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What `new SharedMemory()` attaches with in another process, after `JSON.parse`. */
  toJSON(): { readonly name: string } {
    return { name: this.name }
  }

  toString(): string {
    return `SharedMemory('${this.name}', size=${this.size})`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function opened(request: Request): NamedMemory {
  const { intent, name, mode, readOnly } = request
  const fresh = () => ({ name, bytes: sizeOf(request), mode })
  if (intent === 'create' || name === undefined) return createMemory(fresh())
  const memory =
    intent === 'attach' ? attachMemory(name, readOnly) : attachOrCreateMemory(name, fresh)
  const { bytes } = memory.segment
  if (bytes >= request.atLeast) return memory
  memory.segment.close()
  throw new FrameringError(
    'SHAPE_MISMATCH',
    `the shared memory '${name}' has ${bytes} bytes and not the ${request.atLeast} asked for. ` +
      'Resizing it would pull it from under whoever has it: ask for less, or unlink it and create it anew',
    { needed: request.atLeast, available: bytes },
  )
}

function sizeOf({ name, size }: Request): number {
  if (size !== undefined) return size
  throw new FrameringError(
    'NOT_FOUND',
    `there is no shared memory '${name}', and without a size none is created; give size`,
  )
}
