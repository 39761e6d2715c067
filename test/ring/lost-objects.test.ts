import { rmSync, truncateSync, unlinkSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ReaderOptions } from '../../src/index.ts'
import { createWriter, openReader } from '../../src/index.ts'
import { actor, crash } from '../support/actor.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testReader, testWriter } from './fixtures.ts'

const path = (name: string, suffix: string): string => `/dev/shm/framering.${name}.${suffix}`
const bells = (name: string): string =>
  `/dev/shm/${remains(name).find((file) => file.endsWith('.bells'))!}`

describe('an object truncated by somebody', { timeout: 120_000 }, () => {
  test.each<[string, ReaderOptions]>([
    ['in place', {}],
    ['as a copy', { observe: true }],
  ])('is an error for whoever reads it, and no signal; a frame held %s', async (how, options) => {
    const writer = testWriter()
    const reader = await actor()
    await reader.does('open', { name: writer.name, options: { ...options, delivery: 'every' } })
    writer.write(flat(1))
    writer.write(flat(2))
    expect(await reader.does('take')).toMatchObject({ value: 1, whole: true })
    truncateSync(path(writer.name, 'data'), 0)
    if (how === 'in place') {
      expect(await reader.does('look')).toMatchObject({ value: 0, whole: true })
      await expect(reader.does('release')).rejects.toEqual(failure('TRUNCATED'))
    } else {
      expect(await reader.does('look')).toMatchObject({ value: 1, whole: true })
      await reader.does('release')
    }
    // The look that meets it, and every one after.
    await reader.does('take').catch(() => undefined)
    for (const look of ['take', 'waitSync', 'next'] as const) {
      await expect(reader.does(look)).rejects.toEqual(failure('TRUNCATED', /open it again/))
    }
    await reader.does('closeReader')
    expect(() => testReader(writer)).toThrow(failure('NOT_A_RING'))
  })

  test.each(['data', 'ctl'])('is an error for the writer, with a loan out: %s', async (suffix) => {
    const name = ringName()
    const writer = await actor()
    await writer.does('create', { name, options: SMALL })
    await writer.does('write')
    await writer.does('loan')
    truncateSync(path(name, suffix), 0)
    // The one that meets it may still believe that it went well.
    await writer.does('publish').catch(() => undefined)
    await writer.does('write').catch(() => undefined)
    await expect(writer.does('write')).rejects.toEqual(failure('TRUNCATED', /create/))
    await expect(writer.does('loan')).rejects.toEqual(failure('TRUNCATED'))
    await expect(writer.does('grow', { bytes: 10_000 })).rejects.toEqual(failure('TRUNCATED'))
    await writer.does('closeWriter')
    expect(remains(name)).toEqual([])
    await writer.does('create', { name, options: SMALL })
    expect(await writer.does('write')).toEqual({ sequence: 1 })
    await writer.does('closeWriter')
  })

  test('its control object only: observers, who have no part in it, still get what comes', async () => {
    const name = ringName()
    const writer = await actor()
    await writer.does('create', { name, options: SMALL })
    const reader = testReader(name)
    const observer = testReader(name, { observe: true })
    await writer.does('write')
    truncateSync(path(name, 'ctl'), 0)
    using frame = observer.tryNext()
    expect(frame?.data).toEqual(flat(1))
    try {
      reader.tryNext()?.release()
    } catch (error) {
      expect(error).toEqual(failure('TRUNCATED'))
    }
    expect(() => reader.tryNext()).toThrow(failure('TRUNCATED'))
    await writer.does('closeWriter')
    expect(await observer.next()).toBeNull()
  })
})

describe('names removed by somebody', { timeout: 120_000 }, () => {
  test('writer and readers go on; nobody new finds the ring; nothing is left at the end', async () => {
    const writer = testWriter()
    const { name } = writer
    const readers = [testReader(name, { delivery: 'every' }), testReader(name, { observe: 1 })]
    for (const suffix of ['data', 'ctl']) unlinkSync(path(name, suffix))
    for (let value = 1; value <= 20; value++) {
      const coming = readers.map((reader) => reader.next())
      writer.write(flat(value))
      for (const one of coming) {
        using frame = await one
        expect(frame).toMatchObject({ sequence: value, gap: 0 })
        expect(frame!.data).toEqual(flat(value))
      }
    }
    expect(() => openReader(name)).toThrow(failure('NOT_FOUND'))
    expect(() => openReader(name, { observe: true })).toThrow(failure('NOT_FOUND'))
    expect(() => createWriter(name, SMALL)).toThrow(failure('NAME_IN_USE'))
    const ends = readers.map((reader) => reader.next())
    writer.close()
    expect(await Promise.all(ends)).toEqual([null, null])
  })

  test('come back with the next larger ring', () => {
    const writer = testWriter()
    const reader = testReader(writer, { delivery: 'every' })
    for (const suffix of ['data', 'ctl']) unlinkSync(path(writer.name, suffix))
    writer.setFormat({ dtype: 'uint8', shape: [9000] })
    writer.write(flat(1, 9000))
    for (const one of [reader, testReader(writer)]) {
      using frame = one.tryNext()
      expect(frame?.data).toEqual(flat(1, 9000))
    }
  })

  test.each([
    ['the lock', ['lock']],
    ['all', ['lock', 'data', 'ctl']],
  ])('%s: another writer can take the name, and neither harms the other', async (_, suffixes) => {
    const name = ringName()
    const first = createWriter(name, SMALL)
    onTestFinished(() => {
      first.close()
    })
    const readers = [testReader(name), testReader(name, { observe: 1 })]
    for (const suffix of suffixes) unlinkSync(path(name, suffix))
    const second = testWriter(SMALL, name)
    const names = remains(name)
    const others = [testReader(name), testReader(name, { observe: 1 })]
    first.write(flat(1))
    second.write(flat(101))
    for (const reader of readers) {
      using frame = await reader.next()
      expect(frame?.data).toEqual(flat(1))
    }
    // New objects would go by a name that is another's by now.
    expect(() => {
      first.setFormat({ dtype: 'uint8', shape: [9000] })
    }).toThrow(failure('NAME_IN_USE', /create the ring again/))
    expect(first.write(flat(2))).toBe(2)
    first.close()
    for (const reader of readers) {
      ;(await reader.next())?.release()
      expect(await reader.next()).toBeNull()
    }
    expect(remains(name)).toEqual(names)
    second.setFormat({ dtype: 'uint8', shape: [9000] })
    second.write(flat(102, 9000))
    for (const reader of [...others, testReader(name)]) {
      using newest = await reader.next()
      if (newest?.sequence === 1) {
        newest.release()
        using next = await reader.next()
        expect(next?.data).toEqual(flat(102, 9000))
      } else {
        expect(newest?.data).toEqual(flat(102, 9000))
      }
    }
    expect(() => createWriter(name, SMALL)).toThrow(failure('NAME_IN_USE'))
  })
})

describe('doorbells removed by somebody', { timeout: 120_000 }, () => {
  test.each(['end', 'death'])(
    'still ring for those who have them: for frames, and for the %s',
    async (how) => {
      const name = ringName()
      const writer = await actor()
      await writer.does('create', { name, options: SMALL })
      const reader = testReader(name, { delivery: 'every' })
      rmSync(bells(name), { recursive: true })
      for (let sequence = 1; sequence <= 5; sequence++) {
        const coming = reader.next()
        await writer.does('write')
        using frame = await coming
        expect(frame).toMatchObject({ sequence, gap: 0 })
      }
      const over = reader.next()
      over.catch(() => undefined)
      if (how === 'end') {
        await writer.does('closeWriter')
        expect(await over).toBeNull()
        expect(remains(name)).toEqual([])
      } else {
        await crash(writer)
        await expect(over).rejects.toEqual(failure('WRITER_DIED'))
        testWriter(SMALL, name)
      }
    },
  )

  test.each([false, true])(
    'keep new readers out, who are told so at once (wait: %s); they can observe',
    async (wait) => {
      const writer = testWriter()
      writer.write(flat(1))
      rmSync(bells(writer.name), { recursive: true })
      expect(() => openReader(writer.name, { wait })).toThrow(
        failure('NOT_A_RING', /doorbells.*observe/),
      )
      expect(writer.stats().readers).toBe(0)
      using frame = await testReader(writer, { wait, observe: true }).next()
      expect(frame?.data).toEqual(flat(1))
      // New objects have new ones.
      writer.setFormat({ dtype: 'uint8', shape: [9000] })
      testReader(writer, { wait })
      expect(writer.stats().readers).toBe(1)
    },
  )
})
