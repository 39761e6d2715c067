import { getSystemErrorName } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import type { FormatSpec, FrameFormat } from '../format/index.ts'
import { resolveFormat } from '../format/index.ts'
import type { NativeWriter } from '../native/index.ts'
import { asFrameringError } from '../native/index.ts'
import { copyElements } from '../ndarray/copy.ts'
import { NdArray } from '../ndarray/index.ts'
import { infoText, isOpaque, toNative } from './epoch.ts'
import { atExit } from '../process/index.ts'
import { bytesOf, checkArray, checkLength, contiguousBytes, filledBytes } from './frame-bytes.ts'
import type { FrameMeta } from './frame-meta.ts'
import { writeMeta } from './frame-meta.ts'
import { Loan } from './loan.ts'
import type { LoanedSlot, LoanStrategy } from './loan-desk.ts'
import { LoanDesk, SLOTLESS } from './loan-desk.ts'
import type { WriterStats } from './writer-stats.ts'
import { writerStats } from './writer-stats.ts'

/**
 * Publishes frames into a ring. Made by `createWriter`; one per ring.
 *
 * ```ts
 * using writer = createWriter('depth', { dtype: 'float32', shape: [480, 640] })
 * writer.write(metres, { captureTime: now() })
 * ```
 *
 * Use a writer from one thread.
 */
export class Writer implements Disposable {
  readonly name: string
  readonly #native: NativeWriter
  readonly #desk: LoanDesk
  #format: FrameFormat
  #opaque: boolean
  /** The mailbox tells of a frame of so many bytes and no meta; -1: of something else. */
  #plain = -1
  /** Ends what closes this writer when the process exits. */
  readonly #staysOpen: () => void
  #closed = false

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(
    name: string,
    writer: NativeWriter,
    format: FrameFormat,
    strategy: LoanStrategy,
  ) {
    this.name = name
    this.#native = writer
    this.#format = format
    this.#opaque = isOpaque(format)
    this.#desk = new LoanDesk(writer, strategy, {
      publish: (slot, meta) => this.#publish(slot, meta),
      abandon: (slot) => {
        this.#abandon(slot)
      },
    })
    this.#staysOpen = atExit(() => {
      this.close()
    })
  }

  /** @internal */
  static make(
    name: string,
    writer: NativeWriter,
    format: FrameFormat,
    strategy: LoanStrategy,
  ): Writer {
    return new Writer(name, writer, format, strategy)
  }

  /** What the frames are from now on. */
  get format(): FrameFormat {
    return this.#format
  }

  /** Whether the memory is locked: true, `'partial'`, or why not (`'ENOMEM: …'`). */
  get locked(): true | 'partial' | (string & {}) {
    const { locked, lockErrno } = this.#open().info()
    if (locked === 2) return true
    if (locked === 1) return 'partial'
    if (lockErrno === 0) return 'not asked for'
    const name = getSystemErrorName(-lockErrno)
    return `${name}: raise RLIMIT_MEMLOCK (ulimit -l, docker run --ulimit memlock=-1)`
  }

  /** The last sequence used up, by a frame or by one that had to be dropped; 0 at the start. */
  get sequence(): number {
    return this.#open().stats().head
  }

  /**
   * Copies a frame into a slot and publishes it. Returns its sequence; 0 when it was dropped because
   * readers hold every slot, which a gap tells them (see `slotsFor`).
   *
   * Bytes must be a whole frame (for compressed formats: at most), an array must have dtype and shape
   * of the format; its strides may be any.
   *
   * Throws `FRAME_TOO_LARGE`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `RELEASED`, `OPTION_INVALID`, `CLOSED`,
   * `TRUNCATED`; nothing is published then and no sequence used up.
   */
  write(data: ArrayBufferView | ArrayBufferLike | NdArray, meta?: FrameMeta): number {
    const writer = this.#open()
    if (data instanceof NdArray) {
      checkArray(data, this.#format, this.#opaque)
      if (!data.isContiguous) return this.#writeStrided(data, meta)
    }
    const bytes = data instanceof NdArray ? contiguousBytes(data) : bytesOf(data)
    checkLength(bytes.byteLength, this.#format, this.#opaque)
    this.#describe(writer, meta, bytes.byteLength)
    try {
      return writer.write(bytes)
    } catch (error) {
      throw asFrameringError(error)
    }
  }

  /**
   * A slot to fill in place. Never fails for want of a slot: see `Loan.slotless`. Waits only for
   * `reliable` readers, at most `reliableLimit`. Throws `CLOSED` or `TRUNCATED`.
   */
  loan(): Loan {
    this.#open()
    try {
      return Loan.make(this.#desk.take(this.#format.bytes), this.#format)
    } catch (error) {
      throw asFrameringError(error)
    }
  }

  /**
   * A new format from the next frame on; `frame.epoch` rises. One that needs more than the slots hold
   * makes a larger ring under the same name, and readers follow. `info` replaces the former one.
   *
   * Throws `FORMAT_INVALID`, `OPTION_INVALID` (also while loans are out: publish or abandon them first),
   * `SHM_FULL`, `MEMLOCK`, `CLOSED`; the old format stays then.
   */
  setFormat(spec: FormatSpec, info?: unknown): void {
    const writer = this.#open()
    const format = resolveFormat(spec)
    const text = infoText(info)
    if (this.#desk.out > 0) {
      throw new FrameringError(
        'OPTION_INVALID',
        `${this.#desk.out} loans of the old format are out; publish or abandon them before setFormat`,
      )
    }
    const { generation, slotBytes } = writer.info()
    try {
      writer.setFormat(toNative(format), Math.max(slotBytes, format.bytes), text)
    } catch (error) {
      throw asFrameringError(error)
    }
    this.#format = format
    this.#opaque = isOpaque(format)
    if (writer.info().generation !== generation) this.#desk.renew()
  }

  get closed(): boolean {
    return this.#closed
  }

  stats(): WriterStats {
    return writerStats(this.#open())
  }

  /**
   * Ends the stream: readers get what is left and then the end. Removes the ring's objects. Loans that
   * are out are abandoned. Idempotent; happens by itself at `process.exit()` and at an uncaught
   * exception, not when a signal kills the process (the next writer of the name clears up then).
   */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#staysOpen()
    this.#desk.close()
    this.#native.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #open(): NativeWriter {
    if (!this.#closed) return this.#native
    throw new FrameringError(
      'CLOSED',
      `the writer of ring '${this.name}' is closed; create another with createWriter`,
    )
  }

  /** Where there is nothing to say, and was nothing before, the mailbox says it already. */
  #describe(writer: NativeWriter, meta: FrameMeta | undefined, bytes: number): void {
    if (meta === undefined && this.#plain === bytes) return
    this.#plain = -1
    writeMeta(writer.mailbox, meta, bytes)
    if (meta === undefined) this.#plain = bytes
  }

  #writeStrided(array: NdArray, meta: FrameMeta | undefined): number {
    using loan = this.loan()
    copyElements(array.data, array.dtype, array, loan.array.data)
    return loan.publish(meta)
  }

  #publish(slot: LoanedSlot, meta: FrameMeta | undefined): number {
    const writer = this.#open()
    const filled = filledBytes(meta?.bytesUsed, this.#format, this.#opaque)
    this.#describe(writer, meta, filled)
    let sequence: number
    try {
      // Published before the views go: when it fails the loan goes on, with what was filled in.
      sequence =
        slot.index === SLOTLESS
          ? writer.write(new Uint8Array(slot.buffer, 0, filled))
          : writer.publish(slot.index)
    } catch (error) {
      throw asFrameringError(error)
    }
    this.#desk.takeBack(slot)
    return sequence
  }

  #abandon(slot: LoanedSlot): void {
    if (!slot.out) return
    this.#desk.takeBack(slot)
    if (slot.index !== SLOTLESS) this.#native.abandon(slot.index)
  }
}
