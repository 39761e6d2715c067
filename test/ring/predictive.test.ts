// What a reader gets with `wake: 'predictive'` is what it gets without.
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Frame, ReaderOptions } from '../../src/index.ts'
import { createWriter, frames, openReader } from '../../src/index.ts'
import { MemoryReader } from '../../src/testing/memory-reader.ts'
import { useMemoryTransport } from '../../src/testing/index.ts'
import { writingPeer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, until } from './fixtures.ts'

/** Some frames at one rate: at the same distance, or anywhere up to it. */
interface Stretch {
  readonly frames: number
  readonly period: number
  readonly regular: boolean
}

const stretches = fc.array(
  fc.record<Stretch>({
    frames: fc.integer({ min: 1, max: 40 }),
    period: fc.constantFrom(4, 5, 16.7, 33.3, 40, 500),
    regular: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
)
const options: fc.Arbitrary<ReaderOptions> = fc.record({
  delivery: fc.constantFrom('latest', 'every', 'reliable'),
  maxFps: fc.constantFrom(undefined, 10, 60),
  maxAge: fc.constantFrom(undefined, 20),
  reliableWait: fc.constant(0),
})

function* intervals(of: readonly Stretch[]): Generator<number> {
  let chance = 1
  for (const { frames, period, regular } of of) {
    for (let i = 0; i < frames; i++) {
      chance = (chance * 16_807) % 2_147_483_647
      yield regular ? period : period * (chance / 2_147_483_647)
    }
  }
}

describe('in virtual time', () => {
  test('the frames are those of a reader that the doorbell wakes, at the same times, whatever the rates', () => {
    fc.assert(
      fc.property(stretches, options, fc.boolean(), (rates, chosen, dies) => {
        using memory = useMemoryTransport({ start: 100 })
        const writer = createWriter('front', SMALL)
        const seen = { event: [] as unknown[], predictive: [] as unknown[] }
        for (const wake of ['event', 'predictive'] as const) {
          frames('front', { ...chosen, wake }).subscribe({
            next: (frame) => seen[wake].push(told(frame)),
            error: (error: unknown) => seen[wake].push((error as { code: string }).code),
            complete: () => seen[wake].push('complete'),
          })
        }
        for (const interval of intervals(rates)) {
          memory.advance(interval)
          writer.write(flat(1))
        }
        memory.advance(300)
        if (dies) memory.kill('front')
        else writer.close()
        // With maxFps it takes a while until the last of them is due.
        memory.advance(60_000)
        expect(seen.event.at(-1)).toBe(dies ? 'WRITER_DIED' : 'complete')
        expect(seen.predictive).toEqual(seen.event)
      }),
      { numRuns: 200 },
    )
  })

  test('a reader of a steady writer is awake by the time of its frames; the doorbell stays the default', () => {
    const poll = vi.spyOn(MemoryReader.prototype, 'poll')
    onTestFinished(() => {
      poll.mockRestore()
    })
    for (const wake of ['event', 'predictive', undefined] as const) {
      poll.mockClear()
      using memory = useMemoryTransport()
      const writer = createWriter('front', SMALL)
      frames('front', { wake }).subscribe()
      for (let i = 0; i < 100; i++) {
        memory.advance(16.7)
        writer.write(flat(1))
      }
      expect(poll.mock.calls.length > 60).toBe(wake === 'predictive')
    }
  })

  test('next() and for await wake ahead too', async () => {
    const poll = vi.spyOn(MemoryReader.prototype, 'poll')
    onTestFinished(() => {
      poll.mockRestore()
    })
    using memory = useMemoryTransport()
    const writer = createWriter('front', SMALL)
    const received: number[] = []
    const reading = (async () => {
      for await (const frame of openReader('front', { wake: 'predictive' })) {
        received.push(frame.sequence)
      }
    })()
    for (let i = 0; i < 60; i++) {
      await memory.advanceAsync(16.7)
      writer.write(flat(1))
    }
    await memory.advanceAsync(1)
    writer.close()
    await memory.advanceAsync(1)
    await reading
    expect(received).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(poll.mock.calls.length).toBeGreaterThan(20)
  })
})

describe('on shared memory', () => {
  test.each([
    { rates: 'a steady rate', intervals: [10] },
    { rates: 'one that changes', intervals: [...times(30, 5), ...times(20, 12)] },
    { rates: 'one that is none', intervals: [1, 30, 4, 4, 17, 2, 9] },
    { rates: 'a writer that pauses', intervals: [...times(25, 8), 300] },
  ])('with $rates every frame comes, in order and once', async ({ intervals }) => {
    const name = ringName()
    const writer = writingPeer(new URL('../processes/metronome.mjs', import.meta.url), {
      ...{ name, intervals },
    })
    await writer.heard('open')
    const pulled: number[] = []
    const pulling = (async () => {
      const chosen = { delivery: 'every', wake: 'predictive', replay: 1000 } as const
      for await (const frame of openReader(name, chosen)) pulled.push(frame.sequence)
    })()
    const pushed: number[] = []
    let completed = false
    frames(name, { delivery: 'every', wake: 'predictive', replay: 1000 }).subscribe({
      next: (frame) => {
        expect(frame.data).toEqual(flat(frame.sequence & 255))
        pushed.push(frame.sequence)
      },
      complete: () => (completed = true),
    })
    await until(() => pushed.length >= 100)
    writer.say('close')
    await writer.ended()
    await pulling
    await until(() => completed)
    expect(pushed).toEqual(Array.from({ length: pushed.length }, (_, i) => i + 1))
    expect(pulled).toEqual(pushed)
    expect(remains(name)).toEqual([])
  })

  test('the death of the writer is told although the reader sleeps until a frame it will not get', async () => {
    const name = ringName()
    const writer = writingPeer(new URL('../processes/metronome.mjs', import.meta.url), {
      ...{ name, intervals: [10] },
    })
    await writer.heard('open')
    let received = 0
    const died = new Promise((resolve) => {
      frames(name, { wake: 'predictive' }).subscribe({
        next: () => {
          if (++received === 50) writer.kill()
        },
        error: resolve,
      })
    })
    expect(await died).toEqual(failure('WRITER_DIED'))
    await writer.ended()
    // The next of the name removes what is left.
    createWriter(name, SMALL).close()
    expect(remains(name)).toEqual([])
  })

  test('an observer has nobody to fall back on, and other words are no way to wake', () => {
    const name = ringName()
    expect(() => openReader(name, { observe: true, wake: 'predictive' })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(/observer/) as unknown,
      }),
    )
    expect(() => openReader(name, { wake: 'soon' as 'event' })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(/wake is "soon"/) as unknown,
      }),
    )
  })
})

function told(frame: Frame): unknown {
  const { sequence, gap, lost, publishTime, receiveTime } = frame
  return { sequence, gap, lost, publishTime, receiveTime }
}

function times(count: number, ms: number): number[] {
  return Array.from({ length: count }, () => ms)
}
