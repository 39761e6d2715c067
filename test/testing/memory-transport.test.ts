import { describe, expect, test } from 'vitest'
import { createWriter, frames, now, openReader, ringBytes } from '../../src/index.ts'
import type { MemoryTransport } from '../../src/testing/index.ts'
import { useMemoryTransport } from '../../src/testing/index.ts'
import { failure, flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'
import { remains } from '../support/ring-name.ts'

describe('useMemoryTransport', () => {
  test('takes the place of shared memory until it is disposed of', () => {
    const before = now()
    const real = testWriter()
    {
      using memory = useMemoryTransport({ start: 3 })
      expect(memory.now).toBe(3)
      expect(() => openReader(real.name)).toThrow(failure('NOT_FOUND'))
      createWriter(real.name, SMALL).write(flat(1))
      expect(remains(real.name).length).toBeGreaterThan(0)
      createWriter('heap-only', SMALL)
      expect(remains('heap-only')).toEqual([])
      // What was opened before goes on where it was.
      real.write(flat(7))
    }
    expect(now()).toBeGreaterThanOrEqual(before)
    using frame = testReader(real).tryNext()
    expect(frame?.data).toEqual(flat(7))
  })

  test('ends what is left open when it is disposed of, and calls nobody any more', () => {
    const memory = useMemoryTransport()
    const writer = createWriter('front', SMALL)
    const seen: unknown[] = []
    frames('front').subscribe({ next: () => seen.push('frame'), complete: () => seen.push('end') })
    memory.after(1, () => seen.push('alarm'))
    writer.write(flat(1))
    memory[Symbol.dispose]()
    memory[Symbol.dispose]()
    expect(() => writer.write(flat(2))).toThrow(failure('CLOSED'))
    expect(seen).toEqual([])
    // Another one begins with nothing, and the one before has no say in it.
    using other = useMemoryTransport({ start: 8 })
    createWriter('front', SMALL)
    memory[Symbol.dispose]()
    expect([now(), other.now]).toEqual([8, 8])
  })

  test('is one at a time, and begins at a time that can be', () => {
    const bad = { start: -1 }
    expect(() => useMemoryTransport(bad)).toThrow(failure('OPTION_INVALID', /start is -1/))
    using memory = useMemoryTransport()
    expect(() => useMemoryTransport()).toThrow(failure('OPTION_INVALID', /in use/))
    expect(memory.now).toBe(0)
  })

  test.each(['advance', 'advanceAsync', 'after'] as const)('%s goes forward only', async (how) => {
    using memory = useMemoryTransport()
    const call = (ms: unknown): unknown => memory[how](ms as number, () => undefined)
    for (const ms of [-1, NaN, Infinity, '5']) {
      await expect(
        new Promise((resolve) => {
          resolve(call(ms))
        }),
      ).rejects.toEqual(failure('OPTION_INVALID'))
    }
  })
})

describe('kill', () => {
  test('ends a writer as SIGKILL would: its handle throws, its name is free, its frames are taken', () => {
    using memory = useMemoryTransport()
    const writer = createWriter('front', SMALL)
    using reader = openReader('front')
    const loan = writer.loan()
    writer.write(flat(1))
    memory.kill('front')
    expect(() => writer.write(flat(2))).toThrow(failure('CLOSED', /kill/))
    expect(() => loan.publish()).toThrow(failure('CLOSED', /kill/))
    writer.close()
    using frame = reader.tryNext()
    expect(frame?.data).toEqual(flat(1))
    expect(() => reader.tryNext()).toThrow(failure('WRITER_DIED'))
    expect(() => openReader('front')).toThrow(failure('NOT_FOUND', /dead writer/))
    createWriter('front', SMALL)
  })

  test('is told to a subscription that sleeps', () => {
    using memory = useMemoryTransport()
    createWriter('front', SMALL)
    let error: unknown
    frames('front').subscribe({ error: (e: unknown) => (error = e) })
    memory.advance(10)
    expect(error).toBeUndefined()
    memory.kill('front')
    memory.advance(0)
    expect(error).toEqual(failure('WRITER_DIED'))
  })

  test('needs a writer of the name, in its directory', () => {
    using memory = useMemoryTransport()
    createWriter('front', { ...SMALL, directory: '/elsewhere' })
    expect(() => {
      memory.kill('front')
    }).toThrow(failure('NOT_FOUND'))
    memory.kill('front', '/elsewhere')
    createWriter('front', { ...SMALL, directory: '/elsewhere' })
  })
})

describe('fail', () => {
  test('brings about once what only a machine could, and leaves nothing behind', () => {
    using memory: MemoryTransport = useMemoryTransport()
    memory.fail('createWriter', 'SHM_FULL')
    memory.fail('createWriter', 'MEMLOCK', 'not so much')
    memory.fail('openReader', 'PERMISSION')
    expect(() => createWriter('front', SMALL)).toThrow(failure('SHM_FULL'))
    expect(() => createWriter('front', SMALL)).toThrow(failure('MEMLOCK', /not so much/))
    createWriter('front', SMALL)
    expect(() => openReader('front')).toThrow(failure('PERMISSION'))
    using reader = openReader('front')
    expect(reader.tryNext()).toBeNull()
  })
})

test.each([
  { slots: 2, maxReaders: 1, dtype: 'uint8', shape: [1] },
  { slots: 8, maxReaders: 32, dtype: 'uint8', shape: [1080, 1920, 3] },
  { slots: 17, maxReaders: 63, dtype: 'float64', shape: [4097] },
  { slots: 1000, maxReaders: 64, dtype: 'uint8', shape: [4096] },
] as const)('ringBytes is what shared memory would take: %j', (options) => {
  const shared = ringBytes(options)
  using memory = useMemoryTransport()
  expect([ringBytes(options), memory.now]).toEqual([shared, 0])
})
