import { describe, expect, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { flat, SMALL, testReader, testWriter } from './fixtures.ts'

test('latency is told for every clock that can be compared', () => {
  const writer = testWriter()
  const reader = testReader(writer)
  writer.write(flat(1), { captureTime: Date.now() - 50, captureClock: 'realtime' })
  using first = reader.tryNext()
  expect(first?.latency).toBeGreaterThan(45)
  expect(first?.latency).toBeLessThan(10_000)
  writer.write(flat(1), { captureTime: 123, captureClock: 'source' })
  using second = reader.tryNext()
  expect(second?.latency).toBeNaN()
  expect(second?.captureTime).toBe(123)
})

describe('close', () => {
  test('`using` closes', () => {
    const name = ringName()
    {
      using writer = createWriter(name, SMALL)
      expect(remains(writer.name)).not.toEqual([])
    }
    expect(remains(name)).toEqual([])
  })

  test.each(['process.exit', 'uncaught exception', 'natural end', 'worker exit'])(
    'happens by itself at: %s',
    async (how) => {
      const name = ringName()
      const peer = new Peer(new URL('../processes/leaver.mjs', import.meta.url), { name, how })
      await peer.heard('open')
      expect(remains(name)).not.toEqual([])
      peer.say('leave')
      const { signal } = await peer.ended()
      expect(signal).toBeNull()
      expect(remains(name)).toEqual([])
    },
  )
})
