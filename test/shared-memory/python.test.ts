import { expect, test } from 'vitest'
import { O_CREAT, O_CREX, SharedMemory } from '../../src/shared-memory/index.ts'
import { codeOf, isThere, memoryName, ownedByTest } from './names.ts'
import { PythonPeer } from './python-peer.ts'
import { hasPython } from '../support/tools.ts'

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

test.skipIf(!hasPython)(
  'memory that CPython made is attached to, and shared both ways',
  async () => {
    const python = new PythonPeer()
    const { name, size } = ownedByTest(await python.does('create', { size: 5000 }))
    const shm = new SharedMemory(name)
    expect([shm.name, shm.size, size, shm.mode]).toEqual([name, 5000, 5000, 0o600])
    await python.does('write', { name, at: 4995, hex: hex('howdy') })
    expect(Buffer.from(shm.buf.subarray(4995)).toString()).toBe('howdy')
    shm.buf.set(Buffer.from('HELLO'))
    expect(await python.does('read', { name, at: 0, length: 5 })).toBe(hex('HELLO'))
  },
)

test.skipIf(!hasPython)(
  'CPython attaches to memory that we made, and shares it both ways',
  async () => {
    const shm = ownedByTest(new SharedMemory({ create: true, size: 512 }))
    const { name } = shm
    const python = new PythonPeer()
    expect(await python.does('attach', { name })).toEqual({ name, size: 512 })
    await python.does('write', { name, at: 0, hex: hex('howdy') })
    expect(Buffer.from(shm.buf.subarray(0, 5)).toString()).toBe('howdy')
    shm.buf.set(Buffer.from('HELLO'), 507)
    expect(await python.does('read', { name, at: 507, length: 5 })).toBe(hex('HELLO'))
  },
)

test.skipIf(!hasPython)(
  'a name that one of both has the other cannot create, and O_CREAT attaches to it',
  async () => {
    const [ours, theirs] = [memoryName(), memoryName()]
    const python = new PythonPeer()
    const shm = new SharedMemory(ours, O_CREX, { size: 8 })
    await expect(python.does('create', { name: ours, size: 8 })).rejects.toThrow('FileExistsError')
    await python.does('create', { name: theirs, size: 8 })
    expect(codeOf(() => new SharedMemory(theirs, O_CREX, { size: 8 }))).toBe('EXISTS')
    expect(new SharedMemory(theirs, O_CREAT, { size: 8 }).size).toBe(8)
    shm.unlink()
    expect(await python.does('create', { name: ours, size: 9 })).toEqual({ name: ours, size: 9 })
  },
)

test.skipIf(!hasPython)('what one of both has unlinked is gone for the other', async () => {
  const [ours, theirs] = [memoryName(), memoryName()]
  const python = new PythonPeer()
  const shm = new SharedMemory({ name: ours, create: true, size: 8 })
  await python.does('attach', { name: ours })
  await python.does('unlink', { name: ours })
  const again = codeOf(() => {
    shm.unlink()
  })
  expect(again).toBe('NOT_FOUND')
  await python.does('create', { name: theirs, size: 8 })
  new SharedMemory(theirs).unlink()
  await expect(python.does('attach', { name: theirs })).rejects.toThrow('FileNotFoundError')
})

test.skipIf(!hasPython)('memory that CPython has let go of stays as it was', async () => {
  const python = new PythonPeer()
  const { name } = ownedByTest(await python.does('create', { size: 5 }))
  const shm = new SharedMemory(name)
  await python.does('write', { name, at: 0, hex: hex('howdy') })
  await python.leave()
  expect(isThere(name)).toBe(true)
  expect(Buffer.from(shm.buf).toString()).toBe('howdy')
})
