import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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
  string,
  struct,
  u16,
  u32,
  u8,
} from '../../src/struct/index.ts'
import { build, samples, SCALARS, type ScalarName } from './definitions.ts'

const ALL = Object.keys(SCALARS) as ScalarName[]
const Point = struct({ x: f64, y: f64, tag: u8 })
const Track = struct({
  id: u32,
  name: string(8),
  points: array(Point, 3),
  matrix: array(array(i16, 3), 2),
  raw: bytes(4),
  start: Point,
})

function track() {
  const memory = new Uint8Array(Track.size)
  return { memory, view: Track.at(memory) }
}

describe('a view', () => {
  it('reads and writes the bytes it was laid over, from the offset on', () => {
    const memory = new Uint8Array(24).fill(0xff)
    const view = struct({ a: u8, b: u16 }).at(memory.subarray(4), 3)
    view.b = 0x0102
    expect([...memory.subarray(7, 11)]).toEqual([0xff, 0xff, 0x02, 0x01])
    memory[7] = 9
    expect(view.a).toBe(9)
  })

  it('is laid over an ArrayBuffer, a SharedArrayBuffer, a DataView, a Buffer, any typed array', () => {
    const Count = struct({ count: i64, name: string(8) })
    const homes = [
      new ArrayBuffer(16),
      new SharedArrayBuffer(16),
      new DataView(new ArrayBuffer(16)),
      Buffer.alloc(16),
      new Float64Array(2),
    ]
    for (const home of homes) {
      Count.at(home).assign({ count: -5n, name: 'ä€' })
      expect(Count.read(home)).toEqual({ count: -5n, name: 'ä€' })
    }
  })

  it('has either byte order for its numbers, and a struct within keeps its own', () => {
    const Little = struct({ n: u16 }, { byteOrder: 'little' })
    const Big = struct(
      { n: u16, h: f16, row: array(u16, 2), little: Little, all: array(Little, 1) },
      { byteOrder: 'big' },
    )
    const memory = new Uint8Array(Big.size)
    const view = Big.at(memory)
    view.n = 1
    view.h = 1
    view.row[1] = 2
    view.little.n = 3
    view.all[0]!.n = 4
    expect([...memory]).toEqual([0, 1, 0x3c, 0, 0, 0, 0, 2, 3, 0, 4, 0])
    expect(view.toObject()).toEqual({
      n: 1,
      h: 1,
      row: [0, 2],
      little: { n: 3 },
      all: [{ n: 4 }],
    })
  })

  it('gives the same view of a field and of an element every time', () => {
    const { view } = track()
    expect(view.start).toBe(view.start)
    expect(view.raw).toBe(view.raw)
    expect(view.points[1]).toBe(view.points[1])
    expect(view.matrix.at(-1)).toBe(view.matrix[1])
  })

  it('gives any value back that was written, field by field, as a whole, or from another view', () => {
    fc.assert(
      fc.property(samples(ALL), ({ spec, value }) => {
        const type = build(spec)
        const [one, two, three] = [1, 2, 3].map(() => type.at(new Uint8Array(type.size)))
        for (const [name, field] of Object.entries(value)) one!.assign({ [name]: field })
        type.write(new Uint8Array(type.size), value)
        two!.assign(one!)
        three!.assign(two!.toObject())
        expect(one!.toObject()).toEqual(value)
        expect(three!.toObject()).toEqual(value)
      }),
    )
  })

  it('copies: what toObject and toArray gave does not change any more', () => {
    const { view } = track()
    view.raw.set([1, 2, 3, 4])
    const before = view.toObject()
    const points = view.points.toArray()
    view.raw[0] = 9
    view.points[0]!.x = 5
    expect(before.raw).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(before.points[0]!.x).toBe(0)
    expect(points[0]!.x).toBe(0)
  })

  it('is shown by console.log as what it holds', () => {
    const view = struct({ a: array(u8, 2), b: i64 }).at(new Uint8Array(16))
    expect(inspect(view)).toBe('{ a: [ 0, 0 ], b: 0n }')
    expect(inspect(view.a)).toBe('[ 0, 0 ]')
  })

  it('takes no property that is no field', () => {
    const view = Point.at(new Uint8Array(24)) as unknown as Record<string, number>
    expect(() => (view['z'] = 1)).toThrow(TypeError)
  })

  it('writes nothing but the fields assigned, padding included', () => {
    const memory = new Uint8Array(Point.size).fill(0xee)
    Point.at(memory).assign({ tag: 1, x: undefined as never })
    expect([...memory]).toEqual([
      ...Array<number>(16).fill(0xee),
      1,
      ...Array<number>(7).fill(0xee),
    ])
    Point.write(memory, { x: 0, y: 0, tag: 2 })
    expect([...memory.subarray(16)]).toEqual([2, ...Array<number>(7).fill(0xee)])
  })

  it('copies bytes that overlap what is written', () => {
    const Item = struct({ raw: bytes(4) })
    const items = array(Item, 3).at(Uint8Array.from([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]))
    items.set([items.at(0), items.at(1)], 1)
    expect(items.toArray().map(({ raw }) => raw[0])).toEqual([1, 1, 2])
  })
})

describe('an array', () => {
  it('is read and written by index, at, set and iteration', () => {
    const row = array(i32, 4).at(new ArrayBuffer(16))
    row.set([1, 2, 3, 4])
    row[2] = 30
    row.set(Int32Array.of(7, 8), 0)
    row.set([])
    expect([...row]).toEqual([7, 8, 30, 4])
    expect([row[0], row.at(0), row.at(-1), row.length]).toEqual([7, 7, 4, 4])
    expect(Array.from(row, (n) => n * 2)).toEqual([14, 16, 60, 8])
  })

  it('has elements that are structs and arrays, in memory one behind the other', () => {
    const { memory, view } = track()
    view.points[2]!.tag = 5
    view.matrix[1]![2] = -7
    expect(memory[Track.offsets.points + 2 * Point.size + 16]).toBe(5)
    expect(new DataView(memory.buffer).getInt16(Track.offsets.matrix + 10, true)).toBe(-7)
    expect([...view.points].map((point) => point.tag)).toEqual([0, 0, 5])
  })

  it('of one type is laid over bytes by itself', () => {
    const Points = array(Point, 2)
    const memory = new Uint8Array(Points.size + 8)
    Points.write(memory, [{ x: 1, y: 2, tag: 3 }, Point.at(new Uint8Array(24))], 8)
    expect(Points.read(memory, 8)).toEqual([
      { x: 1, y: 2, tag: 3 },
      { x: 0, y: 0, tag: 0 },
    ])
    expect(Points.at(memory, 8).at(0).tag).toBe(3)
    expect(Points).toMatchObject({ length: 2, size: 48, alignment: 8, element: Point })
  })
})

describe('a string', () => {
  it('is read up to its NUL, or to its end when it has none', () => {
    const Name = struct({ name: string(5) })
    expect(Name.read(Buffer.from('ab\0cd')).name).toBe('ab')
    expect(Name.read(Buffer.from('abcde')).name).toBe('abcde')
    expect(Name.read(Buffer.from('\0bcde')).name).toBe('')
  })

  it('fills its place with NULs: nothing of the text before it stays', () => {
    const memory = new Uint8Array(5)
    const view = struct({ name: string(5) }).at(memory)
    view.name = 'abcde'
    view.name = 'é'
    expect([...memory]).toEqual([0xc3, 0xa9, 0, 0, 0])
  })

  it('that is not UTF-8 reads with U+FFFD in its place, and a byte order mark is kept', () => {
    const Name = struct({ name: string(4) })
    expect(Name.read(Uint8Array.of(0x61, 0xff, 0x62, 0)).name).toBe('a\ufffdb')
    expect(Name.read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)).name).toBe('\ufeffa')
  })
})

describe('a number', () => {
  it('of few bits is rounded to the nearest that the field has', () => {
    const view = struct({ f: f32, h: f16 }).at(new Uint8Array(8))
    view.f = 0.1
    view.h = 0.1
    expect(view.f).toBe(Math.fround(0.1))
    expect(view.h).toBe(0.0999755859375)
  })

  it('may be Infinity or NaN in a float', () => {
    const view = struct({ f: f32, h: f16, d: f64 }).at(new Uint8Array(16))
    for (const value of [Infinity, -Infinity, NaN, -0]) {
      view.assign({ f: value, h: value, d: value })
      expect(view.toObject()).toEqual({ f: value, h: value, d: value })
    }
  })

  it('in a bool is true unless it is 0', () => {
    const view = struct({ b: bool }).at(Uint8Array.of(2))
    expect(view.b).toBe(true)
  })
})
