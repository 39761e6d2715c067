import { constants } from 'node:fs'
import { expect, test } from 'vitest'
import { O_CREAT, O_CREX, O_EXCL, SharedMemory } from '../../src/shared-memory/index.ts'
import { codeOf, isThere, memoryName } from './names.ts'

test('O_CREX is O_CREAT with O_EXCL, as the C library has them', () => {
  expect([O_CREAT, O_EXCL]).toEqual([constants.O_CREAT, constants.O_EXCL])
  expect(O_CREX).toBe(O_CREAT | O_EXCL)
})

test('without flags memory is attached to, and never made', () => {
  const name = memoryName()
  expect(codeOf(() => new SharedMemory(name, 0, { size: 8 }))).toBe('NOT_FOUND')
  expect(isThere(name)).toBe(false)
})

test('O_CREX makes memory with its size and mode', () => {
  const name = memoryName()
  const shm = new SharedMemory(name, O_CREX, { size: 300, mode: 0o640 })
  expect([shm.size, shm.mode, new SharedMemory(name, 0).size]).toEqual([300, 0o640, 300])
})

test('O_CREX refuses a name that is taken', () => {
  const name = memoryName()
  new SharedMemory(name, O_CREX, { size: 8 }).buf[0] = 1
  expect(codeOf(() => new SharedMemory(name, O_CREX, { size: 8 }))).toBe('EXISTS')
  expect(new SharedMemory(name).buf[0]).toBe(1)
})

test('O_CREAT makes what is not there and attaches to what is', () => {
  const name = memoryName()
  const made = new SharedMemory(name, O_CREAT, { size: 100 })
  made.buf[0] = 8
  const same = new SharedMemory(name, O_CREAT, { size: 100 })
  expect([same.size, same.buf[0]]).toEqual([100, 8])
})

test('memory that is there is never resized: less than asked for is an error, more is fine', () => {
  const name = memoryName()
  const shm = new SharedMemory(name, O_CREX, { size: 100 })
  shm.buf.fill(3)
  for (const flags of [0, O_CREAT]) {
    const error = { code: 'SHAPE_MISMATCH', needed: 101, available: 100 }
    expect(() => new SharedMemory(name, flags, { size: 101 })).toThrow(
      expect.objectContaining(error),
    )
    expect(new SharedMemory(name, flags, { size: 50 }).size).toBe(100)
    expect(new SharedMemory(name, flags).size).toBe(100)
  }
  const options = { name, create: 'attach-or-create', size: 101 } as const
  expect(codeOf(() => new SharedMemory(options))).toBe('SHAPE_MISMATCH')
  expect(shm.buf.every((byte) => byte === 3)).toBe(true)
})

test('memory without a name is made under a fresh one', () => {
  const shm = new SharedMemory(undefined, O_CREX, { size: 8 })
  expect(isThere(shm.name)).toBe(true)
  shm.unlink()
})

test('readOnly attaches without being able to change it', () => {
  const name = memoryName()
  const shm = new SharedMemory(name, O_CREX, { size: 8 })
  const seen = new SharedMemory(name, 0, { readOnly: true })
  seen.buf[0] = 1
  expect([seen.readOnly, shm.buf[0]]).toEqual([true, 0])
  expect(codeOf(() => new SharedMemory(name, O_CREAT, { readOnly: true }))).toBe('OPTION_INVALID')
})

test.each([O_EXCL, O_CREAT | constants.O_TRUNC, -1, 0.5, '0'])('flags %s are refused', (flags) => {
  const name = memoryName()
  new SharedMemory(name, O_CREX, { size: 8 }).buf[0] = 1
  expect(codeOf(() => new SharedMemory(name, flags as number, { size: 8 }))).toBe('OPTION_INVALID')
  expect(new SharedMemory(name).buf[0]).toBe(1)
})

test('O_CREX without a size is refused', () => {
  const name = memoryName()
  expect(codeOf(() => new SharedMemory(name, O_CREX))).toBe('OPTION_INVALID')
  expect(isThere(name)).toBe(false)
})
