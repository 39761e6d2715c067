import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, choiceOption, show } from '../options/index.ts'
import { checkType, CODEC, fieldType, mismatch, type FieldType } from './field-type.ts'
import { layOut } from './layout.ts'
import { NATIVE_LITTLE, placed, type Placed } from './placed.ts'
import {
  StructBase,
  viewClass,
  type Fields,
  type InputsOf,
  type PlainOf,
  type StructCodec,
  type ViewOf,
} from './struct-view.ts'

/** How a struct lies in memory where it is not as C lays it out on this machine. */
export interface StructOptions {
  /**
   * No field is aligned to more than this: C's `#pragma pack(n)`, `_pack_` of ctypes. `true` is 1, no
   * padding at all. Default `false`.
   */
  readonly packed?: boolean | 1 | 2 | 4 | 8 | undefined
  /** Of its numbers; a struct within keeps its own. Default: this machine's. */
  readonly byteOrder?: 'little' | 'big' | undefined
}

/** What {@link struct} gives. */
export interface StructType<F extends Fields>
  extends
    FieldType<ViewOf<F>, PlainOf<F>, InputsOf<F>>,
    Placed<ViewOf<F>, PlainOf<F>, InputsOf<F>> {
  /** The definition. */
  readonly fields: F
  /** Bytes from the start of the struct to each field: C's `offsetof`. */
  readonly offsets: { readonly [K in keyof F]: number }
}

/**
 * The view of a struct type.
 *
 * ```ts
 * const Meta = struct({ shape: array(i32, 3), count: i64 })
 * function advance(meta: StructView<typeof Meta>) { meta.count += 1n }
 * ```
 */
export type StructView<T extends { readonly fields: Fields }> = ViewOf<T['fields']>

/**
 * A C structure, to be laid over bytes that C, Python or another framering shares.
 *
 * ```ts
 * const Meta = struct({ shape: array(i32, 3), size: i64, count: i64 })
 * Meta.size           // 32
 * Meta.offsets.size   // 16: four bytes of padding before it, as C has them
 * const meta = Meta.at(memory.buf)
 * meta.count += 1n    // in the shared memory
 * meta.shape[0]       // 1080
 * meta.toObject()     // { shape: [1080, 1920, 3], size: 6220800n, count: 1n }
 * ```
 *
 * Fields lie in the order of the definition, padded as C does. No access is atomic or ordered: a lock
 * that both sides take keeps them apart.
 *
 * Throws `OPTION_INVALID` for a struct without fields (C has none), a field that is no type, a name
 * that the views have already (`toObject`, `constructor`), and a name that is a number: JavaScript
 * would move it to the front.
 */
export function struct<F extends Fields>(
  definition: F,
  options: StructOptions = {},
): StructType<F> {
  checkOptions('struct', options, ['packed', 'byteOrder'])
  const fields: F = Object.freeze({ ...checkFields(definition) })
  const types = Object.values<FieldType>(fields)
  const layout = layOut(types, packOption(options.packed))
  const little = choiceOption('byteOrder', options.byteOrder, NATIVE_LITTLE ? 'little' : 'big', {
    little: true,
    big: false,
  })
  const codec = structCodec(fields, layout.offsets, little)
  const names = Object.keys(fields)
  const offsets = Object.fromEntries(names.map((name, i) => [name, layout.offsets[i]]))
  return fieldType('struct', layout.size, layout.alignment, codec, {
    fields,
    offsets: Object.freeze(offsets) as StructType<F>['offsets'],
    ...placed(layout.size, codec),
  })
}

function structCodec<F extends Fields>(
  fields: F,
  offsets: readonly number[],
  little: boolean,
): StructCodec<F> {
  const names = Object.keys(fields)
  const codecs = Object.values<FieldType>(fields).map((type) => type[CODEC])
  function prepare(values: unknown, path: string, whole: boolean): unknown[] {
    const given = checkNames(values, fields, path)
    return names.map((name, i) => {
      const value = given[name]
      const at = path === '' ? name : `${path}.${name}`
      if (value !== undefined) return codecs[i]!.prepare(value, at)
      if (!whole) return undefined
      throw new FrameringError(
        'OPTION_INVALID',
        `${at} is missing; give every field, or write a few with assign() of a view`,
      )
    })
  }
  // The order that comes with a call is that of the struct around: this one has its own.
  const codec: StructCodec<F> = {
    isView: true,
    access: (view, at) => new View(view, at) as unknown as ViewOf<F>,
    load: (view, at) => {
      const object: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) {
        object[names[i]!] = codecs[i]!.load(view, at + offsets[i]!, little)
      }
      return object as PlainOf<F>
    },
    prepare: (values, path) => prepare(values, path, true),
    prepareSome: (values, path) => prepare(values, path, false),
    store(view, at, _around, prepared) {
      const values = prepared as unknown[]
      for (let i = 0; i < names.length; i++) {
        // Left out of an assign().
        if (values[i] === undefined) continue
        codecs[i]!.store(view, at + offsets[i]!, little, values[i])
      }
    },
  }
  const View = viewClass(fields, offsets, little, codec)
  return codec
}

function checkFields<F extends Fields>(definition: F): F {
  if (
    typeof definition !== 'object' ||
    (definition as unknown) === null ||
    Array.isArray(definition)
  ) {
    refuse(`the definition is ${show(definition)}`, 'give an object: { count: i64 }')
  }
  const names = Reflect.ownKeys(definition)
  if (names.length === 0)
    refuse('a struct has no fields', 'C has no such struct; give one at least')
  for (const name of names) {
    if (typeof name === 'symbol') refuse(`a field is named by ${String(name)}`, 'give it a string')
    checkType(`field ${show(name)}`, definition[name])
    if (name in StructBase.prototype) {
      refuse(`a field is named ${show(name)}, as a member of every view is`, RENAME)
    }
    if (String(Number(name)) === name) {
      refuse(`a field is named ${show(name)}, and JavaScript moves numbers to the front`, RENAME)
    }
  }
  return definition
}

const RENAME = 'name it otherwise: in memory there are no names'

/** The object that fields are given in. Throws unless it is one, and of known fields alone. */
function checkNames(values: unknown, fields: Fields, path: string): Record<string, unknown> {
  if (typeof values !== 'object' || values === null) {
    mismatch(path || 'the value', values, 'a struct', 'an object with its fields')
  }
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(fields, name)) continue
    refuse(
      `${path || 'the value'} has a field ${show(name)} that the struct has not`,
      `it has ${Object.keys(fields).join(', ')}`,
    )
  }
  return values as Record<string, unknown>
}

function packOption(packed: StructOptions['packed']): number {
  switch (packed) {
    case undefined:
    case false:
      return Infinity
    case true:
      return 1
    case 1:
    case 2:
    case 4:
    case 8:
      return packed
    default:
      return refuse(`packed is ${show(packed)}`, 'give true, 1, 2, 4 or 8, or leave it out')
  }
}

function refuse(what: string, next: string): never {
  throw new FrameringError('OPTION_INVALID', `${what}; ${next}`)
}
