import { inspect } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import type { Primitive } from './array-view.ts'
import {
  CODEC,
  type AccessOf,
  type Codec,
  type FieldType,
  type Infer,
  type InputOf,
} from './field-type.ts'
import { checkThere, gone, shown } from './memory.ts'

/** A definition: the fields of a struct by name, in the order they have in memory. */
export type Fields = Readonly<Record<string, FieldType>>

/** What `toObject` gives for a definition. */
export type PlainOf<F extends Fields> = { -readonly [K in keyof F]: Infer<F[K]> }

/** What `write` takes for a definition. */
export type InputsOf<F extends Fields> = { readonly [K in keyof F]: InputOf<F[K]> }

/** What a {@link StructView} can do besides its fields. */
export interface StructMethods<F extends Fields> {
  /** A plain copy, all the way down. Not one moment's: lock first if others write. */
  toObject(): PlainOf<F>
  /**
   * Writes the fields given and leaves the others alone; a struct or array among them must be whole.
   * All are checked first: `DTYPE_MISMATCH`, `SHAPE_MISMATCH`, `VALUE_TOO_LARGE` for what does not
   * fit, `OPTION_INVALID` for an unknown field; nothing is written then.
   */
  assign(values: Partial<InputsOf<F>>): void
}

/** The accessors of a definition: numbers, bigints, booleans and strings may be assigned to. */
export type ViewOf<F extends Fields> = {
  -readonly [K in keyof F as AccessOf<F[K]> extends Primitive ? K : never]: AccessOf<F[K]>
} & {
  readonly [K in keyof F as AccessOf<F[K]> extends Primitive ? never : K]: AccessOf<F[K]>
} & StructMethods<F>

const VIEW = Symbol('view')
const START = Symbol('start')
const KEPT = Symbol('kept')

/** The codec of a struct: takes parts of one as well. */
export interface StructCodec<F extends Fields> extends Codec<ViewOf<F>, PlainOf<F>, InputsOf<F>> {
  prepareSome(values: Partial<InputsOf<F>>, path: string): unknown
}

/** What every struct's view inherits: its own class has an accessor for each field. */
export class StructBase<F extends Fields = Fields> implements StructMethods<F> {
  declare readonly [CODEC]: StructCodec<F>
  readonly [VIEW]: DataView
  readonly [START]: number;
  /** Views of fields, made when first asked for. */
  [KEPT]: unknown[] | undefined

  constructor(view: DataView, start: number) {
    this[VIEW] = view
    this[START] = start
    this[KEPT] = undefined
    // A misspelt field that is assigned to must not become a property that nobody reads.
    Object.preventExtensions(this)
  }

  toObject(): PlainOf<F> {
    try {
      return this[CODEC].load(this[VIEW], this[START], true)
    } catch (error) {
      throw gone(this[VIEW], error)
    }
  }

  assign(values: Partial<InputsOf<F>>): void {
    const prepared = this[CODEC].prepareSome(values, '')
    try {
      this[CODEC].store(this[VIEW], this[START], true, prepared)
    } catch (error) {
      throw gone(this[VIEW], error)
    }
  }

  [inspect.custom](): unknown {
    return shown(this[VIEW], () => this.toObject())
  }
}

/** The class of a struct's views. It is made once: an access makes neither closure nor object. */
export function viewClass<F extends Fields>(
  fields: F,
  offsets: readonly number[],
  little: boolean,
  codec: StructCodec<F>,
): new (view: DataView, start: number) => StructBase<F> {
  const View = class StructView extends StructBase<F> {}
  Object.defineProperty(View.prototype, CODEC, { value: codec })
  Object.entries(fields).forEach(([name, type], i) => {
    const offset = offsets[i]!
    const accessor = type[CODEC].isView
      ? viewAccessor(name, type, offset, little, i)
      : valueAccessor(name, type, offset, little)
    Object.defineProperty(View.prototype, name, { ...accessor, enumerable: true })
  })
  return View
}

function valueAccessor(name: string, type: FieldType, offset: number, little: boolean) {
  const codec = type[CODEC]
  return {
    get(this: StructBase): unknown {
      try {
        return codec.load(this[VIEW], this[START] + offset, little)
      } catch (error) {
        throw gone(this[VIEW], error)
      }
    },
    set(this: StructBase, value: unknown): void {
      const prepared = codec.prepare(value, name)
      try {
        codec.store(this[VIEW], this[START] + offset, little, prepared)
      } catch (error) {
        throw gone(this[VIEW], error)
      }
    },
  }
}

function viewAccessor(name: string, type: FieldType, offset: number, little: boolean, i: number) {
  const codec = type[CODEC]
  return {
    get(this: StructBase): unknown {
      checkThere(this[VIEW])
      const kept = (this[KEPT] ??= [])
      return (kept[i] ??= codec.access(this[VIEW], this[START] + offset, little))
    },
    set(this: StructBase): never {
      throw new FrameringError(
        'OPTION_INVALID',
        `${name} is a view of the memory and cannot be replaced; write with assign({ ${name}: … })`,
      )
    },
  }
}
