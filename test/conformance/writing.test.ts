import { describe, expect, test } from 'vitest'
import { fromArray, NdArray, now, zeros } from '../../src/index.ts'
import { remains } from '../support/ring-name.ts'
import { failure, flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'

import { onBoth } from './transports.ts'

onBoth(() => {
  describe('write', () => {
    test('gives each frame the next sequence, and readers its bytes', () => {
      const writer = testWriter()
      const reader = testReader(writer, { delivery: 'every', replay: 8 })
      expect([writer.write(flat(1)), writer.write(flat(2)), writer.write(flat(3))]).toEqual([
        1, 2, 3,
      ])
      expect(writer.sequence).toBe(3)
      for (const value of [1, 2, 3]) {
        using frame = reader.tryNext()
        expect(frame?.sequence).toBe(value)
        expect(frame?.data).toEqual(flat(value))
      }
      expect(reader.tryNext()).toBeNull()
    })

    test('takes any view, any buffer and arrays of any strides', () => {
      const writer = testWriter({ dtype: 'uint16', shape: [2, 3] })
      const reader = testReader(writer)
      const values = new Uint16Array([1, 2, 3, 4, 5, 6])
      const shared = new Uint16Array(new SharedArrayBuffer(12))
      shared.set(values)
      const padded = new Uint16Array([0, 0, ...values])
      const inputs = [
        values,
        values.buffer,
        new DataView(values.buffer),
        Buffer.from(values.buffer),
        shared,
        shared.buffer,
        padded.subarray(2),
        new NdArray('uint16', values, [2, 3]),
        new NdArray('uint16', padded, [2, 3], [3, 1], 2),
        fromArray('uint16', [
          [1, 4],
          [2, 5],
          [3, 6],
        ]).transpose(),
        fromArray('uint16', [
          [9, 3, 2, 1],
          [9, 6, 5, 4],
        ]).slice(null, [null, 0, -1]),
      ]
      for (const input of inputs) {
        expect(writer.write(input)).toBeGreaterThan(0)
        using frame = reader.tryNext()
        expect([...(frame?.array.data as Uint16Array)]).toEqual([...values])
      }
    })

    test('returns 0, and the readers see a gap, when every slot is held', () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      const reader = testReader(writer, { maxLeases: 1 })
      const other = testReader(writer, { maxLeases: 1 })
      writer.write(flat(1))
      using first = reader.tryNext()
      expect(first?.sequence).toBe(1)
      writer.write(flat(2))
      const second = other.tryNext()
      expect(second?.sequence).toBe(2)
      expect(writer.write(flat(3))).toBe(0)
      expect(writer.stats()).toMatchObject({ sequence: 3, published: 2, dropped: 1 })
      second?.release()
      first?.release()
      expect(writer.write(flat(4))).toBe(4)
      using fourth = reader.tryNext()
      expect(fourth?.gap).toBe(2)
      expect(fourth?.lost).toEqual({ source: 0, noSlot: 1, overrun: 0, skipped: 1, restart: 0 })
    })

    test('leaves the newest frame to whoever comes, however many are dropped after it', () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      const reader = testReader(writer, { maxLeases: 1 })
      writer.write(flat(1))
      using held = reader.tryNext()
      writer.write(flat(2))
      for (let i = 0; i < 500; i++) expect(writer.write(flat(3))).toBe(0)
      for (const delivery of ['latest', 'every'] as const) {
        using frame = testReader(writer, { delivery }).tryNext()
        expect(frame).toMatchObject({ sequence: 2, data: flat(2) })
      }
      held?.release()
      using next = reader.tryNext()
      expect(next).toMatchObject({ sequence: 2, gap: 0 })
    })

    test('refuses what is not a frame of the format, and publishes nothing', () => {
      const writer = testWriter()
      const released = testReader(writer)
      const cases: [unknown, ReturnType<typeof failure>][] = [
        [flat(1, 15), failure('SHAPE_MISMATCH', /15 bytes were given and a frame has 16/)],
        [flat(1, 17), failure('FRAME_TOO_LARGE', /17 bytes were given and a frame has 16/)],
        [flat(1, 0), failure('SHAPE_MISMATCH')],
        [zeros('int8', [4, 4]), failure('DTYPE_MISMATCH', /carries uint8 .* int8 was given/)],
        [zeros('uint8', [4, 5]), failure('SHAPE_MISMATCH', /\[4, 4\].*\[4, 5\]/)],
        [zeros('uint8', [16]), failure('SHAPE_MISMATCH')],
        ['pixels', failure('OPTION_INVALID')],
        [null, failure('OPTION_INVALID')],
        [42, failure('OPTION_INVALID')],
      ]
      for (const [data, error] of cases) {
        expect(() => writer.write(data as Uint8Array)).toThrow(error)
      }
      writer.write(flat(7))
      const frame = released.tryNext()
      const array = frame?.array as NdArray
      frame?.release()
      expect(() => writer.write(array)).toThrow(failure('RELEASED'))
      expect(writer.sequence).toBe(1)
    })

    test('carries all that is said of a frame', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      const captureTime = now() - 5
      const meta = {
        captureTime,
        captureClock: 'monotonic',
        captureMoment: 'exposure-end',
        sourceSequence: 17,
        pts: -90000,
        duration: 3000,
        timeBase: [1, 90000],
        key: true,
        corrupt: true,
        discontinuity: true,
        endOfStream: true,
        user: [1, 2, 3, 4, 5, 6, 7, Number.MAX_SAFE_INTEGER],
      } as const
      writer.write(flat(1), meta)
      using frame = reader.tryNext()
      expect(frame).toMatchObject({
        ...meta,
        captureTime: expect.closeTo(captureTime, 3) as number,
      })
      expect(frame?.latency).toBeGreaterThanOrEqual(5)
      expect(frame?.publishTime).toBeGreaterThanOrEqual(captureTime)
      expect(frame?.receiveTime).toBeGreaterThanOrEqual(frame?.publishTime ?? NaN)
    })

    test('says nothing that was not said', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      writer.write(flat(1))
      using frame = reader.tryNext()
      expect(frame).toMatchObject({
        captureClock: 'monotonic',
        captureMoment: 'unknown',
        sourceSequence: 0,
        key: false,
        corrupt: false,
        discontinuity: false,
        endOfStream: false,
        user: [0, 0, 0, 0, 0, 0, 0, 0],
        bytesUsed: 16,
        session: expect.any(Number) as number,
      })
      expect([frame?.pts, frame?.duration, frame?.timeBase, frame?.info]).toEqual(
        Array(4).fill(undefined),
      )
      expect(frame?.captureTime).toBe(frame?.publishTime)
    })

    test('a received frame can be passed on with all that is known of it', () => {
      const first = testWriter()
      const second = testWriter()
      first.write(flat(5), { sourceSequence: 9, pts: 3, timeBase: [1, 30], user: [8] })
      using frame = testReader(first).tryNext()
      second.write(frame?.array as NdArray, frame ?? {})
      using relayed = testReader(second).tryNext()
      expect(relayed).toMatchObject({ sourceSequence: 9, pts: 3, timeBase: [1, 30] })
      expect(relayed?.captureTime).toBeCloseTo(frame?.captureTime ?? NaN, 3)
      expect(relayed?.data).toEqual(flat(5))
    })

    test.each([
      [{ captureClock: 'sundial' }, /captureClock is "sundial"/],
      [{ captureMoment: 'later' }, /captureMoment is "later"/],
      [{ sourceSequence: -1 }, /sourceSequence/],
      [{ pts: 1.5 }, /pts/],
      [{ user: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, /9 words/],
      [{ user: [-1] }, /user/],
      [{ timeBase: [0.5, 1] }, /timeBase/],
    ])('refuses bad meta %j', (meta, message) => {
      const writer = testWriter()
      expect(() => writer.write(flat(1), meta as object)).toThrow(
        failure('OPTION_INVALID', message),
      )
      expect(writer.sequence).toBe(0)
    })

    test('a jump of the source count is told as lost at the source, not as a gap', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      for (const sourceSequence of [1, 5]) {
        writer.write(flat(1), { sourceSequence })
        using frame = reader.tryNext()
        expect(frame?.gap).toBe(0)
        expect(frame?.lost.source).toBe(sourceSequence === 1 ? 0 : 3)
      }
      expect(reader.stats().lost.source).toBe(3)
    })

    test('compressed frames keep their own length', () => {
      const writer = testWriter({
        format: { fourcc: 'MJPG', width: 64, height: 48 },
        capacity: 5000,
      })
      const reader = testReader(writer)
      writer.write(flat(3, 1234))
      {
        using frame = reader.tryNext()
        expect(frame?.data).toEqual(flat(3, 1234))
        expect(frame?.array.shape).toEqual([1234])
        expect(frame?.bytesUsed).toBe(1234)
      }
      {
        using loan = writer.loan()
        expect(loan.data.length).toBe(5000)
        loan.data.fill(4)
        expect(() => loan.publish()).toThrow(failure('OPTION_INVALID', /bytesUsed/))
        expect(() => loan.publish({ bytesUsed: 5001 })).toThrow(failure('FRAME_TOO_LARGE'))
        expect(loan.publish({ bytesUsed: 10 })).toBe(2)
      }
      using frame = reader.tryNext()
      expect(frame?.data).toEqual(flat(4, 10))
      expect(() => writer.write(flat(1, 5001))).toThrow(failure('FRAME_TOO_LARGE'))
    })
  })

  describe('loan', () => {
    test('what is filled in place is what readers get, without a copy of its own', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      using loan = writer.loan()
      expect(loan.slotless).toBe(false)
      expect(loan.array.shape).toEqual([4, 4])
      loan.data.fill(3)
      loan.array.set(1, 2, 200)
      expect(loan.publish({ user: [7] })).toBe(1)
      using frame = reader.tryNext()
      expect(frame?.array.get(1, 2)).toBe(200)
      expect(frame?.array.get(0, 0)).toBe(3)
      expect(frame?.user[0]).toBe(7)
    })

    test('its views have length 0 once it is published or abandoned', () => {
      const writer = testWriter()
      for (const end of ['publish', 'abandon'] as const) {
        const loan = writer.loan()
        const { data, array } = loan
        expect(data.length).toBe(16)
        loan[end]()
        expect([data.length, array.data.length, loan.data.length]).toEqual([0, 0, 0])
        expect(() => array.get(0, 0)).toThrow(failure('RELEASED'))
        expect(() => loan.array).toThrow(failure('NOT_ON_LOAN'))
      }
      expect(writer.stats()).toMatchObject({ published: 1, abandoned: 1 })
    })

    test('is abandoned at the end of its block when it was not published, and uses up no sequence', () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      for (let i = 0; i < 10; i++) {
        using loan = writer.loan()
        expect(loan.slotless).toBe(false)
      }
      expect(writer.stats()).toMatchObject({ sequence: 0, abandoned: 10 })
    })

    test('cannot be published twice, nor after it was abandoned', () => {
      const writer = testWriter()
      const loan = writer.loan()
      loan.publish()
      expect(() => loan.publish()).toThrow(failure('NOT_ON_LOAN'))
      const other = writer.loan()
      other.abandon()
      other.abandon()
      expect(() => other.publish()).toThrow(failure('NOT_ON_LOAN'))
      expect(writer.sequence).toBe(1)
    })

    test('goes on, with what was filled in, when publish is refused', () => {
      const writer = testWriter()
      using loan = writer.loan()
      const { data } = loan
      data.fill(6)
      expect(() => loan.publish({ sourceSequence: -4 })).toThrow(failure('OPTION_INVALID'))
      expect(data.length).toBe(16)
      expect(loan.publish()).toBe(1)
      using frame = testReader(writer).tryNext()
      expect(frame?.data).toEqual(flat(6))
    })

    test('several are out at a time, each on a slot of its own', () => {
      const writer = testWriter()
      using a = writer.loan()
      using b = writer.loan()
      a.data.fill(1)
      b.data.fill(2)
      expect([b.publish(), a.publish()]).toEqual([1, 2])
      const reader = testReader(writer, { delivery: 'every', replay: 2 })
      using first = reader.tryNext()
      using second = reader.tryNext()
      expect([first?.data[0], second?.data[0]]).toEqual([2, 1])
    })

    test('is on private memory when every slot is held: dropped, or copied if one came free', () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      const reader = testReader(writer, { maxLeases: 1 })
      const other = testReader(writer, { maxLeases: 1 })
      writer.write(flat(1))
      using first = reader.tryNext()
      writer.write(flat(2))
      using second = other.tryNext()
      {
        using loan = writer.loan()
        expect(loan.slotless).toBe(true)
        const { data } = loan
        data.fill(3)
        expect(loan.publish()).toBe(0)
        expect(data.length).toBe(0)
      }
      using loan = writer.loan()
      expect(loan.slotless).toBe(true)
      loan.array.fill(4)
      first?.release()
      expect(loan.publish({ user: [1] })).toBe(4)
      expect(writer.stats()).toMatchObject({ published: 3, dropped: 1 })
      second?.release()
      using last = other.tryNext()
      expect(last).toMatchObject({ sequence: 4, data: flat(4), lost: { noSlot: 1 } })
    })

    test('is out of reach when the writer closes', () => {
      const writer = testWriter()
      const loan = writer.loan()
      const { data } = loan
      writer.close()
      expect(data.length).toBe(0)
      expect(() => loan.publish()).toThrow(failure('NOT_ON_LOAN'))
      loan.abandon()
    })
  })

  describe('close', () => {
    test('ends everything: what comes later is CLOSED, twice is once, nothing is left', () => {
      const writer = testWriter()
      writer.close()
      writer.close()
      expect(remains(writer.name)).toEqual([])
      for (const call of [
        () => writer.write(flat(1)),
        () => writer.loan(),
        () => writer.stats(),
        () => writer.sequence,
        () => {
          writer.setFormat(SMALL)
        },
      ]) {
        expect(call).toThrow(failure('CLOSED', /createWriter/))
      }
    })
  })

  describe('setFormat', () => {
    test('within the slot: the epoch rises, format and info change with the next frame', () => {
      const writer = testWriter({ ...SMALL, info: { lens: 'wide' } })
      const reader = testReader(writer, { delivery: 'every' })
      writer.write(flat(1))
      writer.setFormat({ dtype: 'float32', shape: [2] }, { lens: 'tele' })
      writer.write(new Float32Array([1.5, 2.5]))
      writer.write(new Float32Array([3.5, 4.5]))
      {
        using frame = reader.tryNext()
        expect(frame).toMatchObject({ epoch: 1, info: { lens: 'wide' }, format: SMALL })
      }
      using frame = reader.tryNext()
      expect(frame).toMatchObject({ epoch: 2, info: { lens: 'tele' } })
      expect(frame?.array.dtype).toBe('float32')
      expect([...(frame?.array ?? [])]).toEqual([1.5, 2.5])
      using next = reader.tryNext()
      expect(next?.format).toBe(frame?.format)
      expect(reader.stats().attachments).toBe(1)
    })

    test('beyond the slot: a larger ring of the same name, which readers follow', () => {
      const writer = testWriter(SMALL)
      const reader = testReader(writer, { delivery: 'every' })
      writer.write(flat(1))
      reader.tryNext()?.release()
      writer.setFormat({ dtype: 'uint8', shape: [100, 100] })
      const sequence = writer.write(flat(9, 10_000))
      using frame = reader.waitSync(5000)
      expect(frame).toMatchObject({ sequence, gap: 0 })
      expect(frame?.data).toEqual(flat(9, 10_000))
      expect(reader.stats()).toMatchObject({ attachments: 2, received: 2 })
      expect(() => writer.write(flat(1))).toThrow(failure('SHAPE_MISMATCH'))
    })

    test('what was not read before the larger ring came is a gap', () => {
      const writer = testWriter(SMALL)
      const reader = testReader(writer)
      writer.write(flat(1))
      reader.tryNext()?.release()
      for (let i = 0; i < 3; i++) writer.write(flat(2))
      using held = reader.tryNext()
      expect(held).toMatchObject({ sequence: 4, gap: 2 })
      writer.setFormat({ dtype: 'uint8', shape: [100, 100] })
      for (let i = 0; i < 3; i++) writer.write(flat(3, 10_000))
      using frame = reader.waitSync(5000)
      expect(frame).toMatchObject({ sequence: 7, gap: 2, lost: { skipped: 2, restart: 0 } })
      // A frame of the ring left behind is as good as it was.
      expect(held?.data).toEqual(flat(2))
    })

    test('refuses a bad format, bad info, and loans that are out; the old format stays', () => {
      const writer = testWriter()
      const { format } = writer
      expect(() => {
        writer.setFormat({ dtype: 'uint8', shape: [0] })
      }).toThrow(failure('FORMAT_INVALID'))
      expect(() => {
        writer.setFormat(SMALL, 1n)
      }).toThrow(failure('OPTION_INVALID', /JSON/))
      using loan = writer.loan()
      expect(() => {
        writer.setFormat({ dtype: 'uint8', shape: [2] })
      }).toThrow(failure('OPTION_INVALID', /1 loans/))
      expect(writer.format).toBe(format)
      loan.data.fill(5)
      expect(loan.publish()).toBe(1)
    })
  })
})
