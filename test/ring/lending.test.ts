import { describe, expect, test } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { createWriter, openReader } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { failure, flat, SMALL, testReader, testWriter } from './fixtures.ts'

describe('I7 a released frame is gone', () => {
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

  test('cached views of a loan stay, by request, and the loan itself is over all the same', () => {
    const writer = testWriter({ ...SMALL, slots: 2, views: 'cached' })
    const loan = writer.loan()
    const { data, array } = loan
    data.fill(1)
    expect(loan.publish()).toBe(1)
    expect([data.length, array.get(0, 0)]).toEqual([16, 1])
    expect(loan.data.length).toBe(0)
    const later = writer.loan()
    later.abandon()
    const again = writer.loan()
    // Whoever is out in the slot now, an old loan has nothing to do with it.
    for (const old of [loan, later]) {
      expect(() => old.publish()).toThrow(failure('NOT_ON_LOAN'))
      old.abandon()
      expect(() => old.array).toThrow(failure('NOT_ON_LOAN'))
    }
    expect(again.publish()).toBe(2)
    writer.close()
    expect(data.length).toBe(0)
  })

  test('cached views of a frame are made anew when it has another format, or its bytes were moved away', () => {
    const writer = testWriter({ ...SMALL, slots: 2, slotBytes: 64 })
    const reader = testReader(writer, { views: 'cached' })
    const shapes: number[][] = []
    for (const shape of [[4, 4], [2, 8], [8], [4, 4]]) {
      writer.setFormat({ dtype: 'uint8', shape })
      for (let i = 0; i < 3; i++) {
        writer.write(new Uint8Array(shape.reduce((a, b) => a * b)).fill(i))
        using frame = reader.tryNext() as Frame
        shapes.push([...frame.array.shape, frame.data.length, Number(frame.array.data[0])])
      }
    }
    expect(shapes).toEqual(
      [[4, 4], [2, 8], [8], [4, 4]].flatMap((shape) =>
        [0, 1, 2].map((value) => [...shape, shape.reduce((a, b) => a * b), value]),
      ),
    )
    for (let i = 0; i < 6; i++) {
      writer.write(flat(i))
      using frame = reader.tryNext() as Frame
      expect(frame.data[15]).toBe(i)
      structuredClone(frame.data.buffer, { transfer: [frame.data.buffer as ArrayBuffer] })
      expect(frame.data[15]).toBe(i)
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
