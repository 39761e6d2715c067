import type { NativeReader } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import type { DType, NdArray } from '../ndarray/index.ts'
import { fromBytes } from '../ndarray/index.ts'
import { type FrameFormat, planeLayouts } from '../format/index.ts'
import type { SlotViews } from './slot-views.ts'

/**
 * The views on one held slot, made when they are first asked for: a frame whose pixels nobody looks
 * at costs no ArrayBuffer.
 */
export class HeldSlot {
  readonly index: number
  readonly #views: SlotViews
  readonly #reader: NativeReader
  #buffer: ArrayBuffer | undefined
  #copied = false
  #bytes: Uint8Array | undefined
  #array: NdArray | undefined
  #shape: readonly number[] | undefined
  #planes: readonly NdArray[] | undefined
  #planesOf: FrameFormat | undefined

  constructor(index: number, views: SlotViews, reader: NativeReader) {
    this.index = index
    this.#views = views
    this.#reader = reader
  }

  bytes(length: number): Uint8Array {
    const bytes = this.#bytes
    if (bytes !== undefined && bytes.length === length) return bytes
    return (this.#bytes = new Uint8Array(this.#lend(length), 0, length))
  }

  array(dtype: DType, shape: readonly number[], length: number): NdArray {
    // By identity: the shape is the epoch's own, and another format has another.
    if (this.#array !== undefined && this.#shape === shape) return this.#array
    this.#shape = shape
    return (this.#array = fromBytes(dtype, shape, this.#lend(length)))
  }

  /** Throws `FORMAT_INVALID` when the writer's planes do not lie in the frame. */
  planes(format: FrameFormat, length: number): readonly NdArray[] {
    if (this.#planes !== undefined && this.#planesOf === format) return this.#planes
    const layouts = planeLayouts(format)
    this.#planesOf = format
    return (this.#planes = layouts.map(({ offset, shape, strides }) =>
      fromBytes(format.dtype, shape, this.bytes(length).subarray(offset), strides),
    ))
  }

  /** The hold is over: what was handed out has length 0 from here on, unless the views are cached. */
  revoke(): void {
    const buffer = this.#buffer
    if (buffer === undefined || (this.#views.stay && !this.#copied)) return
    this.#buffer = undefined
    this.#bytes = undefined
    this.#array = undefined
    this.#planes = undefined
    if (this.#copied) transport().detach(buffer)
    else this.#views.takeBack(this.index, buffer)
  }

  #lend(length: number): ArrayBuffer {
    if (this.#buffer !== undefined && this.#buffer.byteLength !== 0) return this.#buffer
    const lent = this.#views.lend(this.index)
    this.#copied = lent === undefined
    return (this.#buffer = lent ?? this.#reader.copy(this.index, length))
  }
}
