import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ShareableList, SharedMemory, SharedMemoryManager } from '../../src/shared-memory/index.ts'
import { hasPython } from '../support/tools.ts'
import { codeOf, isThere, memoryName } from './names.ts'
import { PythonPeer } from './python-peer.ts'

/** Shut down at the end of the test, if it is not by then. */
function manager(): SharedMemoryManager {
  const made = new SharedMemoryManager()
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

/** Resolves when the process ignores what CPython's server does, and more. */
async function ignoresSignals(pid: number): Promise<void> {
  const ignored = () => {
    const [, mask] = /SigIgn:\s+(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!
    return BigInt(`0x${mask!}`)
  }
  const [SIGHUP, SIGINT, SIGTERM] = [1n, 2n, 15n]
  const wanted = (1n << (SIGHUP - 1n)) | (1n << (SIGINT - 1n)) | (1n << (SIGTERM - 1n))
  while ((ignored() & wanted) !== wanted) await setImmediate()
}

// What CPython's own tests check of SharedMemoryManager.

test('what a manager has made others attach to until it is shut down', () => {
  const owner = manager()
  const lists = [5, 6, 7].map((length) => owner.shareableList(Array.from({ length }, (_, i) => i)))
  const memories = [32, 48, 64].map((size) => owner.sharedMemory(size))
  expect(new ShareableList(undefined, { name: lists[0]!.shm.name }).length).toBe(5)
  expect(new SharedMemory(memories[0]!.name).size).toBe(32)
  const names = [...lists.map(({ shm }) => shm.name), ...memories.map(({ name }) => name)]
  expect(names.every(isThere)).toBe(true)
  owner.shutdown()
  expect(names.some(isThere)).toBe(false)
  expect(codeOf(() => new SharedMemory(names[0]))).toBe('NOT_FOUND')
})

test('what is made in a using block is freed at its end', () => {
  const owner = manager()
  const { name } = owner.shareableList('howdy').shm
  owner[Symbol.dispose]()
  expect(codeOf(() => new ShareableList(undefined, { name }))).toBe('NOT_FOUND')
})

test('a manager that was shut down makes nothing', () => {
  const owner = manager()
  owner.shutdown()
  owner.shutdown()
  expect(owner.closed).toBe(true)
  expect(codeOf(() => owner.sharedMemory(9))).toBe('CLOSED')
  expect(codeOf(() => owner.shareableList([1]))).toBe('CLOSED')
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s does not end the guardian',
  async (signal) => {
    const owner = manager()
    const { guardianPid } = owner
    await ignoresSignals(guardianPid)
    process.kill(guardianPid, signal)
    const { name } = owner.shareableList([1]).shm
    expect([owner.guardianPid, isThere(name)]).toEqual([guardianPid, true])
    await owner[Symbol.asyncDispose]()
    expect(() => process.kill(guardianPid, 0)).toThrow('ESRCH')
  },
)

// What else is promised.

test('a buffer is empty after the shutdown also when its SharedMemory was collected', async () => {
  const owner = manager()
  const make = () => {
    const shm = owner.sharedMemory(5)
    return { buf: shm.buf, shm: new WeakRef(shm) }
  }
  const { buf, shm } = make()
  while (shm.deref() !== undefined) {
    await setImmediate()
    globalThis.gc!()
  }
  owner.shutdown()
  expect(buf.length).toBe(0)
})

test.skipIf(!hasPython)(
  'memory that is shut down reads as empty here and stays for others who have it',
  async () => {
    const owner = manager()
    const shm = owner.sharedMemory(5)
    shm.buf.set(Buffer.from('howdy'))
    const list = owner.shareableList([1, 2])
    const other = new SharedMemory(shm.name)
    const python = new PythonPeer()
    await python.does('attach', { name: shm.name })
    owner.shutdown()
    expect([shm.buf.length, list.length]).toEqual([0, 0])
    expect(Buffer.from(other.buf).toString()).toBe('howdy')
    const theirs = await python.does('read', { name: shm.name, at: 0, length: 5 })
    expect(Buffer.from(theirs, 'hex').toString()).toBe('howdy')
    await expect(python.does('attach', { name: shm.name })).rejects.toThrow('FileNotFoundError')
  },
)

test('memory has the name and the mode that it is given', () => {
  const name = memoryName()
  const shm = manager().sharedMemory(8, { name, mode: 0o640 })
  expect([shm.name, shm.mode]).toEqual([name, 0o640])
})

test('memory that its user has unlinked is not missed', () => {
  const owner = manager()
  const shm = owner.sharedMemory(8)
  shm.unlink()
  shm.close()
  owner.shutdown()
  expect(isThere(shm.name)).toBe(false)
})

test('what others have put in the place of a name is theirs', () => {
  const owner = manager()
  const name = memoryName()
  const shm = owner.sharedMemory(8, { name })
  SharedMemory.unlink(name)
  const theirs = new SharedMemory({ name, create: true, size: 9 })
  owner.shutdown()
  expect([isThere(name), theirs.size, shm.closed]).toEqual([true, 9, true])
})

test('a name that is taken is refused, and is not freed with the manager', () => {
  const owner = manager()
  const shm = new SharedMemory({ name: memoryName(), create: true, size: 8 })
  expect(codeOf(() => owner.sharedMemory(8, { name: shm.name }))).toBe('EXISTS')
  owner.shutdown()
  expect(isThere(shm.name)).toBe(true)
})

test('what a manager cannot make it refuses, and leaves nothing', () => {
  const owner = manager()
  for (const size of [0, -1, 1.5, undefined]) {
    expect(codeOf(() => owner.sharedMemory(size as number))).toBe('OPTION_INVALID')
  }
  const name = memoryName()
  expect(codeOf(() => owner.sharedMemory(2 ** 44, { name }))).toBe('SHM_FULL')
  expect(codeOf(() => owner.shareableList([{}] as never, { name }))).toBe('DTYPE_MISMATCH')
  expect(codeOf(() => owner.sharedMemory(8, { nam: name } as object))).toBe('OPTION_INVALID')
  expect(codeOf(() => owner.sharedMemory(8, { name: 'a/b' }))).toBe('NAME_INVALID')
  expect(isThere(name)).toBe(false)
})

test('a guardian that somebody has killed is replaced, and the memory is freed all the same', async () => {
  const owner = manager()
  const first = owner.sharedMemory(8)
  const { guardianPid } = owner
  process.kill(guardianPid, 'SIGKILL')
  while (owner.guardianPid === guardianPid) await setImmediate()
  const second = owner.sharedMemory(8)
  expect([isThere(first.name), isThere(second.name)]).toEqual([true, true])
  owner.shutdown()
  expect([isThere(first.name), isThere(second.name)]).toEqual([false, false])
})

test('managers free their own and leave that of others', () => {
  const [one, two] = [manager(), manager()]
  const [mine, theirs] = [one.sharedMemory(8), two.sharedMemory(8)]
  one.shutdown()
  expect([isThere(mine.name), isThere(theirs.name)]).toEqual([false, true])
})
