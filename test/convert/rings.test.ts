import { expect, onTestFinished, test } from 'vitest'
import { convert, convertSync } from '../../src/convert/index.ts'
import type { Frame } from '../../src/index.ts'
import { resolveFormat } from '../../src/index.ts'
import { fillPattern } from '../../src/sources/index.ts'
import { failure, testReader, testWriter } from '../ring/fixtures.ts'

const YUYV = { fourcc: 'YUYV', width: 64, height: 48 } as const

function patternFrame(): { frame: Frame; leases: () => number } {
  const writer = testWriter({ format: YUYV })
  const reader = testReader(writer)
  using loan = writer.loan()
  fillPattern(loan.data, resolveFormat({ format: YUYV }), 1, 0)
  loan.publish()
  const frame = reader.tryNext() as Frame
  onTestFinished(() => {
    frame.release()
  })
  return { frame, leases: () => reader.stats().leases }
}

test('a frame is leased until the conversion is done, though it is released meanwhile', async () => {
  const { frame, leases } = patternFrame()
  const expected = convertSync(frame, { to: 'RGB3' }).data
  const converted = convert(frame, { to: 'RGB3' })
  frame.release()
  expect(leases()).toBe(1)
  expect((await converted).data).toEqual(expected)
  expect(leases()).toBe(0)
})

test('a lease ends when a conversion is refused', async () => {
  const { frame, leases } = patternFrame()
  await expect(convert(frame, { to: 'Z16' })).rejects.toEqual(failure('UNSUPPORTED'))
  frame.release()
  expect(leases()).toBe(0)
  await expect(convert(frame, { to: 'RGB3' })).rejects.toEqual(failure('RELEASED'))
})

test('a frame goes into the loan of another ring, and its colours are told', async () => {
  const { frame } = patternFrame()
  const writer = testWriter({ format: { fourcc: 'NV12', width: 32, height: 24 } })
  const reader = testReader(writer)
  const options = { to: 'NV12', size: { width: 32, height: 24 } }
  const expected = convertSync(frame, options)
  using loan = writer.loan()
  const made = await convert(frame, { ...options, into: loan })
  expect(made.data.buffer).toBe(loan.data.buffer)
  expect(made.color).toMatchObject({ matrix: 6, range: 2 })
  loan.publish(frame)
  using received = reader.tryNext() as Frame
  expect(received.data).toEqual(expected.data)
})

test('a loan that is too small is refused and stays as it was', async () => {
  const { frame } = patternFrame()
  const writer = testWriter()
  using loan = writer.loan()
  loan.data.fill(3)
  await expect(convert(frame, { to: 'RGB3', into: loan })).rejects.toEqual(
    failure('SHAPE_MISMATCH', /9216 bytes and `into` has 16/),
  )
  expect(new Set(loan.data)).toEqual(new Set([3]))
})

test('a loan without a slot is converted into aside, and filled at the end', async () => {
  const { frame } = patternFrame()
  const size = { width: 2000, height: 1500 }
  const writer = testWriter({ format: { fourcc: 'RGB3', ...size }, slots: 2 })
  const held = [writer.loan(), writer.loan()]
  const loan = writer.loan()
  expect(loan.slotless).toBe(true)
  await convert(frame, { to: 'RGB3', size, into: loan })
  const { data } = await convert(frame, { to: 'RGB3', size })
  expect(Buffer.compare(loan.data, data)).toBe(0)
  const converted = convert(frame, { to: 'RGB3', size, into: loan })
  const outcome = expect(converted).rejects.toEqual(failure('NOT_ON_LOAN', /wait for/))
  loan.abandon()
  for (const each of held) each.abandon()
  writer.setFormat({ format: { fourcc: 'RGB3', width: 20, height: 20 } })
  for (let i = 0; i < 4; i++) writer.loan()
  writer.close()
  globalThis.gc?.()
  await outcome
})

test('a result that no process could hold is refused with a code', async () => {
  const { frame } = patternFrame()
  const size = { width: 2 ** 20, height: 2 ** 20 }
  await expect(convert(frame, { to: 'RGBA', size })).rejects.toEqual(failure('OPTION_INVALID'))
})

test('a loan that was given back meanwhile is an error, and its closed writer no crash', async () => {
  const { frame } = patternFrame()
  const writer = testWriter({ format: { fourcc: 'RGB3', width: 2000, height: 1500 } })
  const loan = writer.loan()
  const size = { width: 2000, height: 1500 }
  const converted = convert(frame, { to: 'RGB3', size, into: loan })
  const outcome = expect(converted).rejects.toEqual(failure('NOT_ON_LOAN', /wait for/))
  loan.abandon()
  writer.close()
  globalThis.gc?.()
  await outcome
  const late = { to: 'RGB3', into: loan }
  await expect(convert(frame, late)).rejects.toEqual(failure('NOT_ON_LOAN'))
})

test('an array frame is no picture until somebody says which', () => {
  const writer = testWriter({ dtype: 'uint8', shape: [4, 6, 3] })
  const reader = testReader(writer)
  writer.write(new Uint8Array(72).fill(9))
  using frame = reader.tryNext() as Frame
  expect(() => convertSync(frame, { to: 'GREY' })).toThrow(
    failure('FORMAT_INVALID', /frame\.array/),
  )
  const picture = { data: frame.array, fourcc: 'RGB3', width: 6, height: 4 }
  expect(new Set(convertSync(picture, { to: 'GREY' }).data)).toEqual(new Set([9]))
  expect(() => convertSync(picture, { into: frame as never })).toThrow(
    failure('FORMAT_INVALID', /loan/),
  )
})
