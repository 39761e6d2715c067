import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { SharedMemory } from '../../src/shared-memory/index.ts'
import { attachOrCreateMemory, createMemory } from '../../src/shared-memory/named-memory.ts'
import { codeOf, isThere, memoryName, namesLike, ownedByTest } from './names.ts'

function created(name: string, size = 512): SharedMemory {
  return new SharedMemory({ name, create: true, size })
}

// What CPython's own tests check of SharedMemory, one by one.

test('created memory has its name, its size and zeros', () => {
  const name = memoryName()
  const shm = created(name)
  expect([shm.name, shm.size, shm.buf.length, shm.mode]).toEqual([name, 512, 512, 0o600])
  expect(shm.buf.every((byte) => byte === 0)).toBe(true)
  expect(statSync(`/dev/shm/${name}`).size).toBe(512)
})

test('printed memory says its name and its size', () => {
  const shm = created(memoryName())
  for (const text of [String(shm), inspect(shm)]) {
    expect(text).toContain(shm.name)
    expect(text).toContain('512')
  }
})

test('what one attachment writes the other reads', () => {
  const shm = created(memoryName())
  const same = new SharedMemory(shm.name)
  shm.buf[0] = 42
  expect(same.buf[0]).toBe(42)
  same.buf[511] = 43
  expect(shm.buf[511]).toBe(43)
})

test('a size given to attach is ignored', () => {
  const shm = created(memoryName())
  expect(new SharedMemory({ name: shm.name, size: 20 * 512 }).size).toBe(512)
})

test.each([-1, 0, undefined, 1.5, Number.NaN, 2 ** 60, '512'])('size %s is refused', (size) => {
  const name = memoryName()
  const act = () => new SharedMemory({ name, create: true, size: size as number })
  expect(codeOf(act)).toBe('OPTION_INVALID')
  expect(isThere(name)).toBe(false)
})

test('a negative size is refused also to attach', () => {
  const shm = created(memoryName())
  expect(codeOf(() => new SharedMemory({ name: shm.name, size: -2 }))).toBe('OPTION_INVALID')
})

test('attaching takes a name', () => {
  expect(codeOf(() => new SharedMemory({}))).toBe('OPTION_INVALID')
  expect(codeOf(() => new SharedMemory(undefined))).toBe('OPTION_INVALID')
})

test('memory without a name gets a fresh one like that of CPython', () => {
  const shm = ownedByTest(new SharedMemory({ create: true, size: 1 }))
  expect(shm.name).toMatch(/^psm_[0-9a-f]{8}$/)
  expect(isThere(shm.name)).toBe(true)
})

test('a fresh name that somebody has is passed over', () => {
  const names = [memoryName(), memoryName()] as const
  created(names[0])
  const left = [names[0], names[0], names[1]]
  const memory = { name: undefined, bytes: 1, mode: 0o600 }
  const shm = new SharedMemory(createMemory(memory, () => left.shift()!))
  expect([shm.name, shm.size]).toEqual([names[1], 1])
  expect(new SharedMemory(names[0]).size).toBe(512)
})

test('memory is unlinked once, by whoever has it', () => {
  const uno = created(memoryName(), 5000)
  const duo = new SharedMemory(uno.name)
  duo.unlink()
  expect(isThere(uno.name)).toBe(false)
  expect(
    codeOf(() => {
      uno.unlink()
    }),
  ).toBe('NOT_FOUND')
  expect(
    codeOf(() => {
      duo.unlink()
    }),
  ).toBe('NOT_FOUND')
})

test('a name that is taken cannot be created, and its memory stays as it is', () => {
  const shm = created(memoryName())
  shm.buf.fill(7)
  expect(codeOf(() => created(shm.name))).toBe('EXISTS')
  expect(new SharedMemory(shm.name).buf.every((byte) => byte === 7)).toBe(true)
})

test('attach-or-create attaches to what is there', () => {
  const shm = created(memoryName())
  shm.buf[1] = 5
  const same = new SharedMemory({ name: shm.name, create: 'attach-or-create' })
  expect([same.size, same.buf[1]]).toEqual([512, 5])
})

test('attach-or-create creates what is not there', () => {
  const name = memoryName()
  const shm = new SharedMemory({ name, create: 'attach-or-create', size: 64, mode: 0o640 })
  expect([shm.size, shm.mode]).toEqual([64, 0o640])
  expect(new SharedMemory(name).size).toBe(64)
})

test('attach-or-create attaches to what others make in the same moment', () => {
  const name = memoryName()
  const { segment } = attachOrCreateMemory(name, () => {
    created(name, 9).buf[0] = 4
    return { name, bytes: 64, mode: 0o600 }
  })
  expect([...new Uint8Array(segment.buffer)]).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 0])
})

test('attach-or-create without a size attaches, or has nothing to create', () => {
  const name = memoryName()
  const act = () => new SharedMemory({ name, create: 'attach-or-create' })
  expect(codeOf(act)).toBe('NOT_FOUND')
  expect(isThere(name)).toBe(false)
})

test('a name that nobody has cannot be attached to', () => {
  expect(codeOf(() => new SharedMemory(memoryName()))).toBe('NOT_FOUND')
})

test('memory passed on as JSON is the same memory', () => {
  const shm = created(memoryName())
  const passed = new SharedMemory(JSON.parse(JSON.stringify(shm)) as { name: string })
  passed.buf.set(Buffer.from('pickle'))
  expect(Buffer.from(shm.buf.subarray(0, 6)).toString()).toBe('pickle')
  expect(passed.name).toBe(shm.name)
})

test('memory passed on as JSON is not found once it is unlinked', () => {
  const shm = created(memoryName())
  const text = JSON.stringify(shm)
  shm.close()
  shm.unlink()
  expect(codeOf(() => new SharedMemory(JSON.parse(text) as { name: string }))).toBe('NOT_FOUND')
})

// What else is promised.

test('closed memory reads as empty, and closing again does nothing', () => {
  const shm = created(memoryName())
  const view = new Uint32Array(shm.buf.buffer)
  shm.close()
  shm.close()
  expect([shm.buf.length, view.length, shm.closed, shm.size]).toEqual([0, 0, true, 512])
  expect(isThere(shm.name)).toBe(true)
})

test('memory in a using block is closed at its end and stays for others', () => {
  const shm = created(memoryName())
  shm[Symbol.dispose]()
  expect([shm.closed, isThere(shm.name)]).toEqual([true, true])
})

test('unlinked memory stays for those who have it', () => {
  const shm = created(memoryName())
  const same = new SharedMemory(shm.name)
  shm.unlink()
  shm.buf[3] = 9
  expect(same.buf[3]).toBe(9)
})

test('memory that somebody put in the place of the unlinked one is not unlinked', () => {
  const shm = created(memoryName())
  SharedMemory.unlink(shm.name)
  const theirs = created(shm.name, 8)
  expect(
    codeOf(() => {
      shm.unlink()
    }),
  ).toBe('NOT_FOUND')
  expect(isThere(theirs.name)).toBe(true)
})

test('a name can be unlinked without attaching, once', () => {
  const { name } = created(memoryName())
  SharedMemory.unlink(`/${name}`)
  expect(isThere(name)).toBe(false)
  expect(
    codeOf(() => {
      SharedMemory.unlink(name)
    }),
  ).toBe('NOT_FOUND')
})

test.each(['', '/', '.', '..', 'a/b', '//a', 'a\0b', 'x'.repeat(256), 'é'.repeat(128), 7])(
  'the name %j is refused',
  (given) => {
    const name = given as string
    expect(codeOf(() => created(name))).toBe('NAME_INVALID')
    if (typeof given === 'string') expect(codeOf(() => new SharedMemory(name))).toBe('NAME_INVALID')
    expect(
      codeOf(() => {
        SharedMemory.unlink(name)
      }),
    ).toBe('NAME_INVALID')
  },
)

test('a name may have 255 bytes and a slash before it', () => {
  const name = memoryName().padEnd(255, 'x')
  const shm = ownedByTest(created(`/${name}`))
  expect([shm.name, isThere(name)]).toEqual([name, true])
})

test('what is written to a read-only attachment nobody else sees', () => {
  const shm = created(memoryName())
  shm.buf.fill(1)
  const seen = new SharedMemory({ name: shm.name, readOnly: true })
  expect([seen.readOnly, seen.buf[0]]).toEqual([true, 1])
  seen.buf[0] = 99
  expect([shm.buf[0], new SharedMemory(shm.name).buf[0]]).toEqual([1, 1])
})

test('memory has just the mode that it is given, and none that everybody may write', () => {
  const umask = process.umask(0o077)
  onTestFinished(() => {
    process.umask(umask)
  })
  const shm = new SharedMemory({ name: memoryName(), create: true, size: 8, mode: 0o664 })
  expect([shm.mode, statSync(`/dev/shm/${shm.name}`).mode & 0o777]).toEqual([0o664, 0o664])
  const open = { name: memoryName(), create: true, size: 8, mode: 0o666 }
  expect(codeOf(() => new SharedMemory(open))).toBe('OPTION_INVALID')
  expect(isThere(open.name)).toBe(false)
})

test('read-only memory cannot be created', () => {
  for (const create of [true, 'attach-or-create'] as const) {
    const options = { name: memoryName(), create, size: 8, readOnly: true }
    expect(codeOf(() => new SharedMemory(options))).toBe('OPTION_INVALID')
    expect(isThere(options.name)).toBe(false)
  }
})

test.each([
  { creat: true },
  { create: 'yes' },
  { name: 'none', create: 'false' },
  { create: true, size: 8, mode: 0o1777 },
  [],
])('the options %j are refused', (options) => {
  expect(codeOf(() => new SharedMemory(options as object))).toBe('OPTION_INVALID')
})

test.each(['true', ['true'], null])(
  'create takes no %j, and the error says what it takes',
  (create) => {
    const given = { name: memoryName(), create, size: 8 } as object
    expect(() => new SharedMemory(given)).toThrow("give true, false or 'attach-or-create'")
  },
)

test('memory that somebody has cut short reads as zeros where it is missing', () => {
  const shm = created(memoryName(), 3 * 4096)
  shm.buf.fill(6)
  truncateSync(`/dev/shm/${shm.name}`, 4096)
  expect([shm.buf[0], shm.buf[2 * 4096]]).toEqual([6, 0])
  expect(shm.truncated).toBe(true)
})

test('a file without any bytes is not attached to', () => {
  const name = memoryName()
  writeFileSync(`/dev/shm/${name}`, '')
  expect(codeOf(() => new SharedMemory(name))).toBe('TRUNCATED')
  const act = () => new SharedMemory({ name, create: 'attach-or-create', size: 8 })
  expect(codeOf(act)).toBe('TRUNCATED')
})

test('more than /dev/shm has room for is refused and leaves nothing', () => {
  const name = memoryName()
  expect(codeOf(() => created(name, 2 ** 44))).toBe('SHM_FULL')
  expect(namesLike(name)).toEqual([])
})
