import { createWriter, now, openReader } from '../../ring/index.ts'
import type { FormatSpec } from '../../format/index.ts'
import { type BenchRow, rounds, rowOf, Samples } from './row.ts'

/** How long, where, and until when. */
export interface BenchRun {
  /** of a ring that is not in use */
  readonly name: string
  readonly directory: string | undefined
  /** that each row may take */
  readonly ms: number
  readonly signal: AbortSignal
}

/** Calls between two readings of the clock: a reading takes as long as the call. */
const BATCH = 100
const WARM_UP = 10 // rounds

/** `write` of whole frames beside a plain copy of the same bytes into the same slots, in turn. */
export async function copyIn(run: BenchRun, format: FormatSpec): Promise<BenchRow> {
  const { name, directory } = run
  using writer = createWriter(name, { ...format, directory, views: 'cached' })
  const source = new Uint8Array(writer.format.bytes)
  const own = new Samples(WARM_UP)
  const floor = new Samples(WARM_UP)
  let turn = 0
  const ways = [
    () => {
      const before = now()
      writer.write(source)
      own.add(now() - before)
    },
    () => {
      const loan = writer.loan()
      const slot = loan.data
      const before = now()
      slot.set(source)
      floor.add(now() - before)
      loan.publish()
    },
  ]
  await rounds(run.ms, run.signal, () => {
    // Who comes after whom changes: each would find the caches as the other left them.
    turn = 1 - turn
    for (const way of turn === 0 ? ways : [ways[1]!, ways[0]!]) {
      source.fill(turn)
      way()
    }
  })
  return rowOf('copyIn', 'write: a frame copied into a slot', own, 'the same bytes copied', floor)
}

/** Lending a slot and publishing it, and leasing a frame and releasing it, beside a call into C++. */
export async function calls(run: BenchRun): Promise<readonly BenchRow[]> {
  const { name, directory } = run
  using writer = createWriter(name, { dtype: 'uint8', shape: [64], slots: BATCH + 4, directory })
  using reader = openReader(name, { directory, delivery: 'every', replay: 0 })
  const publish = new Samples(WARM_UP)
  const lease = new Samples(WARM_UP)
  const floor = new Samples(WARM_UP)
  const timed = (samples: Samples, call: () => void): void => {
    const before = now()
    for (let i = 0; i < BATCH; i++) call()
    samples.add((now() - before) / BATCH)
  }
  await rounds(run.ms, run.signal, () => {
    timed(publish, () => {
      writer.loan().publish()
    })
    timed(lease, () => {
      reader.tryNext()?.release()
    })
    timed(floor, now)
  })
  const what = 'a call into C++ that reads the clock'
  return [
    rowOf('publish', 'loan + publish, nothing copied', publish, what, floor),
    rowOf('lease', 'lease + release, nothing copied', lease, what, floor),
  ]
}
