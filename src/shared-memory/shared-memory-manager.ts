import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, wholeOption } from '../options/index.ts'
import { atExit } from '../process/index.ts'
import type { Identity, Segment } from '../segment/index.ts'
import { Guardian } from './guardian.ts'
import { Journal } from './journal.ts'
import type { ListItem } from './list-item.ts'
import { createMemory, removeOwn } from './named-memory.ts'
import { ShareableList } from './shareable-list.ts'
import { SharedMemory } from './shared-memory.ts'

/** What a manager's methods take. */
export interface OwnedOptions {
  /** 1 to 255 bytes without `/`; a fresh one if left out */
  readonly name?: string | undefined
  /** permission bits, exactly (the umask takes none away), of 0o664; 0o600 */
  readonly mode?: number | undefined
}

/** Memory that is freed with its manager. */
interface Owned {
  readonly path: string
  readonly identity: Identity
  /** alive as long as anybody has its buffer; the SharedMemory may be gone before */
  memory?: WeakRef<Segment>
}

const OPTIONS = ['name', 'mode']

/**
 * Owns the shared memory it makes, and frees all of it when it is shut down, when its process or worker
 * ends, and when its process is killed: Python's `multiprocessing.managers.SharedMemoryManager`.
 *
 * ```ts
 * using manager = new SharedMemoryManager()
 * const pixels = manager.sharedMemory(1920 * 1080 * 3)
 * const state = manager.shareableList(['front', 0, true])
 * child.send({ pixels: pixels.name, state: state.shm.name })
 * ```
 *
 * Freed means: the name is gone, and this process lets go of the memory; another one that has it mapped
 * keeps it until it lets go too. What other processes have put in the place of a name stays.
 *
 * A small process of its own (`framering-guardian`) waits for the end of this one; it shares no terminal
 * with it and holds nothing else. Somebody who kills both with SIGKILL at once leaves the memory behind.
 */
export class SharedMemoryManager implements Disposable, AsyncDisposable {
  readonly #journal: Journal
  readonly #guardian: Guardian
  readonly #owned = new Set<Owned>()
  readonly #leaveExit: () => void
  #closed = false

  /** Throws `UNSUPPORTED` (not built, or not Linux), `SHM_FULL`, `PERMISSION`, `SYSTEM`. */
  constructor() {
    this.#journal = new Journal()
    try {
      this.#guardian = new Guardian(this.#journal.descriptor)
    } catch (error) {
      this.#journal.close()
      throw error
    }
    this.#leaveExit = atExit(() => {
      // What is in the way of one must not be in the way of what else there is to do at exit.
      this.#free()
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Process id of the guardian; another one when somebody has killed it. */
  get guardianPid(): number {
    return this.#guardian.pid
  }

  /**
   * New memory of `size` bytes, all zeros. Throws `CLOSED`, `EXISTS`, `NAME_INVALID`, `OPTION_INVALID`,
   * `SHM_FULL`, `PERMISSION`, `SYSTEM`.
   */
  sharedMemory(size: number, options: OwnedOptions = {}): SharedMemory {
    const bytes = wholeOption('size', size, 0, 1, Number.MAX_SAFE_INTEGER)
    return this.#make('manager.sharedMemory()', options, bytes)
  }

  /**
   * A new list. Throws what `sharedMemory` does, and `DTYPE_MISMATCH`, `VALUE_TOO_LARGE` for an item
   * that a list cannot hold.
   */
  shareableList(items: Iterable<ListItem> = [], options: OwnedOptions = {}): ShareableList {
    const { bytes, fill } = ShareableList.pack(items)
    return new ShareableList(this.#make('manager.shareableList()', options, bytes, fill))
  }

  /**
   * Frees everything: names are gone on return, and buffers of this process empty. Idempotent. Throws
   * `PERMISSION`, `SYSTEM` for the first name that could not be removed, after all others are.
   */
  shutdown(): void {
    const failure = this.#free()
    if (failure !== undefined) throw failure
  }

  [Symbol.dispose](): void {
    this.shutdown()
  }

  /** Also waits until the guardian has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.shutdown()
    await this.#guardian.ended()
  }

  #make(
    where: string,
    options: OwnedOptions,
    bytes: number,
    fill?: (memory: Uint8Array) => void,
  ): SharedMemory {
    if (this.#closed) {
      throw new FrameringError('CLOSED', 'the SharedMemoryManager was shut down; make another one')
    }
    checkOptions(where, options, OPTIONS)
    const mode = wholeOption('mode', options.mode, 0o600, 0, 0o777)
    this.#guardian.ensure()
    let owned!: Owned
    const remember = (path: string, identity: Identity) => {
      const forget = this.#journal.add(path, identity)
      const entry: Owned = { path, identity }
      this.#owned.add(entry)
      owned = entry
      return () => {
        this.#owned.delete(entry)
        forget()
      }
    }
    const { name } = options
    const memory = createMemory({ name, bytes, mode, remember, ...(fill && { fill }) })
    owned.memory = new WeakRef(memory.segment)
    return new SharedMemory(memory)
  }

  #free(): Error | undefined {
    if (this.#closed) return undefined
    this.#closed = true
    this.#leaveExit()
    let failure: Error | undefined
    for (const { path, identity, memory } of this.#owned) {
      try {
        removeOwn(path, identity)
      } catch (error) {
        failure ??= error as Error
      }
      memory?.deref()?.close()
    }
    this.#owned.clear()
    // The guardian has a look too: at names that are gone, and at those that were not to be removed.
    this.#guardian.dismiss()
    this.#journal.close()
    return failure
  }
}
