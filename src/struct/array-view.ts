import { inspect } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import { wholeOption } from '../options/index.ts'
import { CODEC, type AccessOf, type FieldType, type Infer, type InputOf } from './field-type.ts'
import { Indexed, outside } from './indexed.ts'
import { checkThere, gone, shown } from './memory.ts'
import { lengthOf, prepareElements } from './prepare-elements.ts'

/** What is copied in and out, and may be assigned; all else is a view to write through. */
export type Primitive = number | bigint | boolean | string

/** What an {@link ArrayView} can do besides `[i]`. */
export interface ArrayMethods<T extends FieldType> extends Iterable<AccessOf<T>> {
  readonly length: number
  /** As `[i]`, and much faster; −1 is the last one. Throws `OPTION_INVALID` outside. */
  at(index: number): AccessOf<T>
  /**
   * Writes `values` from element `from` (0) on. All are checked first: `DTYPE_MISMATCH` and the like
   * for one that does not fit, `SHAPE_MISMATCH` when they reach beyond the end, with `needed` and
   * `available` elements; nothing is written then.
   */
  set(values: ArrayLike<InputOf<T>>, from?: number): void
  /** A plain copy. */
  toArray(): Infer<T>[]
}

/**
 * An array in memory: `meta.shape`, or what `array(f64, 3).at(bytes)` gives.
 *
 * ```ts
 * meta.shape.set([1080, 1920, 3])
 * meta.shape[0]                                      // 1080
 * meta.shape[0] = 720
 * for (const length of meta.shape) elements *= length
 * ```
 *
 * Every access throws `OPTION_INVALID` for an index outside and `RELEASED` once the memory is gone.
 * Elements that are structs or arrays are views themselves.
 */
export type ArrayView<T extends FieldType> = ArrayMethods<T> &
  ([AccessOf<T>] extends [Primitive]
    ? { [index: number]: AccessOf<T> }
    : { readonly [index: number]: AccessOf<T> })

/** What every {@link ArrayView} is. */
export class Elements<T extends FieldType> extends Indexed implements ArrayMethods<T> {
  readonly length: number
  readonly #type: T
  readonly #view: DataView
  readonly #start: number
  readonly #little: boolean
  /** Views of elements, made when first asked for. */
  #kept: Map<number, AccessOf<T>> | undefined

  constructor(type: T, length: number, view: DataView, start: number, little: boolean) {
    super()
    this.length = length
    this.#type = type
    this.#view = view
    this.#start = start
    this.#little = little
  }

  at(index: number): AccessOf<T> {
    const i = index < 0 ? index + this.length : index
    if (!Number.isInteger(i) || i < 0 || i >= this.length) throw outside(index, this.length)
    return this.#type[CODEC].isView ? this.#keep(i) : this.#access(i)
  }

  set(values: ArrayLike<InputOf<T>>, from = 0): void {
    wholeOption('from', from, 0, 0, this.length)
    const { size, [CODEC]: codec, name } = this.#type
    const count = lengthOf(values, 'the value', `an array of ${name}`)
    const needed = from + count
    if (needed > this.length) {
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `the values reach up to element ${needed} and there are ${this.length}; give fewer`,
        { needed, available: this.length },
      )
    }
    const prepared = prepareElements(this.#type, values, count, '', from)
    try {
      for (let i = 0; i < prepared.length; i++) {
        codec.store(this.#view, this.#start + (from + i) * size, this.#little, prepared[i])
      }
    } catch (error) {
      throw gone(this.#view, error)
    }
  }

  toArray(): Infer<T>[] {
    const { size, [CODEC]: codec } = this.#type
    try {
      return Array.from({ length: this.length }, (_, i) =>
        codec.load(this.#view, this.#start + i * size, this.#little),
      ) as Infer<T>[]
    } catch (error) {
      throw gone(this.#view, error)
    }
  }

  // Not by way of `at`: the views of a million elements are not worth keeping for having been passed.
  *[Symbol.iterator](): Generator<AccessOf<T>, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.#access(i)
  }

  [inspect.custom](): unknown {
    return shown(this.#view, () => this.toArray())
  }

  #access(i: number): AccessOf<T> {
    const { size, [CODEC]: codec } = this.#type
    try {
      return codec.access(this.#view, this.#start + i * size, this.#little) as AccessOf<T>
    } catch (error) {
      throw gone(this.#view, error)
    }
  }

  #keep(i: number): AccessOf<T> {
    checkThere(this.#view)
    const kept = (this.#kept ??= new Map<number, AccessOf<T>>())
    let view = kept.get(i)
    if (view === undefined) kept.set(i, (view = this.#access(i)))
    return view
  }
}
