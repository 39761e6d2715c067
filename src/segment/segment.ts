import { FrameringError } from '../errors/framering-error.ts'
import type { NativeSegment, NativeSegmentOptions } from '../native/index.ts'
import { loadNative, nativeCall, SegmentFlags } from '../native/index.ts'
import { type Identity, isStill } from './identity.ts'

/** Where a buffer's segment is found. Alive as long as the buffer is, and so keeps the memory mapped. */
const segments = new WeakMap<ArrayBufferLike, Segment>()

/**
 * Memory that other processes can have too, mapped as a whole: what shared arrays, shared memory and
 * lists stand on.
 *
 * ```ts
 * const segment = Segment.create({ directory: '/dev/shm', bytes: 4096 })
 * new Uint8Array(segment.buffer).set(header)
 * segment.link('/dev/shm/front') // complete the moment it is there
 * ```
 *
 * A write through the buffer of a read-only one changes this process's own copy of the page, and
 * nothing for anybody else. When nothing refers to the buffer any more, the memory is unmapped.
 */
export class Segment {
  readonly bytes: number
  /** permission bits when it was opened */
  readonly mode: number
  readonly readOnly: boolean
  readonly identity: Identity
  /** What {@link Segment.attach} takes; undefined for one that is a file. */
  readonly name: string | undefined
  readonly #native: NativeSegment
  readonly #buffer: ArrayBuffer
  #closed = false

  private constructor(native: NativeSegment) {
    this.#native = native
    const { bytes, mode, readOnly, name, device, inode } = native.info()
    this.bytes = bytes
    this.mode = mode
    this.readOnly = readOnly
    this.identity = { device, inode }
    this.name = name === '' ? undefined : name
    this.#buffer = bufferOf(native)
    segments.set(this.#buffer, this)
  }

  /**
   * A new file for `directory`, without a name until {@link link}: zeros, every byte allocated, out of
   * anybody's reach. A process that dies before leaves nothing.
   *
   * @throws FrameringError OPTION_INVALID (bytes, mode), NOT_FOUND (the directory), PERMISSION,
   *   SHM_FULL, UNSUPPORTED, SYSTEM
   */
  static create(options: {
    readonly directory: string
    readonly bytes: number
    readonly mode?: number | undefined
  }): Segment {
    const { directory, bytes, mode = 0o600 } = options
    return Segment.#open({ kind: 'create', path: directory, bytes, mode, flags: SegmentFlags.None })
  }

  /**
   * The file at `path`. Symbolic links are followed, but not in /dev/shm.
   *
   * @throws FrameringError NOT_FOUND, PERMISSION, TRUNCATED (no bytes), OPTION_INVALID (no regular
   *   file), NAME_INVALID, SHM_FULL (no room to fill its holes), UNSUPPORTED, SYSTEM
   */
  static open(path: string, options: { readonly readOnly?: boolean | undefined } = {}): Segment {
    const follow = path.startsWith(SHM) ? SegmentFlags.None : SegmentFlags.Follow
    return Segment.#open({
      kind: 'open',
      path,
      bytes: 0,
      mode: 0,
      flags: follow | readOnlyFlag(options),
    })
  }

  /**
   * Memory that never is a file: freed by the kernel when the last process that has it is gone, and
   * not to be truncated by anybody.
   *
   * @throws FrameringError OPTION_INVALID (bytes), SHM_FULL, UNSUPPORTED, SYSTEM
   */
  static anonymous(bytes: number): Segment {
    return Segment.#open({ kind: 'anonymous', path: '', bytes, mode: 0, flags: SegmentFlags.None })
  }

  /**
   * The anonymous memory of that `name`, while any process has it.
   *
   * @throws FrameringError OPTION_INVALID (no such name can be), NOT_FOUND, PERMISSION, UNSUPPORTED,
   *   SYSTEM
   */
  static attach(name: string, options: { readonly readOnly?: boolean | undefined } = {}): Segment {
    return Segment.#open({
      kind: 'attach',
      path: name,
      bytes: 0,
      mode: 0,
      flags: readOnlyFlag(options),
    })
  }

  /** The segment whose buffer that is. */
  static of(buffer: ArrayBufferLike): Segment | undefined {
    return segments.get(buffer)
  }

  static #open(options: NativeSegmentOptions): Segment {
    return nativeCall(() => new Segment(loadNative().openSegment(options)))
  }

  /** All bytes; length 0 once it is closed. */
  get buffer(): ArrayBuffer {
    return this.#buffer
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Somebody cut the file off, or there was no memory for a page of it: zeros stand there. Known once
   * such a page was touched.
   */
  get truncated(): boolean {
    return !this.#closed && this.#native.info().truncated
  }

  /**
   * Gives a new file its name, once.
   *
   * @throws FrameringError EXISTS, NAME_INVALID, PERMISSION, NOT_FOUND, SHM_FULL, SYSTEM: it has none
   *   then, as before; OPTION_INVALID: it has one; CLOSED
   */
  link(path: string): void {
    nativeCall(() => {
      this.#native.link(path)
    })
  }

  /** Whether `path` still is this very file, and not one that somebody put in its place. */
  isNamed(path: string): boolean {
    return isStill(path, this.identity)
  }

  /**
   * msync(2) of the pages that `length` bytes from `offset` touch.
   *
   * @throws FrameringError OPTION_INVALID, TRUNCATED, CLOSED, SYSTEM
   */
  sync(offset: number, length: number, flags: number): void {
    nativeCall(() => {
      this.#native.sync(offset, length, flags)
    })
  }

  /** mlock(2). @throws FrameringError MEMLOCK, OPTION_INVALID, CLOSED, SYSTEM */
  lock(offset: number, length: number): void {
    nativeCall(() => {
      this.#native.lock(offset, length)
    })
  }

  /** munlock(2). @throws FrameringError OPTION_INVALID, CLOSED, SYSTEM */
  unlock(offset: number, length: number): void {
    nativeCall(() => {
      this.#native.unlock(offset, length)
    })
  }

  /** Unmaps it: every view becomes empty. A file stays. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    loadNative().detach(this.#buffer)
    this.#native.close()
  }
}

const SHM = '/dev/shm/'

function readOnlyFlag({ readOnly }: { readonly readOnly?: boolean | undefined }): SegmentFlags {
  return readOnly === true ? SegmentFlags.ReadOnly : SegmentFlags.None
}

function bufferOf(native: NativeSegment): ArrayBuffer {
  const buffer = native.buffer()
  if (buffer !== undefined) return buffer
  native.close()
  throw new FrameringError(
    'UNSUPPORTED',
    'this runtime forbids ArrayBuffers on foreign memory (Electron does), and shared memory is nothing else: ' +
      'use it in a Node process beside',
  )
}
