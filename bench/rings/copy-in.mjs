#!/usr/bin/env node
// Copy-in publish: writer.write() of a whole frame beside memcpy and a non-temporal copy of the same
// frame into the same slots, in turn, in one process: other memory is faster or slower by a third, as its
// pages happen to lie. No reader has joined.
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
  const { copyPlain, copyStream } = helpers()
  const { bytes, samples, warmup } = flags
  const writer = createWriter('copy-in', {
    ...{ dtype: 'uint8', shape: [bytes], slots: SLOTS, directory: scratch(), views: 'cached' },
  })
  const source = new Uint8Array(bytes)
  const timed = (copy) => {
    const before = now()
    copy()
    return now() - before
  }
  const into = (copy) => () => {
    const loan = writer.loan()
    const slot = loan.data
    const took = timed(() => copy(slot, source))
    loan.publish()
    return took
  }
  const ways = [
    { took: [], run: () => timed(() => writer.write(source)) },
    { took: [], run: into(copyPlain) },
    { took: [], run: into(copyStream) },
  ]
  const usage = startUsage()
  for (let i = 0; i < warmup + samples; i++) {
    for (let k = 0; k < ways.length; k++) {
      // Who comes after whom changes: each would find the caches as the one before left them.
      const way = ways[(k + (i % 2 === 0 ? i : 2 * i + 1)) % ways.length]
      source.fill(i)
      const took = way.run()
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
    notes: `all into the same ${SLOTS} slots; the source is filled anew before each copy, untimed`,
  })
})
