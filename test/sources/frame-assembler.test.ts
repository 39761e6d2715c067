import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveFormat } from '../../src/format/index.ts'
import { FrameAssembler } from '../../src/sources/frame-assembler.ts'
import { FrameSink } from '../../src/sources/frame-sink.ts'
import { FakeWriter } from './fake-writer.ts'

/** Byte n of the stream. */
const byteAt = (n: number): number => (n * 7 + (n >> 8) * 3) & 0xff

/** Feeds `reads` reads, each of so much of the room as `share` says, and notes every room. */
function feed(bytes: number, shares: readonly number[]) {
  const frames: Uint8Array[] = []
  const writer = new FakeWriter(resolveFormat({ dtype: 'uint8', shape: [bytes] }), (data) => {
    frames.push(data.slice())
  })
  const slots = new Set<unknown>()
  const loan = writer.loan.bind(writer)
  writer.loan = () => {
    const taken = loan()
    slots.add(taken.data.buffer)
    return taken
  }
  const assembler = new FrameAssembler(new FrameSink(writer), bytes, () => ({}))
  const rooms: { inSlot: boolean; at: number; afterAll: boolean }[] = []
  let sent = 0
  let afterAll = false
  for (const share of shares) {
    const room = assembler.room()
    if (room.length === 0) throw new Error('an empty room')
    rooms.push({ inSlot: slots.has(room.buffer), at: sent % bytes, afterAll })
    const count = Math.max(1, Math.floor(room.length * share))
    for (let i = 0; i < count; i++) room[i] = byteAt(sent + i)
    sent += count
    afterAll = count < room.length
    assembler.received(count)
  }
  return { frames, rooms, sent, writer, assembler }
}

const shares = fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), {
  minLength: 1,
  maxLength: 60,
})
const sizes = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(4096, 8192, 4097))

describe('the assembler of frames', () => {
  it('puts every byte in its place, however the stream is cut', () => {
    fc.assert(
      fc.property(sizes, shares, (bytes, cuts) => {
        const { frames, sent } = feed(bytes, cuts)
        expect(frames).toHaveLength(Math.floor(sent / bytes))
        frames.forEach((frame, f) => {
          const wrong = frame.findIndex((byte, i) => byte !== byteAt(f * bytes + i))
          expect(wrong).toBe(-1)
        })
      }),
    )
  })

  it('offers no slot for bytes of a later turn, and slots only from a page boundary on', () => {
    fc.assert(
      fc.property(sizes, shares, (bytes, cuts) => {
        for (const { inSlot, at, afterAll } of feed(bytes, cuts).rooms) {
          if (!inSlot) continue
          expect(afterAll).toBe(false)
          expect(at % 4096).toBe(0)
        }
      }),
    )
    const { rooms } = feed(1_000_000, [1, 0.5, 1, 0.5])
    expect(rooms.map((room) => room.inSlot)).toEqual([false, true, false, true])
  })

  it('takes a loan only when bytes have come, and gives back one that is incomplete', () => {
    const { writer, assembler } = feed(10_000, [1, 1])
    assembler.room()
    expect(writer).toMatchObject({ loans: 1, outstanding: 0 })
    const cut = feed(10_000, [1])
    expect(cut.writer.outstanding).toBe(1)
    cut.assembler.abandon()
    expect(cut.writer).toMatchObject({ loans: 1, abandoned: 1, outstanding: 0 })
  })
})
