import { describe, expect, test } from 'vitest'
import type { Frame, ViewStrategy } from '../../src/index.ts'
import { createWriter, NdArray, openReader } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { failure, flat, SMALL, testReader, testWriter } from './fixtures.ts'

const STRATEGIES: readonly ViewStrategy[] = ['revoke', 'cached', 'copy']

describe('I7 a released frame is gone', () => {
  test.each(['revoke', 'copy'] as const)('its views have length 0 (%s)', (views) => {
    const writer = testWriter()
    const reader = testReader(writer, { views })
    writer.write(flat(7))
    const frame = reader.tryNext() as Frame
    const { data, array } = frame
    const row = array.slice(1)
    const part = data.subarray(4, 8)
    expect([data.length, part.length, row.size]).toEqual([16, 4, 4])
    frame.release()
    expect([data.length, part.length, array.data.length, data.buffer.byteLength]).toEqual([
      0, 0, 0, 0,
    ])
    expect(frame.data.length).toBe(0)
    expect(() => array.get(0, 0)).toThrow(failure('RELEASED'))
    expect(() => row.get(0)).toThrow(failure('RELEASED'))
    expect(() => frame.array).toThrow(failure('RELEASED', /frame 1/))
  })

  test('cached views stay, by request, until the reader closes', () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    const reader = testReader(writer, { views: 'cached' })
    writer.write(flat(1))
    const frame = reader.tryNext() as Frame
    const { data } = frame
    frame.release()
    expect(data.length).toBe(16)
    writer.write(flat(2))
    const other = reader.tryNext()
    writer.write(flat(3))
    // The slot has the next frame by now.
    expect(data[0]).toBe(3)
    other?.release()
    reader.close()
    expect(data.length).toBe(0)
  })

  test('figures stay readable, retaining and copying do not', () => {
    const writer = testWriter()
    writer.write(flat(1), { user: [5] })
    const frame = testReader(writer).tryNext() as Frame
    expect(frame.released).toBe(false)
    frame.release()
    frame.release()
    expect(frame.released).toBe(true)
    expect(frame).toMatchObject({ sequence: 1, gap: 0, bytesUsed: 16, format: SMALL })
    expect(frame.user[0]).toBe(5)
    expect(() => frame.retain()).toThrow(failure('RELEASED', /retain/))
    expect(() => frame.copy()).toThrow(failure('RELEASED'))
  })

  // Node 20 cannot move foreign memory at all: structuredClone copies it and leaves the view alone.
  test.runIf('transfer' in ArrayBuffer.prototype)(
    'a view that was moved away does no harm to the frames after',
    () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      const reader = testReader(writer)
      for (let i = 1; i <= 8; i++) {
        writer.write(flat(i))
        using frame = reader.tryNext() as Frame
        expect(frame.data).toEqual(flat(i))
        if (i % 2 === 1) (frame.data.buffer as ArrayBuffer).transfer()
      }
    },
  )
})

describe.each(STRATEGIES)('views: %s', (views) => {
  test('show every frame of a long stream, through data and array alike', () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    const reader = testReader(writer, { views, delivery: 'every' })
    for (let i = 1; i <= 500; i++) {
      writer.write(flat(i & 255))
      using frame = reader.tryNext() as Frame
      expect(frame.sequence).toBe(i)
      expect(frame.data).toEqual(flat(i & 255))
      expect(frame.data).toBe(frame.data)
      expect(frame.array).toBe(frame.array)
      expect(frame.array.get(3, 3)).toBe(i & 255)
    }
  })

  test('a write into them changes nothing for anybody else, and is gone by the next frame', () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    const reader = testReader(writer, { views })
    const other = testReader(writer)
    for (let i = 1; i <= 6; i++) {
      writer.write(flat(i))
      using frame = reader.tryNext() as Frame
      frame.data.fill(255)
      using theirs = other.tryNext()
      expect(theirs?.data).toEqual(flat(i))
    }
  })
})

describe('zero copy', () => {
  test('a loan is the memory that readers look at: a write into it shows before it is published', () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    const reader = testReader(writer, { views: 'cached' })
    const seen = [1, 2].map((value) => {
      writer.write(flat(value))
      using frame = reader.tryNext() as Frame
      return frame.data
    })
    using loan = writer.loan()
    loan.data.fill(77)
    // Of the two slots it is the one that does not hold the newest frame.
    expect(seen.map((data) => data[0])).toEqual([77, 2])
  })

  test('copy() is ordinary memory', () => {
    const writer = testWriter()
    writer.write(flat(3))
    const frame = testReader(writer).tryNext() as Frame
    const copy = frame.copy()
    frame.release()
    expect(copy).toBeInstanceOf(NdArray)
    expect([...copy.data]).toEqual([...flat(3)])
  })

  test('a frame nobody looks at makes no ArrayBuffer', async () => {
    const { transport } = await import('../../src/transport/index.ts')
    const writer = testWriter()
    const reader = testReader(writer)
    const before = transport().pendingBuffers()
    for (let i = 0; i < 100; i++) {
      writer.write(flat(1))
      using frame = reader.tryNext() as Frame
      expect(frame.sequence).toBe(i + 1)
    }
    expect(transport().pendingBuffers()).toBe(before)
  })
})

describe('retain', () => {
  test('shares the views, which go with the last lease', () => {
    const writer = testWriter()
    const reader = testReader(writer)
    writer.write(flat(1))
    const lent = reader.tryNext() as Frame
    const kept = lent.retain()
    const again = kept.retain()
    const { data } = lent
    lent.release()
    expect(lent.data.length).toBe(0)
    expect([data.length, kept.data, kept.sequence]).toEqual([16, data, 1])
    kept.release()
    expect(again.data).toBe(data)
    again.release()
    expect(data.length).toBe(0)
    expect(reader.stats().leases).toBe(0)
  })

  test('a retained frame does not change however fast the writer is', () => {
    const writer = testWriter({ ...SMALL, slots: 4 })
    const reader = testReader(writer)
    writer.write(flat(1))
    const lent = reader.tryNext() as Frame
    using kept = lent.retain()
    lent.release()
    for (let i = 0; i < 1000; i++) writer.write(flat(i & 255))
    expect(kept.data).toEqual(flat(1))
  })

  test('counts one frame against maxLeases, however often', () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxLeases: 2 })
    writer.write(flat(1))
    using first = reader.tryNext() as Frame
    using twice = first.retain()
    using thrice = first.retain()
    writer.write(flat(2))
    using second = reader.tryNext()
    expect([twice.sequence, thrice.sequence, second?.sequence]).toEqual([1, 1, 2])
    expect(reader.stats().leases).toBe(2)
    writer.write(flat(3))
    expect(() => reader.tryNext()).toThrow(failure('LEASES_EXHAUSTED'))
  })
})

describe('forgotten', () => {
  test('frames and loans are reclaimed by the garbage collector, and reported once', async () => {
    const peer = new Peer(new URL('../processes/forgetful.mjs', import.meta.url), {}, [
      '--expose-gc',
    ])
    expect(await peer.heard('done')).toMatchObject({
      warnings: ['FRAMERING_FORGOTTEN_LEASE', 'FRAMERING_FORGOTTEN_LOAN'],
      leases: 0,
      slotless: false,
    })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
  })
})

describe('where the runtime forbids external buffers', () => {
  test('frames and loans work all the same, on copies', async () => {
    const peer = new Peer(new URL('../processes/all-views.mjs', import.meta.url), {}, [], {
      FRAMERING_NO_EXTERNAL_BUFFERS: '1',
    })
    expect(await peer.heard('done')).toMatchObject({ wrong: [], external: 0, slotless: true })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
  })

  test('(the same steps where they are allowed make them)', async () => {
    const peer = new Peer(new URL('../processes/all-views.mjs', import.meta.url), {})
    const report = await peer.heard('done')
    expect(report).toMatchObject({ wrong: [], slotless: false })
    expect(report['external']).toBeGreaterThan(0)
    await peer.ended()
  })
})

test('frame.raw fits sharp, where pixels lie channel by channel', () => {
  const raw = (fourcc: string): unknown => {
    const writer = testWriter({ format: { fourcc, width: 6, height: 4 } })
    using loan = writer.loan()
    loan.publish(fourcc === 'MJPG' ? { bytesUsed: 4 } : {})
    using frame = testReader(writer).tryNext()
    return frame?.raw
  }
  expect(raw('RGB3')).toEqual({ width: 6, height: 4, channels: 3 })
  expect(raw('BGRA')).toEqual({ width: 6, height: 4, channels: 4 })
  expect(raw('GREY')).toEqual({ width: 6, height: 4, channels: 1 })
  expect(raw('Y16')).toEqual({ width: 6, height: 4, channels: 1 })
  for (const fourcc of ['YUYV', 'NV12', 'MJPG']) {
    expect(() => raw(fourcc)).toThrow(failure('FORMAT_INVALID', new RegExp(fourcc)))
  }
})

test('a format of its own name is what readers see', () => {
  const writer = createWriter(`fmt-${process.pid}`, {
    format: { fourcc: 'NV12', width: 8, height: 4 },
    memoryLock: 'none',
  })
  try {
    expect(writer.locked).toBe('not asked for')
    writer.write(flat(1, 48))
    using reader = openReader(writer.name)
    using frame = reader.tryNext()
    expect(frame?.format).toEqual(writer.format)
  } finally {
    writer.close()
  }
})
