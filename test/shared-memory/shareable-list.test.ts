import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type ListItem, ShareableList } from '../../src/shared-memory/index.ts'
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
