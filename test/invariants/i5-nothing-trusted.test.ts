import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWriter, openReader } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

const WRITER = new URL('processes/writer.mjs', import.meta.url)
const READER = new URL('processes/reader.mjs', import.meta.url)

/** Where the pin words of the slots stand in the control object, a cache line each: see layout.h. */
const PINS = 4096

/** A generator that repeats, so that a failure can be looked at again. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

describe('I5 no byte in shared memory is trusted', () => {
  test('a lease that another process broke is reported at its release', () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [64], slots: 2 })
    const reader = openReader(name)
    writer.write(new Uint8Array(64).fill(1))
    const frame = reader.tryNext()!
    const control = openSync(`/dev/shm/framering.${name}.ctl`, 'r+')
    for (const slot of [0, 1]) writeSync(control, Buffer.alloc(8), 0, 8, PINS + 64 * slot)
    closeSync(control)
    // The writer believes the slot free and uses it.
    for (let value = 2; value < 6; value++) writer.write(new Uint8Array(64).fill(value))
    expect(() => {
      frame.release()
    }).toThrow(expect.objectContaining({ code: 'LEASE_BROKEN' }) as Error)
    // Only that frame was lost: the reader goes on.
    const next = reader.tryNext()!
    expect(next.sequence).toBe(5)
    next.release()
    reader.close()
    writer.close()
  })

  test('slots that a peer forged holds on come back as soon as their holders look', async () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [64], slots: 4 })
    const reader = openReader(name)
    writer.write(new Uint8Array(64).fill(1))
    reader.tryNext()!.release()
    const pending = reader.next()
    const control = openSync(`/dev/shm/framering.${name}.ctl`, 'r+')
    for (const slot of [0, 1, 2, 3]) {
      writeSync(control, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), 0, 8, PINS + 64 * slot)
    }
    closeSync(control)
    expect(writer.write(new Uint8Array(64).fill(2))).toBe(0)
    // Dropped until the reader, rung by the writer's sweep, finds what it does not hold.
    let sequence = 0
    while (sequence === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      sequence = writer.write(new Uint8Array(64).fill(3))
    }
    using frame = await pending
    expect(frame).toMatchObject({ sequence, gap: sequence - 2 })
    expect(frame?.lost.noSlot).toBe(sequence - 2)
    reader.close()
    writer.close()
  })

  test(
    'a peer that scribbles over the control object neither crashes nor hangs writer or readers',
    { timeout: 120_000 },
    async () => {
      const name = ringName()
      const readers = ['latest', 'every', 'reliable'].map(
        (delivery) => new Peer(READER, { name, options: { delivery, reliableWait: 5 } }),
      )
      for (const reader of readers) await reader.heard('ready')
      const writer = new Peer(WRITER, { name, words: 256, slots: 6, options: { reliableLimit: 5 } })
      try {
        await writer.heard('ready')
        writer.say('publish', { frames: 1 })
        await writer.heard('published')
        for (const reader of readers) await reader.heard('first')

        const control = openSync(`/dev/shm/framering.${name}.ctl`, 'r+')
        const { size } = fstatSync(control)
        const random = randomNumbers(20261121)
        for (let round = 0; round < 20; round++) {
          writer.say('publish', { frames: 500 })
          for (let i = 0; i < 2000; i++) {
            const bytes = Buffer.from(Array.from({ length: 8 }, () => random.next().value * 256))
            const at = Math.floor(random.next().value * (size - 8))
            writeSync(control, bytes, 0, 8, at)
          }
          await writer.heard('published')
        }
        closeSync(control)
        writer.say('close')
        await writer.heard('closed')
        expect(await writer.ended()).toEqual({ code: 0, signal: null })
        // Each comes to an end of its own: completion, or the error of a lease that was broken.
        for (const reader of readers) {
          expect(await reader.ended()).toEqual({ code: 0, signal: null })
        }
        expect(remains(name)).toEqual([])
      } finally {
        for (const peer of [writer, ...readers]) peer.kill()
      }
    },
  )

  test.each([
    ['a foreign magic', 0, Buffer.from('NOTARING'), 'NOT_A_RING'],
    ['the other byte order', 8, Buffer.from([1, 2, 3, 4]), 'BYTE_ORDER'],
    ['a damaged byte order mark', 8, Buffer.from([9, 9, 9, 9]), 'NOT_A_RING'],
    ['a later layout', 12, Buffer.from([9, 0, 9, 0]), 'LAYOUT_VERSION'],
    ['another word size', 16, Buffer.from([32]), 'WORD_SIZE'],
    ['another C library', 17, Buffer.from([2]), 'LIBC'],
    ['too many slots', 20, Buffer.from([255, 255, 255, 255]), 'NOT_A_RING'],
    ['no reader entries', 24, Buffer.from([0, 0, 0, 0]), 'NOT_A_RING'],
    ['another generation in one of the two', 32, Buffer.from([1]), 'NOT_FOUND'],
    ['slots larger than the file', 40, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), 'NOT_A_RING'],
  ])('an object with %s is refused', (_, offset, bytes, code) => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [64], slots: 2 })
    const path = `/dev/shm/framering.${name}.data`
    const file = openSync(path, 'r+')
    const before = readFileSync(path).subarray(offset, offset + bytes.length)
    writeSync(file, bytes, 0, bytes.length, offset)
    expect(() => openReader(name)).toThrow(expect.objectContaining({ code }) as Error)
    writeSync(file, before, 0, before.length, offset)
    closeSync(file)
    openReader(name).close()
    writer.close()
    expect(remains(name)).toEqual([])
  })
})
