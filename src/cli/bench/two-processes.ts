import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { FrameringError } from '../../errors/framering-error.ts'
import { atExit } from '../../process/index.ts'
import { createWriter, now, type Writer } from '../../ring/index.ts'
import { handleOf, zeros } from '../../sharedmem/index.ts'
import type { BenchRun } from './one-process.ts'
import { type BenchRow, rowOf, Samples } from './row.ts'

/** What the far side is to do. */
export interface Order {
  readonly how: 'event' | 'polling'
  readonly ring: string
  readonly directory: string | undefined
  /** of the word that is polled for the floor */
  readonly word: ReturnType<typeof handleOf>
}

/** What it tells: ms from the one side to the other, in order. */
export interface Found {
  readonly own: readonly number[]
  readonly floor: readonly number[]
}

// The compiled one, from src too: a process cannot be made of TypeScript.
const FAR_SIDE = new URL('../../../dist/cli/bench/far-side.js', import.meta.url)
const PAUSE = 1 // ms between two samples, in which the far side goes back to sleep
const WARM_UP = 100

const ROWS = {
  event: {
    name: 'eventLatency',
    what: 'publish → next in another process, woken',
    floor: 'a byte through a pipe, woken',
  },
  polling: {
    name: 'pollingLatency',
    what: 'publish → tryNext in another process, polling',
    floor: 'a word in shared memory, polling',
  },
} as const

/** From the publish in this process to the frame in another one, which sleeps or polls meanwhile. */
export async function latency(run: BenchRun, how: Order['how']): Promise<BenchRow> {
  const { name, directory, signal } = run
  using writer = createWriter(name, { dtype: 'uint8', shape: [64], directory })
  // the count of a word's turns, and behind it the time of the last
  const word = zeros([2], 'float64')
  const child = fork(FAR_SIDE, { stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'] })
  const unhook = atExit(() => child.kill('SIGKILL'))
  const failed = once(child, 'exit').then(() => {
    throw new FrameringError('SYSTEM', 'the other process of the measurement ended; try again')
  })
  failed.catch(() => undefined)
  const heard = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message', { signal }), failed])) as [
      unknown,
    ]
    return message
  }
  try {
    child.send({ how, ring: name, directory, word: handleOf(word) } satisfies Order)
    await heard()
    const pipe = child.stdio[4] as Writable
    const floor = how === 'event' ? pipeFloor(pipe) : wordFloor(word.data)
    await send(run, writer, floor)
    writer.close()
    const found = (await heard()) as Found
    const { name: row, what, floor: floorWhat } = ROWS[how]
    return rowOf(row, what, sampled(found.own), floorWhat, sampled(found.floor))
  } finally {
    child.kill('SIGKILL')
    unhook()
  }
}

async function send(run: BenchRun, writer: Writer, floor: () => void): Promise<void> {
  const end = now() + run.ms
  for (let i = 0; (i < 2 * WARM_UP || now() < end) && !run.signal.aborted; i++) {
    const loan = writer.loan()
    loan.publish({ captureTime: now() })
    await delay(PAUSE)
    floor()
    await delay(PAUSE)
  }
}

function pipeFloor(pipe: Writable): () => void {
  return () => {
    const stamp = Buffer.alloc(8)
    stamp.writeDoubleLE(now())
    pipe.write(stamp)
  }
}

function wordFloor(data: Float64Array): () => void {
  const turns = new Int32Array(data.buffer, data.byteOffset, 1)
  return () => {
    data[1] = now()
    Atomics.add(turns, 0, 1)
  }
}

function sampled(values: readonly number[]): Samples {
  const samples = new Samples(Math.min(WARM_UP, values.length >> 1))
  for (const ms of values) samples.add(ms)
  return samples
}
