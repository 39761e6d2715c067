import { expect, test } from 'vitest'
import { float, type ListItem, ShareableList } from '../../src/shared-memory/index.ts'
import { codeOf, isThere, memoryName } from './names.ts'

const BYTES = new Uint8Array(Buffer.from('HoWdY'))

function list(items: Iterable<ListItem>): ShareableList {
  return new ShareableList(items, { name: memoryName() })
}

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
