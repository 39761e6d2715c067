import { readFileSync, truncateSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameringError } from '../../src/errors/framering-error.ts'
import { ShareableList, SharedMemory } from '../../src/shared-memory/index.ts'
import { codeOf, isThere, memoryName } from './names.ts'

const GOLDEN = readFileSync(new URL('../golden/shareable-list/cpython-3.13.0.bin', import.meta.url))
const OLD_GOLDEN = readFileSync(
  new URL('../golden/shareable-list/cpython-3.8.18.bin', import.meta.url),
)

/** Memory with these bytes, under a name of the test. */
function memoryOf(bytes: Uint8Array): SharedMemory {
  const shm = new SharedMemory({ name: memoryName(), create: true, size: bytes.length })
  shm.buf.set(bytes)
  return shm
}

function damaged(change: (bytes: Buffer) => void, of = GOLDEN): () => ShareableList {
  return () => {
    const bytes = Buffer.from(of)
    change(bytes)
    const { name } = memoryOf(bytes)
    return new ShareableList(undefined, { name })
  }
}

function word(index: number, value: bigint, of = GOLDEN): () => ShareableList {
  return damaged((bytes) => bytes.writeBigInt64LE(value, index * 8), of)
}

test.each([
  ['a negative count', word(0, -1n)],
  ['a count beyond the memory', word(0, 2n ** 62n)],
  ['no items in memory that has some', word(0, 0n)],
  ['an offset before the one before it', word(4, 8n)],
  ['an offset that is no multiple of 8', word(4, 21n)],
  ['an offset beyond 53 bits', word(4, 2n ** 62n)],
  ['a negative size of 3.8', word(3, -8n, OLD_GOLDEN)],
  ['no size of 3.8', word(3, 0n, OLD_GOLDEN)],
  [
    'fewer than 8 bytes',
    () => new ShareableList(undefined, { name: memoryOf(GOLDEN.subarray(0, 7)).name }),
  ],
  ['zeros, as before CPython has written it', damaged((bytes) => bytes.fill(0))],
  ['anything else', damaged((bytes) => bytes.fill('framering'))],
])('memory with %s is no list', (_, act) => {
  expect(codeOf(act)).toBe('NOT_A_LIST')
})

test.each([
  ['a count that is not its own', word(0, 5n)],
  ['a last offset beyond the memory', word(8, 4096n)],
  ['a size of 3.8 beyond the memory', word(7, 4096n, OLD_GOLDEN)],
  ['an unknown format', damaged((bytes) => bytes.write('i\0', 128))],
  ['a format beyond its slot', damaged((bytes) => bytes.write('9s', 128))],
  ['a format of no bytes', damaged((bytes) => bytes.write('0s', 128))],
  ['a format that no decimal number starts', damaged((bytes) => bytes.write('+8s', 128))],
  ['formats that are not written yet', damaged((bytes) => bytes.fill(0, 128))],
  ['a code that does not fit the format', damaged((bytes) => bytes.writeInt8(3, 184))],
  ['an unknown code', damaged((bytes) => bytes.writeInt8(-1, 184))],
])('a list with %s is damaged', (_, act) => {
  expect(codeOf(act)).toBe('FORMAT_INVALID')
})

test('text that is no UTF-8 is an error for the item, and for no other', () => {
  const list = damaged((bytes) => bytes.writeUInt8(0xff, 72))()
  expect(codeOf(() => list.get(0))).toBe('FORMAT_INVALID')
  expect(list.get(3)).toBe(100)
  list.set(0, 'again')
  expect(list.get(0)).toBe('again')
})

test('a list in more memory than it needs is read', () => {
  const { name } = memoryOf(Buffer.concat([GOLDEN, Buffer.alloc(4096 - GOLDEN.length)]))
  expect(new ShareableList(undefined, { name }).get(0)).toBe('howdy')
})

test('refused memory is not kept mapped and not removed', () => {
  const { name } = memoryOf(Buffer.alloc(100, 1))
  const maps = () => readFileSync('/proc/self/maps', 'utf8').split(name).length
  const before = maps()
  expect(codeOf(() => new ShareableList(undefined, { name }))).toBe('NOT_A_LIST')
  expect([maps(), isThere(name)]).toEqual([before, true])
})

test('a list damaged while it is attached to is an error for the item, and for no other', () => {
  const { name, buf } = memoryOf(GOLDEN)
  const list = new ShareableList(undefined, { name })
  buf.fill(0xff, 128, 136)
  // Offsets are looked at once, so that nobody moves an item out of the memory.
  buf.fill(0xff, 8, 72)
  expect(codeOf(() => list.get(0))).toBe('FORMAT_INVALID')
  expect(codeOf(() => list.toArray())).toBe('FORMAT_INVALID')
  expect(list.get(3)).toBe(100)
})

test('a list that somebody cuts short says so', () => {
  const items = ['x'.repeat(8000), 'y'.repeat(8000)]
  const list = new ShareableList(items, { name: memoryName() })
  truncateSync(`/dev/shm/${list.shm.name}`, 4096)
  expect(codeOf(() => list.get(1))).toBe('TRUNCATED')
})

test('an assignment that reaches nobody, since the memory was cut, is an error', () => {
  const name = memoryName()
  const list = new ShareableList(['front'], { name })
  truncateSync(`/dev/shm/${name}`, 0)
  expect(
    codeOf(() => {
      list.set(0, 'rear')
    }),
  ).toBe('TRUNCATED')
})

test('whatever stands in the memory, a list is read, or refused with an error', () => {
  const { name, buf } = memoryOf(GOLDEN)
  const bytes = fc.array(fc.tuple(fc.nat(GOLDEN.length - 1), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(bytes, fc.boolean(), (changes, late) => {
      buf.set(GOLDEN)
      const change = () => {
        for (const [at, value] of changes) buf[at] = value
      }
      try {
        if (!late) change()
        const list = new ShareableList(undefined, { name })
        change()
        expect(list.toArray().length).toBe(list.length)
        list.close()
      } catch (error) {
        expect(error).toBeInstanceOf(FrameringError)
        expect(['NOT_A_LIST', 'FORMAT_INVALID']).toContain((error as FrameringError).code)
      }
    }),
    { numRuns: 1000 },
  )
})
