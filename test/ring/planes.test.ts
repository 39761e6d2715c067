import { expect, test } from 'vitest'
import type { Frame, NdArray, ViewStrategy } from '../../src/index.ts'
import { FOURCCS } from '../../src/index.ts'
import { failure, testReader, testWriter } from './fixtures.ts'

const NV12 = { format: { fourcc: 'NV12', width: 6, height: 4 } }

function counted(data: Uint8Array): void {
  for (let i = 0; i < data.length; i++) data[i] = i
}

test('planes are views on the frame: same memory, rows and columns of each plane', () => {
  const writer = testWriter(NV12)
  using loan = writer.loan()
  counted(loan.data)
  loan.publish()
  using frame = testReader(writer).tryNext() as Frame
  const [luma, chroma] = frame.planes as [NdArray<'uint8'>, NdArray<'uint8'>]
  expect(frame.planes).toHaveLength(2)
  expect([luma.shape, chroma.shape]).toEqual([
    [4, 6],
    [2, 3, 2],
  ])
  expect(luma.get(1, 2)).toBe(8)
  expect(chroma.get(1, 2, 1)).toBe(24 + 6 + 4 + 1)
  expect([luma.data.buffer, chroma.data.buffer]).toEqual([frame.data.buffer, frame.data.buffer])
  expect(chroma.data.byteOffset).toBe(24)
})

test.each<ViewStrategy>(['revoke', 'cached', 'copy'])(
  "views '%s': planes are made once a lease, and end as data does",
  (views) => {
    const writer = testWriter(NV12)
    const reader = testReader(writer, { views })
    for (const value of [1, 2]) {
      using loan = writer.loan()
      loan.data.fill(value)
      loan.publish()
      const frame = reader.tryNext() as Frame
      const { planes } = frame
      expect(frame.planes).toBe(planes)
      expect(planes[0]!.get(3, 5)).toBe(value)
      const kept = frame.retain()
      expect(kept.planes).toBe(planes)
      kept.release()
      expect(planes[1]!.get(1, 2, 0)).toBe(value)
      frame.release()
      expect(() => frame.planes).toThrow(failure('RELEASED'))
      if (views !== 'cached') expect(() => planes[0]!.get(0, 0)).toThrow(failure('RELEASED'))
    }
  },
)

test('another format has other planes, in the same slots', () => {
  const writer = testWriter({ ...NV12, slots: 2 })
  const reader = testReader(writer)
  for (const fourcc of ['NV12', 'I420', 'NV12']) {
    writer.setFormat({ format: { ...NV12.format, fourcc } })
    using loan = writer.loan()
    counted(loan.data)
    loan.publish()
    using frame = reader.tryNext() as Frame
    expect(frame.planes.map(({ shape }) => shape.length)).toEqual(
      fourcc === 'I420' ? [2, 2, 2] : [2, 3],
    )
  }
})

test('a frame knows the name of its ring, after the release too', () => {
  const writer = testWriter()
  writer.write(new Uint8Array(16))
  const frame = testReader(writer).tryNext() as Frame
  frame.release()
  expect(frame.ring).toBe(writer.name)
})

test('every raw format has as many planes as its format says; packets and arrays have none', () => {
  for (const { fourcc, opaque } of FOURCCS) {
    const writer = testWriter({ format: { fourcc, width: 7, height: 5 } })
    using loan = writer.loan()
    loan.publish({ bytesUsed: 9 })
    using frame = testReader(writer).tryNext() as Frame
    expect(frame.planes.length, fourcc).toBe(opaque ? 0 : frame.format.planes.length)
    for (const { dtype } of frame.planes) expect(dtype).toBe(frame.format.dtype)
  }
  const writer = testWriter()
  writer.write(new Uint8Array(16))
  using frame = testReader(writer).tryNext() as Frame
  expect(frame.planes).toEqual([])
})
