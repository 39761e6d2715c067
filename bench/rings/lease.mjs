#!/usr/bin/env node
// Taking a frame and giving it back: tryNext, its bytes, release. Writer and reader in one process, so
// that nothing but the lease is in it. --samples counts frames: a million shows what garbage there is.
//
//   node bench/rings/lease.mjs --views cached
//   node bench/rings/lease.mjs --samples 1000000
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createWriter, now, openReader } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { rowLine, runRow } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

/** Frames between two readings of the clock: the reading takes as long as the lease. */
const BATCH = 100
const flags = rowFlags(process.argv.slice(2), {
  workload: 'lease',
  rate: 0,
  inPlace: true,
  samples: 100_000,
  warmup: 20_000,
  views: 'revoke',
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

await runRow(async () => {
  const { bytes, samples, warmup, views } = flags
  const directory = scratch()
  const shape = { dtype: 'uint8', shape: [bytes], slots: BATCH + 4, directory }
  const writer = createWriter('lease', shape)
  const reader = openReader('lease', { directory, views, delivery: 'every', replay: 0 })
  const source = new Uint8Array(bytes)
  const frames = (count, took) => {
    for (let left = count; left > 0; left -= BATCH) {
      for (let i = 0; i < BATCH; i++) writer.write(source)
      let sum = 0
      const before = now()
      for (let i = 0; i < BATCH; i++) {
        const frame = reader.tryNext()
        sum += frame.data[0]
        frame.release()
      }
      took?.push(((now() - before) * 1e6) / BATCH)
      if (sum !== 0) throw new Error('a frame held other bytes than were written')
    }
  }
  frames(warmup)
  // Node's own start leaves a heap that grows by a major collection: not framering's.
  const first = await liveMemory()
  const usage = startUsage()
  const took = []
  // In portions with turns between: finalisers run in turns of the loop, as in any program.
  for (let left = samples; left > 0; left -= 10_000) {
    frames(Math.min(left, 10_000), took)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const used = await usage()
  const last = await liveMemory()
  reader.close()
  writer.close()
  return rowLine(flags, {
    ...{ name: `framering lease + release, views '${views}'`, blocking: false, samples: took },
    reader: used,
    figures: {
      frames: Math.ceil(samples / BATCH) * BATCH,
      gc_major: used.gcMajor,
      gc_minor: used.gc - used.gcMajor,
      heap_growth: last.heap - first.heap,
      external_growth: last.external - first.external,
    },
    versions: framering(),
    notes: `each sample is the mean of ${BATCH} leases; the writer's garbage is in the same heap`,
  })
})

/** Bytes in use once everything that can go is gone: finalisers run in turns of the loop. */
async function liveMemory() {
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, external: external + arrayBuffers }
}
