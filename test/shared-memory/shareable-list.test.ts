import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { float, type ListItem, ShareableList } from '../../src/shared-memory/index.ts'
import { codeOf, isThere, memoryName, ownedByTest } from './names.ts'

const BYTES = new Uint8Array(Buffer.from('HoWdY'))
const ITEMS: ListItem[] = ['howdy', BYTES, -273.154, 100, null, true, 42]

function list(items: Iterable<ListItem> = ITEMS): ShareableList {
  return new ShareableList(items, { name: memoryName() })
}

// What CPython's own tests check of ShareableList, one by one.

test('a printed list says its name and its items', () => {
  const values = list()
  for (const text of [String(values), inspect(values)]) {
    expect(text).toContain(values.shm.name)
    expect(text).toContain("'howdy'")
    expect(text).toContain('-273.154')
  }
})

test.each([7, -8, 0.5, Number.NaN, '0'])('index %s is outside a list of seven', (given) => {
  const values = list()
  const index = given as number
  expect(codeOf(() => values.get(index))).toBe('OPTION_INVALID')
  expect(
    codeOf(() => {
      values.set(index, 2)
    }),
  ).toBe('OPTION_INVALID')
  expect(values.toArray()).toEqual(ITEMS)
})

test('at() knows no item outside the list, and never what stands before it', () => {
  const values = list()
  expect([values.at(7), values.at(-8), values.at(0.5)]).toEqual([undefined, undefined, undefined])
})

test('a string assigned to a string keeps the format', () => {
  const values = list()
  values.set(0, 'howdy')
  expect(values.format).toBe('8s8sdqxxxxxx?xxxxxxxx?q')
})

test('a list has a length and the format that Python gives to its items', () => {
  const values = list()
  expect([values.length, values.format]).toEqual([7, '8s8sdqxxxxxx?xxxxxxxx?q'])
})

test('indexOf finds the first equal item, and only equal ones', () => {
  const values = list()
  expect([values.indexOf(100), values.indexOf('100')]).toEqual([3, -1])
})

test('items are read by index, from the end too', () => {
  const values = list()
  expect([values.get(0), values.at(0), values.get(-2), values.at(-2)]).toEqual([
    'howdy',
    'howdy',
    true,
    true,
  ])
})

test('a list is iterated in order', () => {
  expect([...list()]).toEqual(ITEMS)
})

test('an item is replaced by one of its type or of another', () => {
  const values = list()
  values.set(3, 42)
  values.set(4, 'some')
  expect([values.get(3), values.get(4)]).toEqual([42, 'some'])
  expect(values.format).toBe('8s8sdq8sxxxxxxx?q')
})

test('what does not fit its slot is refused, and no item changes', () => {
  const values = list()
  values.set(4, 'some')
  values.set(0, 'encodés')
  expect(values.get(0)).toBe('encodés')
  const before = values.toArray()
  const format = values.format
  const tooLong: [number, ListItem][] = [
    [4, 'far too many'],
    [0, 'encodées'],
    [1, new Uint8Array(Buffer.from('123456789'))],
    [3, 2n ** 63n],
    [3, -(2n ** 63n) - 1n],
  ]
  for (const [index, item] of tooLong) {
    expect(
      codeOf(() => {
        values.set(index, item)
      }),
    ).toBe('VALUE_TOO_LARGE')
    expect([values.toArray(), values.format]).toEqual([before, format])
  }
})

test('count counts equal items', () => {
  const values = list()
  values.set(3, 42)
  expect([values.count(42), values.count(BYTES), values.count(Buffer.from('adios'))]).toEqual([
    2, 1, 0,
  ])
})

test('a copy of a list is one of its own', () => {
  const values = list()
  const copy = new ShareableList(values, { name: memoryName() })
  expect(copy.toArray()).toEqual(values.toArray())
  expect(copy.format).toBe(values.format)
  copy.set(-1, 77)
  expect([copy.get(-1), values.get(-1)]).toEqual([77, 42])
})

test('a list attached to by name is the same list', () => {
  const values = list()
  const tethered = new ShareableList(undefined, { name: values.shm.name })
  tethered.set(-1, 880)
  expect([values.get(-1), tethered.shm.name]).toEqual([880, values.shm.name])
})

test('a list may be empty', () => {
  const empty = ownedByTest(new ShareableList().shm)
  const same = new ShareableList(undefined, { name: empty.name })
  expect([same.length, same.format, same.count('any'), same.indexOf(null)]).toEqual([0, '', 0, -1])
  expect(codeOf(() => same.get(0))).toBe('OPTION_INVALID')
  expect(list([]).toArray()).toEqual([])
})

test('a list passed on as JSON is the same list, however long it is', () => {
  const name = memoryName()
  const long = new ShareableList(
    Array.from({ length: 400 }, (_, i) => i),
    { name },
  )
  const text = JSON.stringify(long)
  expect(text).toBe(JSON.stringify({ name }))
  const passed = new ShareableList(undefined, JSON.parse(text) as { name: string })
  passed.set(4, 'changed')
  long.set(3, 'newval')
  expect([long.get(4), passed.get(3), passed.get(-1)]).toEqual(['changed', 'newval', 399])
})

test('a list passed on as JSON is not found once it is unlinked', () => {
  const values = list()
  const text = JSON.stringify(values)
  values.close()
  values.unlink()
  const act = () => new ShareableList(undefined, JSON.parse(text) as { name: string })
  expect(codeOf(act)).toBe('NOT_FOUND')
})

test('a string as items is a list of its characters', () => {
  expect(list('hé€😀').toArray()).toEqual(['h', 'é', '€', '😀'])
})

// What else is promised.

test('a released list reads as empty', () => {
  const values = list()
  values.close()
  values.close()
  expect([values.length, values.toArray(), values.format, values.at(0)]).toEqual([
    0,
    [],
    '',
    undefined,
  ])
  expect([values.count(42), values.indexOf(42)]).toEqual([0, -1])
  expect(codeOf(() => values.get(0))).toBe('CLOSED')
  expect(
    codeOf(() => {
      values.set(0, 'a')
    }),
  ).toBe('CLOSED')
  expect(isThere(values.shm.name)).toBe(true)
})

test('a list that ends with its block stays for others', () => {
  const values = list()
  values[Symbol.dispose]()
  expect(new ShareableList(undefined, { name: values.shm.name }).length).toBe(7)
})

test('a list is unlinked once', () => {
  const values = list()
  values.unlink()
  expect(isThere(values.shm.name)).toBe(false)
  expect(
    codeOf(() => {
      values.unlink()
    }),
  ).toBe('NOT_FOUND')
})

test('a list attached read-only is read and not assigned to', () => {
  const values = list()
  const seen = new ShareableList(undefined, { name: values.shm.name, readOnly: true })
  expect(seen.toArray()).toEqual(ITEMS)
  expect(
    codeOf(() => {
      seen.set(3, 1)
    }),
  ).toBe('READ_ONLY')
  expect([seen.get(3), values.get(3)]).toEqual([100, 100])
  expect(codeOf(() => new ShareableList([1], { readOnly: true }))).toBe('OPTION_INVALID')
})

test('a list is made with its mode', () => {
  expect(new ShareableList([1], { name: memoryName(), mode: 0o644 }).shm.mode).toBe(0o644)
})

test('a name that is taken is not made a list of', () => {
  const values = list()
  expect(codeOf(() => new ShareableList([1], { name: values.shm.name }))).toBe('EXISTS')
  expect(values.toArray()).toEqual(ITEMS)
})

test('items that a list cannot hold are refused, and no memory is made', () => {
  const refused: [unknown, string][] = [
    [undefined, 'DTYPE_MISMATCH'],
    [{}, 'DTYPE_MISMATCH'],
    [[1], 'DTYPE_MISMATCH'],
    [new Float64Array(1), 'DTYPE_MISMATCH'],
    [Symbol.iterator, 'DTYPE_MISMATCH'],
    ['half \ud83d', 'OPTION_INVALID'],
    [2n ** 63n, 'VALUE_TOO_LARGE'],
    [new Uint8Array(9_999_992), 'VALUE_TOO_LARGE'],
  ]
  for (const [item, code] of refused) {
    const name = memoryName()
    expect(codeOf(() => new ShareableList([1, item as ListItem], { name }))).toBe(code)
    expect(isThere(name)).toBe(false)
  }
})

test.each([null, 5, {}])('%j is no items', (items) => {
  expect(codeOf(() => new ShareableList(items as never))).toBe('OPTION_INVALID')
})

test('a misspelt option is refused', () => {
  expect(codeOf(() => new ShareableList([1], { nam: 'a' } as object))).toBe('OPTION_INVALID')
})

test('the longest item that a format can name is held', () => {
  const values = list([new Uint8Array(9_999_991).fill(1)])
  expect(values.format).toBe('9999992s')
  expect((values.get(0) as Uint8Array).length).toBe(9_999_991)
})

test('text is given room by its bytes and not by its letters', () => {
  const values = list(['€'.repeat(8), 1])
  expect([values.format, values.get(0)]).toEqual(['32sq', '€'.repeat(8)])
})

test('bytes that are read are a copy', () => {
  const values = list([BYTES])
  const read = values.get(0) as Uint8Array
  read.fill(0)
  expect(values.get(0)).toEqual(BYTES)
  values.set(0, Uint8Array.of(1))
  expect(read).toEqual(new Uint8Array(5))
})

test('safe integers are ints, other numbers floats, and float() makes floats of all', () => {
  const items = [3, float(3), 2.5, -0, Number.NaN, Infinity, 2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1]
  const values = list(items)
  expect(values.format).toBe('qdddddqdq')
  const read = [3, 3, 2.5, -0, Number.NaN, Infinity, 2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1]
  expect(values.toArray()).toEqual(read)
  expect(Object.is(values.get(3), -0)).toBe(true)
  values.set(0, float(4))
  expect([values.format.slice(0, 2), values.get(0)]).toEqual(['dd', 4])
  expect(codeOf(() => float('3' as never))).toBe('DTYPE_MISMATCH')
})

test('a copy keeps floats that are whole', () => {
  const copy = new ShareableList(list([float(3), 3]), { name: memoryName() })
  expect(copy.format).toBe('dq')
})

test('bigints are ints, read as bigints where a number would not be exact', () => {
  const values = list([5n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)])
  expect(values.format).toBe('qqqq')
  expect(values.toArray()).toEqual([5, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)])
})

test('numbers are equal by value whatever they are stored as, and to nothing else', () => {
  const values = list([1, float(1), true, '1', null, false, 0, 2n ** 60n, Number.NaN])
  expect([values.count(1), values.count(1n), values.count(true)]).toEqual([2, 2, 1])
  expect([values.count(0), values.count(null), values.count('1')]).toEqual([1, 1, 1])
  expect([values.indexOf(2 ** 60), values.indexOf(2n ** 60n)]).toEqual([7, 7])
  expect(values.indexOf(Number.NaN)).toBe(-1)
})

test('trailing NULs are lost, as in Python, and inner ones are not', () => {
  const values = list(['a\0b\0\0', Uint8Array.of(0, 1, 0, 0), '\0', ''])
  expect(values.toArray()).toEqual(['a\0b', Uint8Array.of(0, 1), '', ''])
})

test('a shorter text leaves nothing of the longer one that stood there', () => {
  const values = list(['a long sentence'])
  values.set(0, 'ab')
  values.set(0, 1)
  values.set(0, new Uint8Array(0))
  expect(values.get(0)).toEqual(new Uint8Array(0))
  expect(values.shm.buf.subarray(24, 40).every((byte) => byte === 0)).toBe(true)
})

test('text with a byte order mark keeps it', () => {
  expect(list(['\ufeffa']).get(0)).toBe('\ufeffa')
})
