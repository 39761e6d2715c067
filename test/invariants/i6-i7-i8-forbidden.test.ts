import { readdirSync, rmSync, truncateSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'

const LATE = new URL('processes/late.mjs', import.meta.url)
const SLEEPER = new URL('processes/sleeper.mjs', import.meta.url)
const FORBIDDEN = new URL('processes/forbidden.mjs', import.meta.url)

/** Runs one misdeed in a process of its own; fails when a signal or an exception ended it. */
async function commit(action: string, views = 'revoke', env: NodeJS.ProcessEnv = {}) {
  const name = ringName()
  const peer = new Peer(FORBIDDEN, { name, action, views }, [], env)
  try {
    const { result } = await peer.heard('result')
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
    return result as Record<string, unknown>
  } finally {
    peer.kill()
    for (const entry of readdirSync('/dev/shm')) {
      if (entry.startsWith(`framering.${name}`)) {
        rmSync(`/dev/shm/${entry}`, { recursive: true, force: true })
      }
    }
  }
}

describe('I6 no signal kills a user', () => {
  test.each(['revoke', 'cached', 'copy'])(
    'a segment truncated under a reader reads as zeros and becomes an error (%s)',
    async (views) => {
      const result = await commit('truncate under a reader', views)
      expect(result).toMatchObject({ next: 'TRUNCATED', write: 'TRUNCATED' })
      if (views !== 'copy') expect(result).toMatchObject({ sum: 0, release: 'TRUNCATED' })
    },
  )

  test('a control object truncated under writer and reader becomes an error for both', async () => {
    const { write, next } = await commit('truncate the control object')
    expect((write as string[])[1]).toBe('TRUNCATED')
    expect((next as string[])[1]).toBe('TRUNCATED')
  })

  test.each(['revoke', 'cached', 'copy'])(
    'a frame held beyond the close of reader and writer is whole, and gone at its release (%s)',
    async (views) => {
      const expected = { held: true, length: 0, sum: 0 }
      expect(await commit('use a frame of a closed reader', views)).toEqual(expected)
    },
  )

  test('the kernel writing into a received frame is an error, not a signal', async () => {
    expect(await commit('read into a received frame')).toEqual({ code: 'EFAULT', intact: true })
  })

  test(
    'native code at work on frames and loans reads zeros once reader and writer are closed',
    { timeout: 120_000 },
    async () => {
      const peer = new Peer(LATE, { name: ringName() }, ['--expose-gc'])
      await peer.heard('result')
      expect(await peer.ended()).toEqual({ code: 0, signal: null })
    },
  )

  test('a control object truncated under a thread that sleeps is an error when it wakes', async () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [16] })
    const sleeper = new Peer(SLEEPER, { name })
    try {
      await sleeper.heard('sleeping')
      truncateSync(`/dev/shm/framering.${name}.ctl`, 0)
      writer.close()
      const { code } = await sleeper.heard('woken')
      expect(['TRUNCATED', 'none']).toContain(code)
      expect(await sleeper.ended()).toEqual({ code: 0, signal: null })
    } finally {
      sleeper.kill()
    }
  })

  test.runIf('transfer' in ArrayBuffer.prototype)(
    'a view moved out of the release reads as zeros after the reader is closed',
    async () => {
      expect(await commit('move a view out of the release')).toEqual({ zeros: true, length: true })
    },
  )

  test('files that are no rings are refused, whatever is in them', async () => {
    expect(await commit('attach to damaged objects')).toEqual({
      empty: 'NOT_A_RING',
      short: 'NOT_A_RING',
      zeros: 'NOT_A_RING',
      noise: 'NOT_A_RING',
    })
  })
})

describe('I7 a released frame is gone', () => {
  test.each([
    ['revoke', {}],
    ['copy', {}],
    ['revoke where external buffers are forbidden', { FRAMERING_NO_EXTERNAL_BUFFERS: '1' }],
  ])('its views have length 0 (%s)', async (views, env) => {
    expect(await commit('write after release', views.split(' ')[0], env)).toMatchObject({
      dataLength: 0,
      viewLength: 0,
      bufferLength: 0,
      read: true,
      array: 'RELEASED',
    })
  })

  test('a published loan is out of the writer’s hands', async () => {
    expect(await commit('write into a loan after publishing it')).toMatchObject({
      length: 0,
      again: 'NOT_ON_LOAN',
      intact: true,
    })
  })
})

describe('I8 a reader’s scribble stays its own', () => {
  test.each([
    ['revoke', {}],
    ['cached', {}],
    ['copy', {}],
    ['revoke', { FRAMERING_NO_EXTERNAL_BUFFERS: '1' }],
  ])('nobody else sees it and the next frame in the slot is clean (%s %o)', async (views, env) => {
    expect(await commit('scribble', views, env)).toEqual({ mine: true, theirs: true, clean: true })
  })
})
