import { expect, expectTypeOf, test } from 'vitest'
import type { ReaderOptions, WriterOptions } from '../../src/index.ts'
import { Frame, Loan, Reader, Writer } from '../../src/index.ts'
import { SMALL, testReader, testWriter } from './fixtures.ts'

test('what the library makes cannot be made with `new`', () => {
  type Constructor = abstract new (...args: never) => unknown
  expectTypeOf<typeof Frame>().not.toExtend<Constructor>()
  expectTypeOf<typeof Loan>().not.toExtend<Constructor>()
  expectTypeOf<typeof Reader>().not.toExtend<Constructor>()
  expectTypeOf<typeof Writer>().not.toExtend<Constructor>()
  const writer = testWriter()
  using loan = writer.loan()
  expect(writer).toBeInstanceOf(Writer)
  expect(loan).toBeInstanceOf(Loan)
  loan.publish()
  const reader = testReader(writer)
  using frame = reader.tryNext()
  expect(reader).toBeInstanceOf(Reader)
  expect(frame).toBeInstanceOf(Frame)
})

test('an option may be given as undefined: it is as if it were left out', () => {
  const writing: WriterOptions = {
    ...SMALL,
    slots: undefined as number | undefined,
    memoryLock: undefined as 'try' | undefined,
    reliableLimit: undefined as number | undefined,
  }
  const reading: ReaderOptions = {
    signal: undefined as AbortSignal | undefined,
    delivery: undefined as 'every' | undefined,
    reconnect: undefined as boolean | undefined,
    onDeadline: undefined as (() => void) | undefined,
  }
  const writer = testWriter(writing)
  expect(writer.stats().slots).toBe(8)
  expect(testReader(writer, reading).stats().attached).toBe(true)
})
