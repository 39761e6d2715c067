import { describe, expect, test } from 'vitest'
import { writingPeer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

const WORKER_ONLY = new URL('processes/worker-only.mjs', import.meta.url)
const BRIEF_WORKERS = new URL('processes/brief-workers.mjs', import.meta.url)

// Sixty threads, one after the other, each of which loads everything anew.
describe('worker threads', { timeout: 300_000 }, () => {
  test('a library loaded in workers only survives their termination and a WebAssembly trap', async () => {
    const name = ringName()
    const peer = writingPeer(WORKER_ONLY, { name, rounds: 5 })
    const { result } = await peer.heard('result')
    expect(result).toEqual({ values: [7, 7, 7, 7, 7], trapped: 3 })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
    // A terminated worker's writer is closed with it.
    expect(remains(name)).toEqual([])
  })
  test('a worker may be terminated at any moment of its life without harm to the process', async () => {
    const name = ringName()
    const peer = writingPeer(BRIEF_WORKERS, { name, workers: 60 })
    const { result } = await peer.heard('result')
    expect(result).toEqual({ writes: 1, readers: 0 })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
    expect(remains(name)).toEqual([])
  })
})
