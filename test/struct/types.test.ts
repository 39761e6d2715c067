import { expectTypeOf, test } from 'vitest'
import {
  array,
  bool,
  bytes,
  f64,
  i32,
  i64,
  string,
  struct,
  u8,
  type ArrayView,
  type Infer,
  type StructView,
} from '../../src/struct/index.ts'

const Point = struct({ x: f64, tag: u8 })
const Meta = struct({
  shape: array(i32, 3),
  count: i64,
  live: bool,
  source: string(8),
  raw: bytes(4),
  origin: Point,
  path: array(Point, 2),
  matrix: array(array(f64, 4), 4),
})
const meta = Meta.at(new ArrayBuffer(Meta.size))

test('accessors have the types that the definition says', () => {
  expectTypeOf(meta.count).toEqualTypeOf<bigint>()
  expectTypeOf(meta.live).toEqualTypeOf<boolean>()
  expectTypeOf(meta.source).toEqualTypeOf<string>()
  expectTypeOf(meta.raw).toEqualTypeOf<Uint8Array>()
  expectTypeOf(meta.origin.x).toEqualTypeOf<number>()
  expectTypeOf(meta.origin).toEqualTypeOf<StructView<typeof Point>>()
  expectTypeOf(meta.shape).toEqualTypeOf<ArrayView<typeof i32>>()
  expectTypeOf(meta.shape.at(0)).toEqualTypeOf<number>()
  expectTypeOf(meta.path.at(0).tag).toEqualTypeOf<number>()
  expectTypeOf(meta.matrix.at(0).at(0)).toEqualTypeOf<number>()
  expectTypeOf([...meta.shape]).toEqualTypeOf<number[]>()
})

test('the plain value of a definition is inferred, all the way down', () => {
  interface Plain {
    shape: number[]
    count: bigint
    live: boolean
    source: string
    raw: Uint8Array
    origin: { x: number; tag: number }
    path: { x: number; tag: number }[]
    matrix: number[][]
  }
  expectTypeOf<Infer<typeof Meta>>().toEqualTypeOf<Plain>()
  expectTypeOf(meta.toObject()).toEqualTypeOf<Plain>()
  expectTypeOf(Meta.read(new Uint8Array(Meta.size))).toEqualTypeOf<Plain>()
  expectTypeOf(meta.path.toArray()).toEqualTypeOf<Plain['path']>()
  expectTypeOf(Meta.offsets.count).toEqualTypeOf<number>()
  expectTypeOf(Meta.fields.count).toEqualTypeOf<typeof i64>()
})

test('writing takes plain values, typed arrays and views, and a part only where it is assigned', () => {
  type Written = Parameters<typeof Meta.write>[1]
  expectTypeOf<Infer<typeof Meta>>().toExtend<Written>()
  expectTypeOf<typeof meta>().toExtend<Written>()
  expectTypeOf<Int32Array>().toExtend<Written['shape']>()
  expectTypeOf<{ count: bigint }>().not.toExtend<Written>()
  expectTypeOf<{ count: bigint }>().toExtend<Parameters<typeof meta.assign>[0]>()
  expectTypeOf<{ count: number }>().not.toExtend<Parameters<typeof meta.assign>[0]>()
})

test('what is wrong does not compile', () => {
  // Never called: tsc is the judge.
  const wrong = () => {
    // @ts-expect-error a 64 bit field is a bigint
    meta.count = 3
    // @ts-expect-error no such field
    meta.cuont = 3n
    // @ts-expect-error a view is written through
    meta.shape = [1, 2, 3]
    // @ts-expect-error a view is written through
    meta.path[0] = { x: 1, tag: 2 }
    // @ts-expect-error no such option
    struct({ a: u8 }, { pack: 2 })
    // @ts-expect-error no such packing
    struct({ a: u8 }, { packed: 3 })
    // @ts-expect-error a type is no string
    struct({ a: 'u8' })
  }
  expectTypeOf(wrong).toBeFunction()
})
