import fc from 'fast-check'
import {
  array,
  bool,
  bytes,
  f16,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  string,
  struct,
  u16,
  u32,
  u64,
  u8,
  type FieldType,
  type StructType,
} from '../../src/struct/index.ts'

export const SCALARS = { i8, u8, i16, u16, i32, u32, i64, u64, f16, f32, f64, bool }

export type ScalarName = keyof typeof SCALARS
type Order = 'little' | 'big'
type Pack = 1 | 2 | 4 | 8 | undefined

/** A definition that C, Python and TypeScript can be told alike. */
export type Spec =
  | { kind: 'scalar'; name: ScalarName }
  | { kind: 'string' | 'bytes'; length: number }
  | { kind: 'array'; element: Spec; length: number }
  | StructSpec

export interface StructSpec {
  kind: 'struct'
  /** field number i is named `f${i}` */
  fields: Spec[]
  pack: Pack
  order: Order
}

/** A definition and a value for it. */
export interface Sample {
  spec: StructSpec
  value: Record<string, unknown>
}

export function build(spec: StructSpec): StructType<Record<string, FieldType>> {
  const fields = Object.fromEntries(spec.fields.map((field, i) => [`f${i}`, typeOf(field)]))
  // Little is this machine's, and is to be what is left out.
  return struct(fields, {
    packed: spec.pack === 1 ? true : spec.pack,
    byteOrder: spec.order === 'big' ? 'big' : undefined,
  })
}

function typeOf(spec: Spec): FieldType {
  switch (spec.kind) {
    case 'scalar':
      return SCALARS[spec.name]
    case 'string':
      return string(spec.length)
    case 'bytes':
      return bytes(spec.length)
    case 'array':
      return array(typeOf(spec.element), spec.length)
    case 'struct':
      return build(spec)
  }
}

/** Structs as deep as three, of fields of the given scalars and everything else there is. */
export function samples(scalars: readonly ScalarName[]): fc.Arbitrary<Sample> {
  const leaf: fc.Arbitrary<Spec> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('scalar' as const),
        name: fc.constantFrom(...scalars),
      }),
    },
    fc.record({
      kind: fc.constantFrom('string' as const, 'bytes' as const),
      length: fc.integer({ min: 1, max: 9 }),
    }),
  )
  const { root } = fc.letrec<{ node: Spec; root: StructSpec }>((tie) => ({
    root: fc.record({
      kind: fc.constant('struct' as const),
      fields: fc.array(tie('node'), { minLength: 1, maxLength: 6, depthIdentifier: 'struct' }),
      pack: fc.constantFrom<Pack>(undefined, undefined, 1, 2, 4, 8),
      order: fc.constantFrom<Order>('little', 'little', 'big'),
    }),
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'struct' },
      leaf,
      fc.record({
        kind: fc.constant('array' as const),
        element: tie('node'),
        length: fc.integer({ min: 1, max: 4 }),
      }),
      tie('root'),
    ),
  }))
  return root.chain((spec) =>
    valueOf(spec).map((value) => ({ spec, value: value as Record<string, unknown> })),
  )
}

/** Any value that such a field can have. No NaN: which of its many patterns is anybody's choice. */
export function valueOf(spec: Spec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case 'scalar':
      return scalarValue(spec.name)
    case 'string':
      return fc
        .string({ unit: 'binary', maxLength: spec.length })
        .map((text) => cut(text.replaceAll('\0', ''), spec.length))
    case 'bytes':
      return fc.uint8Array({ minLength: spec.length, maxLength: spec.length })
    case 'array':
      return fc.array(valueOf(spec.element), { minLength: spec.length, maxLength: spec.length })
    case 'struct':
      return fc.record(Object.fromEntries(spec.fields.map((field, i) => [`f${i}`, valueOf(field)])))
  }
}

function scalarValue(name: ScalarName): fc.Arbitrary<unknown> {
  const bits = Number(/\d+/.exec(name)?.[0])
  switch (name) {
    case 'bool':
      return fc.boolean()
    case 'f16':
      // Halves of steps that it has: what has to be rounded is in element-types.test.ts of ndarray.
      return fc.integer({ min: -2048, max: 2048 }).map((n) => n / 2)
    case 'f32':
      return fc.float({ noNaN: true })
    case 'f64':
      return fc.double({ noNaN: true })
    case 'i64':
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
    case 'u64':
      return fc.bigInt(0n, 2n ** 64n - 1n)
    default:
      return name.startsWith('u')
        ? fc.integer({ min: 0, max: 2 ** bits - 1 })
        : fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
  }
}

/** As many of its characters as fit into `length` bytes of UTF-8. */
function cut(text: string, length: number): string {
  let end = ''
  for (const character of text) {
    if (Buffer.byteLength(end + character) > length) break
    end += character
  }
  return end
}
