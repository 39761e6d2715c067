#!/usr/bin/env node
// Floor of a copy-in publish: one frame copied into the slots of a ring, one after the other.
//
//   node bench/floors/copy.mjs --way memcpy --bytes 6220800
//   node bench/floors/copy.mjs --way non-temporal
import { createWriter, now } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { buildBench, helpers } from '../lib/native.mjs'
import { rowLine, runRow } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { startUsage } from '../lib/usage.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'copy-in',
  rate: 0,
  readers: 0,
  bytes: 6_220_800,
  samples: 500,
  warmup: 50,
  way: 'memcpy',
  slots: 8,
})

await runRow(async () => {
  await buildBench()
  const { copyPlain, copyStream } = helpers()
  const { bytes, slots, samples, warmup, way } = flags
  const copy = { memcpy: copyPlain, 'non-temporal': copyStream }[way]
  if (copy === undefined) throw new Error('--way takes memcpy or non-temporal')
  const ring = createWriter('copy', {
    ...{ dtype: 'uint8', shape: [bytes], slots, directory: scratch(), views: 'cached' },
  })
  const source = new Uint8Array(bytes)
  const took = []
  const usage = startUsage()
  for (let i = 0; i < warmup + samples; i++) {
    source.fill(i)
    const loan = ring.loan()
    const slot = loan.data
    const before = now()
    copy(slot, source)
    const after = now()
    loan.publish()
    if (i >= warmup) took.push((after - before) * 1e6)
  }
  const writer = await usage()
  ring.close()
  const notes = `over ${slots} slots; the source is filled anew before each copy, untimed`
  return rowLine(flags, { name: `floor: ${way}`, blocking: false, samples: took, writer, notes })
})
