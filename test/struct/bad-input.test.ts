import { inspect } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import { FrameringError } from '../../src/index.ts'
import { Segment } from '../../src/segment/index.ts'
import {
  array,
  bool,
  bytes,
  f16,
  f32,
  f64,
  i32,
  i64,
  i8,
  string,
  struct,
  u32,
  u64,
  u8,
  type FieldType,
} from '../../src/struct/index.ts'
import { SCALARS } from './definitions.ts'

/** What `act` throws, which must be ours. */
function errorOf(act: () => unknown): FrameringError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(FrameringError)
    return error as FrameringError
  }
  return expect.fail('nothing was thrown')
}

const Everything = struct({
  ...SCALARS,
  name: string(4),
  raw: bytes(2),
  row: array(u8, 3),
  inner: struct({ n: u8 }),
  grid: array(struct({ n: u8 }), 2),
})

describe('a definition', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an array', [u8]],
    ['no field', {}],
    ['a field without a type', { a: 'u8' }],
    ['a field that is undefined', { a: undefined }],
    ['a name that views have', { toObject: u8 }],
    ['a name that objects have', { constructor: u8 }],
    ['__proto__', { ['__proto__']: u8 }],
    ['a name that is a number', { a: u8, 7: u8 }],
    ['a symbol', { [Symbol('a')]: u8 }],
  ])('with %s is OPTION_INVALID', (_, definition) => {
    expect(errorOf(() => struct(definition as never)).code).toBe('OPTION_INVALID')
  })

  it.each([
    ['packed', 3],
    ['packed', 16],
    ['packed', '1'],
    ['byteOrder', 'network'],
    ['pack', 1],
  ])('with %s: %j is OPTION_INVALID, and the message names it', (option, value) => {
    const error = errorOf(() => struct({ a: u8 }, { [option]: value }))
    expect(error.code).toBe('OPTION_INVALID')
    expect(error.message).toContain(option)
  })

  it.each([0, -1, 1.5, NaN, '3', undefined, 3n, 2 ** 53])(
    'with a length of %s is OPTION_INVALID',
    (length) => {
      for (const define of [string, bytes, (n: number) => array(u8, n)]) {
        expect(errorOf(() => define(length as number)).code).toBe('OPTION_INVALID')
      }
    },
  )

  it('of more than memory can hold is OPTION_INVALID', () => {
    const Large = array(array(f64, 2 ** 31), 2 ** 19 - 1)
    expect(errorOf(() => array(Large, 4)).code).toBe('OPTION_INVALID')
    expect(errorOf(() => struct({ a: Large, b: Large })).code).toBe('OPTION_INVALID')
    expect(errorOf(() => array('u8' as never, 4)).code).toBe('OPTION_INVALID')
  })
})

describe('a value that its field cannot have', () => {
  const wrong: [string, FieldType, unknown[]][] = [
    ['i8', i8, [128, -129, 0.5, NaN, Infinity, '1', 1n, true, null, {}, undefined]],
    ['u8', u8, [256, 300, -1]],
    ['i32', i32, [2 ** 31, -(2 ** 31) - 1]],
    ['u32', u32, [2 ** 32, -1]],
    ['i64', i64, [3, 2n ** 63n, -(2n ** 63n) - 1n, '3', null]],
    ['u64', u64, [-1n, 2n ** 64n, 0]],
    ['f16', f16, [65520, -65520, 1n, '1', null]],
    ['f32', f32, [3.5e38, -1e300, 1n]],
    ['f64', f64, ['1', 1n, null]],
    ['bool', bool, [1, 0, 'true', null]],
    ['string', string(4), [5, null, 'a\0b', '\ud800', 'a\udc00']],
    ['bytes', bytes(2), [[1, 2], 'ab', new Uint16Array(2), null]],
    ['array', array(u8, 2), [5, 'ab', null, { 0: 1 }, [1, 300], [1], new Uint16Array([1, 256])]],
    ['struct', struct({ n: u8 }), [5, null, 'n', { n: 300 }, { n: 1, m: 2 }, {}]],
  ]

  it.each(wrong)('%s is refused by name, and nothing is written', (_, type, values) => {
    for (const value of values) {
      const Pair = struct({ ok: u8, field: type, last: u8 })
      const memory = new Uint8Array(Pair.size).fill(7)
      const full = { ok: 1, field: value, last: 1 }
      const { message, code } = errorOf(() => {
        Pair.write(memory, full)
      })
      expect(code).toMatch(/^(DTYPE_MISMATCH|SHAPE_MISMATCH|OPTION_INVALID)$/)
      expect(message).toMatch(/^field/)
      if (value !== undefined)
        errorOf(() => {
          Pair.at(memory).assign(full)
        })
      errorOf(() => {
        array(Pair, 1).at(memory).set([full])
      })
      expect(memory.every((byte) => byte === 7)).toBe(true)
    }
  })

  it('is refused where it is assigned, with what the field takes', () => {
    const view = Everything.at(new Uint8Array(Everything.size))
    expect(errorOf(() => (view.u8 = 300)).message).toBe(
      'u8 is 300; u8 takes a whole number from 0 to 255',
    )
    expect(errorOf(() => (view.i64 = 3 as never))).toMatchObject({
      code: 'DTYPE_MISMATCH',
      message: 'i64 is 3; i64 takes a bigint from -9223372036854775808n to 9223372036854775807n',
    })
    expect(errorOf(() => (view.row[1] = -1)).message).toMatch(/^\[1\] is -1/)
    expect(errorOf(() => (view.name = 'abcdé'))).toMatchObject({
      code: 'VALUE_TOO_LARGE',
      needed: 6,
      available: 4,
    })
    expect(view.name).toBe('')
    expect(
      errorOf(() => {
        view.assign({ u8: 1, grid: [{ n: 1 }, { n: 999 }] })
      }).message,
    ).toMatch(/^grid\[1\]\.n is 999/)
    expect(view.u8).toBe(0)
  })

  it('of another number of elements or bytes is SHAPE_MISMATCH, with both numbers', () => {
    const view = Everything.at(new Uint8Array(Everything.size))
    const shape = (given: object) =>
      errorOf(() => {
        view.assign(given)
      })
    expect(shape({ row: [1, 2] })).toMatchObject({
      code: 'SHAPE_MISMATCH',
      needed: 2,
      available: 3,
    })
    expect(shape({ raw: new Uint8Array(3) })).toMatchObject({ code: 'SHAPE_MISMATCH', needed: 3 })
    expect(
      errorOf(() => {
        view.row.set([1, 2], 2)
      }),
    ).toMatchObject({ code: 'SHAPE_MISMATCH', needed: 4, available: 3 })
    expect(view.row.toArray()).toEqual([0, 0, 0])
  })

  it('that says another length when it is asked again writes no further than the array', () => {
    const memory = new Uint8Array(4)
    let asked = 0
    const liar = new Proxy<number[]>([], {
      get: (_, key) => (key === 'length' ? (asked++ === 0 ? 2 : 4) : 9),
    })
    array(u8, 2).at(memory).set(liar)
    array(u8, 2).write(
      memory,
      new Proxy<number[]>([], { get: (_, key) => (key === 'length' ? 2 : 8) }),
    )
    expect([...memory]).toEqual([8, 8, 0, 0])
  })

  it('in place of a view is OPTION_INVALID', () => {
    const view = Everything.at(new Uint8Array(Everything.size)) as unknown as Record<string, object>
    for (const name of ['raw', 'row', 'inner', 'grid']) {
      expect(errorOf(() => (view[name] = {})).message).toMatch(/assign/)
    }
  })
})

describe('an index', () => {
  it.each([3, -1, 1.5, NaN, Infinity])('[%s] outside is OPTION_INVALID', (index) => {
    const { row } = Everything.at(new Uint8Array(Everything.size))
    expect(errorOf(() => row[index]).code).toBe('OPTION_INVALID')
    expect(errorOf(() => (row[index] = 1)).code).toBe('OPTION_INVALID')
  })

  it.each([3, -4, 0.5, NaN, '1', undefined])('at(%s) is OPTION_INVALID', (index) => {
    const { row } = Everything.at(new Uint8Array(Everything.size))
    expect(errorOf(() => row.at(index as number)).code).toBe('OPTION_INVALID')
    if (index !== undefined) {
      expect(
        errorOf(() => {
          row.set([], index === 3 ? 4 : (index as number))
        }).code,
      ).toBe('OPTION_INVALID')
    }
  })
})

describe('bytes', () => {
  it('too few are OPTION_INVALID, with what is needed and what there is', () => {
    const Count = struct({ count: i64 })
    const short = new Uint8Array(7)
    const acts = [
      () => Count.at(short),
      () => Count.read(short),
      () => {
        Count.write(short, { count: 1n })
      },
    ]
    for (const act of acts) {
      expect(errorOf(act)).toMatchObject({ code: 'OPTION_INVALID', needed: 8, available: 7 })
    }
    expect(errorOf(() => Count.at(new Uint8Array(16).subarray(4), 5))).toMatchObject({
      needed: 13,
      available: 12,
    })
  })

  it.each([-1, 0.5, NaN, '0', 2 ** 53])('from %s on are OPTION_INVALID', (offset) => {
    expect(errorOf(() => struct({ a: u8 }).at(new Uint8Array(9), offset as number)).code).toBe(
      'OPTION_INVALID',
    )
  })

  it.each([undefined, null, 'abc', [1, 2, 3], 8, {}])('that are %j are OPTION_INVALID', (given) => {
    expect(errorOf(() => struct({ a: u8 }).at(given as never)).code).toBe('OPTION_INVALID')
  })
})

/** Everything that can be done with a view, each of which touches the memory. */
function uses(view: ReturnType<typeof Everything.at>): (() => unknown)[] {
  const { row, inner, grid } = view
  const element = grid.at(0)
  const fields = Object.keys(Everything.fields) as (keyof typeof Everything.fields)[]
  return [
    ...fields.map((name) => () => view[name]),
    () => (view.u8 = 1),
    () => (view.name = 'a'),
    () => view.toObject(),
    () => {
      view.assign({ i64: 1n })
    },
    () => row[0],
    () => row.at(0),
    () => (row[0] = 1),
    () => {
      row.set([1])
    },
    () => row.toArray(),
    () => [...row],
    () => grid[1],
    () => grid.at(0),
    () => inner.n,
    () => (inner.n = 1),
    () => element.n,
  ]
}

describe('memory that is gone', () => {
  test('by a closed segment is RELEASED in every use, and console.log still works', () => {
    const segment = Segment.anonymous(Everything.size)
    const view = Everything.at(segment.buffer)
    const all = uses(view)
    for (const use of all) expect(use).not.toThrow()
    segment.close()
    for (const use of all) expect(errorOf(use).code, String(use)).toBe('RELEASED')
    expect(errorOf(() => Everything.at(segment.buffer)).code).toBe('RELEASED')
    expect(inspect(view)).toMatch(/gone/)
    expect(inspect({ row: all })).toMatch(/row/)
  })

  test('by a buffer that shrank is RELEASED in every use', () => {
    const buffer = new ArrayBuffer(Everything.size, { maxByteLength: Everything.size })
    const view = Everything.at(buffer)
    const all = uses(view)
    buffer.resize(Everything.size - 1)
    for (const use of all) expect(errorOf(use).code, String(use)).toBe('RELEASED')
    buffer.resize(Everything.size)
    expect(view.u8).toBe(0)
  })

  test('by a getter of the value that is written is RELEASED', () => {
    const buffer = new ArrayBuffer(8)
    const Count = struct({ count: i64 })
    const value = {
      get count() {
        structuredClone(buffer, { transfer: [buffer] })
        return 1n
      },
    }
    expect(
      errorOf(() => {
        Count.write(buffer, value)
      }).code,
    ).toBe('RELEASED')
  })
})
