import { FrameringError } from 'framering'
import { fromBytes, type NdArray } from 'framering/ndarray'
import { openSemaphore, type Semaphore } from 'framering/semaphore'
import { SharedMemory } from 'framering/shared-memory'
import { FrameMeta, LOCK_TIMEOUT, metaName } from './protocol.ts'

/** A frame as `write.py` wrote it, in memory of its own. */
export interface DemoFrame {
  /** rows, columns, channels */
  readonly array: NdArray<'uint8'>
  /** from 1 */
  readonly count: number
}

/**
 * Frames that the demo's `write.py` writes.
 *
 * ```ts
 * using reader = new FrameReader('frame')
 * const frame = await reader.read() // undefined: none that is new
 * ```
 *
 * Otherwise than there, the copy is made under the lock, so that no frame is half another one; larger
 * frames and writers that restart are followed; and nothing that stands in the memory is believed.
 */
export class FrameReader implements Disposable {
  readonly #name: string
  #semaphore: Semaphore | undefined
  #meta: SharedMemory | undefined
  #frame: SharedMemory | undefined
  #count = 0n

  constructor(name: string) {
    this.#name = name
  }

  /** The frame that is there, once; undefined when it was read before, or there is no writer. */
  async read(): Promise<DemoFrame | undefined> {
    try {
      const { semaphore, meta } = this.#attached()
      return await semaphore.withLock(() => this.#copy(meta), { timeout: LOCK_TIMEOUT })
    } catch (error) {
      if (!(error instanceof FrameringError)) throw error
      // Half there yet, or replaced just now; or a process holds the lock that will not give it back,
      // and then a new writer brings a new one.
      if (!['NOT_FOUND', 'TRUNCATED', 'NOT_A_SEMAPHORE', 'TIMED_OUT'].includes(error.code)) {
        throw error
      }
      this[Symbol.dispose]()
      return undefined
    }
  }

  [Symbol.dispose](): void {
    this.#semaphore?.close()
    this.#meta?.close()
    this.#frame?.close()
    this.#semaphore = this.#meta = this.#frame = undefined
  }

  #attached(): { semaphore: Semaphore; meta: SharedMemory } {
    // A writer that restarts replaces this one first.
    if (this.#meta?.linked === false) this[Symbol.dispose]()
    if (this.#meta === undefined) this.#count = 0n
    this.#meta ??= new SharedMemory(metaName(this.#name))
    this.#semaphore ??= openSemaphore(this.#name)
    return { semaphore: this.#semaphore, meta: this.#meta }
  }

  #copy(meta: SharedMemory): DemoFrame | undefined {
    const { shape_0, shape_1, shape_2, size, count } = FrameMeta.read(meta.buf)
    if (count === this.#count) return undefined
    const shape = [shape_0, shape_1, shape_2]
    const bytes = shape.reduce((product, length) => product * length, 1)
    if (shape.some((length) => length < 1) || BigInt(bytes) !== size) return undefined
    if (this.#frame?.linked !== true) {
      this.#frame?.close()
      this.#frame = new SharedMemory({ name: this.#name, readOnly: true })
    }
    if (this.#frame.size < bytes) return undefined
    const pixels = this.#frame.buf.slice(0, bytes)
    // A writer that restarts takes this away before it writes: with a lock that is not this one.
    if (!meta.linked) return undefined
    this.#count = count
    return { array: fromBytes('uint8', shape, pixels), count: Number(count) }
  }
}
