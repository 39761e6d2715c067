import fc from 'fast-check'
import { expect, test } from 'vitest'
import { float, type Float, type ListItem, ShareableList } from '../../src/shared-memory/index.ts'
import { codeOf, memoryName } from './names.ts'
import { PythonPeer } from './python-peer.ts'
import { hasPython } from '../support/tools.ts'

const BYTES = new Uint8Array(Buffer.from('HoWdY'))
const ITEMS = ['howdy', BYTES, -273.154, 100, null, true, 42]

/** An item as Python writes it in a program. */
function literal(item: ListItem): string {
  if (item === null) return 'None'
  if (typeof item === 'boolean') return item ? 'True' : 'False'
  if (typeof item === 'string') return JSON.stringify(item)
  if (typeof item === 'bigint') return String(item)
  if (typeof item === 'number') return pythonNumber(item)
  if (!(item instanceof Uint8Array)) return pythonFloat(item.value)
  return `b'${Buffer.from(item)
    .toString('hex')
    .replaceAll(/../g, String.raw`\x$&`)}'`
}

function pythonNumber(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : pythonFloat(value)
}

function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function literals(items: readonly ListItem[]): string {
  return `[${items.map(literal).join(', ')}]`
}

function newList(items: string): { name: string; items: string } {
  return { name: memoryName(), items }
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const items = fc.oneof<fc.Arbitrary<ListItem>[]>(
  // Text of ASCII: for any other CPython may give it too little room.
  fc.string({ maxLength: 40, unit: 'binary-ascii' }),
  fc.uint8Array({ maxLength: 40 }),
  fc.integer(),
  int64,
  finite,
  finite.map((value): Float => float(value)),
  fc.boolean(),
  fc.constant(null),
)

test.skipIf(!hasPython)('a list that CPython made is read and assigned to', async () => {
  const python = new PythonPeer()
  const { name } = await python.does('new_list', newList(literals(ITEMS)))
  const list = new ShareableList(undefined, { name })
  expect([list.toArray(), list.format]).toEqual([ITEMS, '8s8sdqxxxxxx?xxxxxxxx?q'])
  list.set(4, 'sömé')
  list.set(-1, float(880))
  list.set(1, null)
  const { items: seen, format } = await python.does('look', { name })
  expect(seen).toBe("['howdy', None, -273.154, 100, 'sömé', True, 880.0]")
  expect(format).toBe('8sxxxxxx?xdq8sxxxxxxx?d')
})

test.skipIf(!hasPython)('a list that we made CPython reads and assigns to', async () => {
  const list = new ShareableList([...ITEMS, 2n ** 62n, float(3), '€'.repeat(8)], {
    name: memoryName(),
  })
  const { name } = list.shm
  const python = new PythonPeer()
  const { items: seen } = await python.does('attach_list', { name })
  expect(seen).toBe(
    `['howdy', b'HoWdY', -273.154, 100, None, True, 42, ${2n ** 62n}, 3.0, '${'€'.repeat(8)}']`,
  )
  await python.does('assign', { name, index: 3, value: '4.0' })
  await python.does('assign', { name, index: 4, value: "b'some'" })
  expect([list.get(3), list.get(4)]).toEqual([4, new Uint8Array(Buffer.from('some'))])
  expect(list.format.slice(4, 8)).toBe('dd8s')
})

test.skipIf(!hasPython)(
  'for the same items the same bytes stand in memory',
  async () => {
    const python = new PythonPeer()
    const samples = fc.sample(fc.array(items, { maxLength: 12 }), { numRuns: 200, seed: 4 })
    for (const sample of samples) {
      const list = new ShareableList(sample, { name: memoryName() })
      const { name, hex } = await python.does('new_list', newList(literals(sample)))
      expect(Buffer.from(list.shm.buf).toString('hex')).toBe(hex)
      const theirs = new ShareableList(undefined, { name })
      expect([theirs.toArray(), theirs.format]).toEqual([list.toArray(), list.format])
      list.unlink()
      await python.does('unlink_list', { name })
    }
  },
  60_000,
)

test.skipIf(!hasPython)(
  'the same assignments leave the same bytes in memory, and the same are refused',
  async () => {
    const python = new PythonPeer()
    const lists = fc.record({
      start: fc.array(items, { minLength: 1, maxLength: 5 }),
      steps: fc.array(fc.tuple(fc.nat(), items), { maxLength: 10 }),
    })
    for (const { start, steps } of fc.sample(lists, { numRuns: 100, seed: 4 })) {
      const list = new ShareableList(start, { name: memoryName() })
      const { name } = await python.does('new_list', newList(literals(start)))
      for (const [at, value] of steps) {
        const index = (at % start.length) - (at % 2 === 0 ? 0 : start.length)
        const ours = codeOf(() => {
          list.set(index, value)
        })
        const theirs = await python
          .does('assign', { name, index, value: literal(value) })
          .catch((error: unknown) => (error as Error).message)
        expect(ours).toBe(theirs === 'ValueError' ? 'VALUE_TOO_LARGE' : 'nothing was thrown')
        const { hex } = await python.does('look', { name })
        expect(Buffer.from(list.shm.buf).toString('hex')).toBe(hex)
      }
      list.unlink()
      await python.does('unlink_list', { name })
    }
  },
  60_000,
)

// CPython's defects.

test.skipIf(!hasPython)(
  'text that CPython has cut off in the middle of a letter is an error for that item',
  async () => {
    const python = new PythonPeer()
    const made = newList(`['${'€'.repeat(8)}', 7]`)
    const { name, items: seen } = await python.does('new_list', made)
    expect(seen).toBe('unreadable')
    const list = new ShareableList(undefined, { name })
    expect(codeOf(() => list.get(0))).toBe('FORMAT_INVALID')
    expect(list.get(1)).toBe(7)
  },
)

test.skipIf(!hasPython)(
  'an int beyond 64 bits leaves the list as it was, and does not zero the slot as CPython does',
  async () => {
    const list = new ShareableList(['howdy', 1], { name: memoryName() })
    const too = codeOf(() => {
      list.set(0, 2n ** 63n)
    })
    expect([too, list.get(0), list.format]).toEqual(['VALUE_TOO_LARGE', 'howdy', '8sq'])
    const python = new PythonPeer()
    const { name } = list.shm
    await python.does('attach_list', { name })
    await expect(
      python.does('assign', { name, index: 0, value: String(2n ** 63n) }),
    ).rejects.toThrow()
    expect([list.get(0), list.format]).toEqual([0, 'qq'])
  },
)
