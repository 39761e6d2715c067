import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ShareableList, SharedMemory } from '../../src/shared-memory/index.ts'
import { memoryName } from './names.ts'

const ITEMS = ['howdy', new Uint8Array(Buffer.from('HoWdY')), -273.154, 100, null, true, 42]

function golden(version: string): Buffer {
  return readFileSync(new URL(`../golden/shareable-list/cpython-${version}.bin`, import.meta.url))
}

test.each(['3.8.18', '3.13.0'])('the list that CPython %s wrote is read', (version) => {
  const bytes = golden(version)
  const shm = new SharedMemory({ name: memoryName(), create: true, size: bytes.length })
  shm.buf.set(bytes)
  const list = new ShareableList(undefined, { name: shm.name })
  expect([list.toArray(), list.length]).toEqual([ITEMS, 7])
  expect(list.format).toBe('8s8sdqxxxxxx?xxxxxxxx?q')
})

test('a list of 3.8 is assigned to in its own layout', () => {
  const bytes = golden('3.8.18')
  const shm = new SharedMemory({ name: memoryName(), create: true, size: bytes.length })
  shm.buf.set(bytes)
  const list = new ShareableList(undefined, { name: shm.name })
  list.set(-1, 43)
  bytes.writeBigInt64LE(43n, 112)
  list.set(0, 'hallo')
  bytes.write('hallo', 64)
  expect(Buffer.from(shm.buf)).toEqual(bytes)
})

test('what we write is byte for byte what CPython 3.13 wrote', () => {
  const list = new ShareableList(ITEMS, { name: memoryName() })
  expect(Buffer.from(list.shm.buf)).toEqual(golden('3.13.0'))
})

test.each([
  ['3.8', 8],
  ['3.9 and later', 16],
])('an empty list of %s is read', (_, size) => {
  const shm = new SharedMemory({ name: memoryName(), create: true, size })
  expect(new ShareableList(undefined, { name: shm.name }).toArray()).toEqual([])
})
