import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadNative } from '../native/index.ts'
import { dataObject, NameWatch } from './name-watch.ts'
import type { RingBinding } from '../native/index.ts'
import type { Transport } from './transport.ts'

/** ms a thread sleeps in one go, so that a worker can be terminated. */
const LONGEST_WAIT = 100
/** ms between two looks for a ring that does not exist yet. */
const LOOK_EVERY = 5
/** What a timer has room for, in ms: with more it would ring at once. */
const LONGEST_ALARM = 0x7fff_ffff

const sleeper = new Int32Array(new SharedArrayBuffer(4))

function sleep(ms: number): void {
  Atomics.wait(sleeper, 0, 0, Math.min(ms, LONGEST_WAIT))
}

/**
 * POSIX shared memory and CLOCK_MONOTONIC, through the native addon. Its calls are inherited and not
 * wrapped: some are made for every frame.
 */
export function sharedMemory(): Transport {
  const native = Object.create(loadNative()) as RingBinding
  return Object.assign(native, {
    buffersMove: true,
    longestWait: LONGEST_WAIT,
    hasRing: (directory: string, name: string) => existsSync(join(directory, dataObject(name))),
    watchName: (directory: string, name: string, onChange: () => void) =>
      new NameWatch(directory, name, onChange),
    awaitName: (_directory: string, _name: string, ms: number) => {
      sleep(Math.min(ms, LOOK_EVERY))
    },
    sleep,
    alarm: (ms: number, ring: () => void) =>
      setTimeout(ring, Math.min(Math.ceil(ms), LONGEST_ALARM)),
    nextTurn: (run: () => void) => setImmediate(run),
  })
}
