import { FrameringError } from 'framering'
import { createSemaphore, type Semaphore, unlinkSemaphore } from 'framering/semaphore'
import { SharedMemory } from 'framering/shared-memory'
import { FrameMeta, LOCK_TIMEOUT, metaName } from './protocol.ts'

/**
 * Frames that the demo's `read.py` reads.
 *
 * ```ts
 * using writer = new FrameWriter('frame')
 * writer.add(pixels, [480, 640, 3])
 * ```
 *
 * What a former writer left under the name is replaced, as there. Otherwise than there, readers find all
 * three objects or none, a frame that does not fit gets larger memory, and the lock is given back
 * whatever happens.
 */
export class FrameWriter implements Disposable {
  readonly #name: string
  readonly #semaphore: Semaphore
  #meta: SharedMemory | undefined
  #frame: SharedMemory | undefined
  #count = 0n

  constructor(name: string) {
    this.#name = name
    forget(() => {
      SharedMemory.unlink(metaName(name))
    })
    forget(() => {
      unlinkSemaphore(name)
    })
    this.#semaphore = createSemaphore(name, { value: 1, exclusive: true })
  }

  /** The frames so far. */
  get count(): number {
    return Number(this.#count)
  }

  /**
   * Puts a frame there; `shape` is rows, columns, channels. False, and nothing changed, when a reader
   * keeps the lock for longer than a second.
   */
  add(pixels: Uint8Array, [rows, columns, channels]: readonly [number, number, number]): boolean {
    if (pixels.length !== rows * columns * channels) throw new RangeError('the shape is another')
    try {
      this.#semaphore.withLockSync(
        () => {
          const frame = this.#room(pixels.length)
          frame.buf.set(pixels)
          this.#describe({
            shape_0: rows,
            shape_1: columns,
            shape_2: channels,
            size: BigInt(pixels.length),
            count: ++this.#count,
          })
        },
        { timeout: LOCK_TIMEOUT },
      )
      return true
    } catch (error) {
      if (error instanceof FrameringError && error.code === 'TIMED_OUT') return false
      throw error
    }
  }

  /** Takes all three away, as `release()` there takes the two it knows of. */
  [Symbol.dispose](): void {
    // A writer that took the name since has a semaphore of its own under it.
    const replaced = this.#meta?.linked === false
    for (const memory of [this.#meta, this.#frame]) {
      if (memory === undefined) continue
      memory.close()
      forget(() => {
        memory.unlink()
      })
    }
    this.#semaphore.close()
    if (replaced) return
    forget(() => {
      unlinkSemaphore(this.#name)
    })
  }

  /** Memory for the frame. A larger one takes the name; who has the former keeps that one. */
  #room(bytes: number): SharedMemory {
    if (this.#frame !== undefined && this.#frame.size >= bytes) return this.#frame
    this.#frame?.close()
    forget(() => {
      SharedMemory.unlink(this.#name)
    })
    return (this.#frame = new SharedMemory({ name: this.#name, create: true, size: bytes }))
  }

  /** Comes last of the three: `read.py` waits for this one, and takes the others for granted. */
  #describe(meta: FrameMeta): void {
    this.#meta ??= new SharedMemory({
      name: metaName(this.#name),
      create: true,
      size: FrameMeta.size,
    })
    FrameMeta.write(this.#meta.buf, meta)
  }
}

/** Runs what may find nothing to do. */
function forget(unlink: () => void): void {
  try {
    unlink()
  } catch (error) {
    if (!(error instanceof FrameringError && error.code === 'NOT_FOUND')) throw error
  }
}
