import { describe, expect, test } from 'vitest'
import type { Frame, ViewStrategy } from '../../src/index.ts'
import { NdArray } from '../../src/index.ts'
import { failure, flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'

import { onBoth } from './transports.ts'

const STRATEGIES: readonly ViewStrategy[] = ['revoke', 'cached', 'copy']

onBoth(() => {
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
    test('copy() is ordinary memory', () => {
      const writer = testWriter()
      writer.write(flat(3))
      const frame = testReader(writer).tryNext() as Frame
      const copy = frame.copy()
      frame.release()
      expect(copy).toBeInstanceOf(NdArray)
      expect([...copy.data]).toEqual([...flat(3)])
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
})
