#!/usr/bin/env node
// Copy-in publish: writer.write() of a whole frame beside memcpy and a non-temporal copy of the same
// frame over as many slots, in turn, in one process. No reader has joined.
//
//   node bench/rings/copy-in.mjs --bytes 6220800
import { createWriter, now } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { buildBench, helpers } from '../lib/native.mjs'
import { rowLine, runRow } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { summarise } from '../lib/summary.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

const SLOTS = 8
const flags = rowFlags(process.argv.slice(2), {
  workload: 'copy-in',
  rate: 0,
  readers: 0,
  bytes: 6_220_800,
  samples: 500,
  warmup: 50,
})

await runRow(async () => {
  await buildBench()
  const { openSlots, copyPlain, copyStream } = helpers()
  const { bytes, samples, warmup } = flags
  const writer = createWriter('copy-in', {
    ...{ dtype: 'uint8', shape: [bytes], slots: SLOTS, directory: scratch() },
  })
  const plain = openSlots(bytes, SLOTS)
  const stream = openSlots(bytes, SLOTS)
  const source = new Uint8Array(bytes)
  const ways = [
    { took: [], copy: () => writer.write(source) },
    { took: [], copy: () => copyPlain(plain, source) },
    { took: [], copy: () => copyStream(stream, source) },
  ]
  const usage = startUsage()
  for (let i = 0; i < warmup + samples; i++) {
    for (let k = 0; k < ways.length; k++) {
      // Who comes after whom changes: each would find the caches as the one before left them.
      const way = ways[(k + (i % 2 === 0 ? i : 2 * i + 1)) % ways.length]
      source.fill(i)
      const before = now()
      way.copy()
      const took = now() - before
      if (i >= warmup) way.took.push(took * 1e6)
    }
  }
  const used = await usage()
  writer.close()
  const [own, memcpy, streamed] = ways.map(({ took }) => summarise(took))
  const better = memcpy.p50 <= streamed.p50 ? ['memcpy', memcpy] : ['non-temporal copy', streamed]
  return rowLine(flags, {
    ...{ name: 'framering write (copy-in)', blocking: false, samples: ways[0].took, writer: used },
    floor: { name: better[0], ns: better[1] },
    others: { memcpy, 'non-temporal copy': streamed },
    figures: { gigabytes_per_second: bytes / own.p50 },
    versions: framering(),
    notes: `ring and floors have ${SLOTS} slots; the source is filled anew before each copy, untimed`,
  })
})
