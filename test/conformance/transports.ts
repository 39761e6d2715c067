import { beforeEach, describe } from 'vitest'
import type { Writer } from '../../src/index.ts'
import { createWriter } from '../../src/index.ts'
import type { MemoryTransport } from '../../src/testing/index.ts'
import { useMemoryTransport } from '../../src/testing/index.ts'
import { writingPeer } from '../support/peer.ts'
import { SMALL } from '../ring/fixtures.ts'

/** A writer in a process of its own, or what comes to that. Its frames are SMALL and show their number. */
export interface Mortal {
  /** three frames */
  publish(): Promise<void>
  close(): Promise<void>
  kill(): Promise<void>
}

/** What the tests of this folder run on. */
export interface Ground {
  readonly name: string
  /** Before each test; what it returns runs after it. */
  begin(): (() => void) | undefined
  mortal(name: string): Promise<Mortal>
  /** Lets time pass until a promise has settled. */
  settled(promise: Promise<unknown>): Promise<void>
}

const sharedMemory: Ground = {
  name: 'shared memory',
  begin: () => undefined,
  async mortal(name) {
    const peer = writingPeer(new URL('../processes/publisher.mjs', import.meta.url), { name })
    await peer.heard('open')
    return {
      async publish() {
        peer.say('publish')
        await peer.heard('published')
      },
      async close() {
        peer.say('close')
        await peer.ended()
      },
      async kill() {
        peer.kill()
        await peer.ended()
      },
    }
  },
  settled: (promise) => promise.then(nothing, nothing),
}

class Heap implements Ground {
  readonly name = 'the heap'
  #memory!: MemoryTransport

  begin(): () => void {
    const memory = (this.#memory = useMemoryTransport({ start: 1000 }))
    return () => {
      memory[Symbol.dispose]()
    }
  }

  mortal(name: string): Promise<Mortal> {
    const writer: Writer = createWriter(name, SMALL)
    return Promise.resolve({
      publish: () => {
        for (let i = 0; i < 3; i++) writer.write(new Uint8Array(16).fill(writer.sequence + 1))
        return Promise.resolve()
      },
      close: () => {
        writer.close()
        return Promise.resolve()
      },
      kill: () => {
        this.#memory.kill(name)
        return Promise.resolve()
      },
    })
  }

  async settled(promise: Promise<unknown>): Promise<void> {
    const state = { over: false }
    const done = (): void => {
      state.over = true
    }
    promise.then(done, done)
    while (!state.over) await this.#memory.advanceAsync(1)
  }
}

/** Runs the tests that `define` defines on shared memory and on the heap. */
export function onBoth(define: (ground: Ground) => void): void {
  for (const ground of [sharedMemory, new Heap()]) {
    describe(`on ${ground.name}`, () => {
      beforeEach(() => ground.begin())
      define(ground)
    })
  }
}

function nothing(): void {
  // Whether it failed is for whoever awaits it.
}
