import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWriter, openReader } from '../../src/index.ts'
import { ringName } from '../support/ring-name.ts'

/** Where the payload of the data object begins: behind it come the slots, to the end of the file. */
function payloadOffset(name: string, slots: number, slotBytes: number): number {
  return readFileSync(`/dev/shm/framering.${name}.data`).length - slots * slotBytes
}

describe('zero copy', () => {
  test.each(['revoke', 'cached'] as const)(
    'a byte written into the shared object appears in a view made before (%s)',
    (views) => {
      const name = ringName()
      const writer = createWriter(name, { dtype: 'uint8', shape: [4096], slots: 2 })
      const reader = openReader(name, { views })
      writer.write(new Uint8Array(4096).fill(1))
      const frame = reader.tryNext()!
      const { data, array } = frame
      expect(data[100]).toBe(1)
      // Behind everybody's back, through the file: whoever has a copy does not see it.
      const file = openSync(`/dev/shm/framering.${name}.data`, 'r+')
      const at = payloadOffset(name, 2, 4096)
      for (const slot of [0, 1]) writeSync(file, Buffer.of(99), 0, 1, at + slot * 4096 + 100)
      closeSync(file)
      expect(data[100]).toBe(99)
      expect(array.get(100)).toBe(99)
      frame.release()
      reader.close()
      writer.close()
    },
  )

  test('a loan is filled in the slot itself', () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [4096], slots: 2 })
    const loan = writer.loan()
    loan.data.fill(42)
    // Not published, and already in the object.
    const bytes = readFileSync(`/dev/shm/framering.${name}.data`)
    const at = payloadOffset(name, 2, 4096)
    expect([0, 1].some((slot) => bytes[at + slot * 4096 + 7] === 42)).toBe(true)
    loan.abandon()
    writer.close()
  })

  test('a frame and the views made of it share one memory', () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'float32', shape: [8, 8], slots: 2 })
    const reader = openReader(name)
    writer.write(new Float32Array(64).fill(1))
    const frame = reader.tryNext()!
    expect(frame.array.data.buffer).toBe(frame.data.buffer)
    expect(frame.array.slice([2, 4], null).data.buffer).toBe(frame.data.buffer)
    expect(frame.retain().data.buffer).toBe(frame.data.buffer)
    reader.close()
    writer.close()
  })
})
