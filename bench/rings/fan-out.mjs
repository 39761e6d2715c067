#!/usr/bin/env node
// What N readers cost the writer: the publish call, with readers asleep or awake, beside N bare wakes.
//
//   node bench/rings/fan-out.mjs --readers 32
//   node bench/rings/fan-out.mjs --readers 8 --awake
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { buildBench, program } from '../lib/native.mjs'
import { Part, patience } from '../lib/part.mjs'
import { rowLine, runRow } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { summarise } from '../lib/summary.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'fan-out',
  inPlace: true,
  rate: 0,
  samples: 1000,
  warmup: 50,
  awake: false,
})

await runRow(async () => {
  await buildBench()
  const { samples, warmup, bytes, readers, awake, pin } = flags
  const args = toArgs({ samples, warmup, bytes, readers, awake, pin, directory: scratch() })
  const part = new Part('fan_out', [program('fan_out'), ...args], {
    seconds: patience(flags.seconds),
  })
  const { bare, latencies, bells, ...found } = await part.result
  const state = awake ? 'awake' : 'asleep'
  return rowLine(flags, {
    ...{ name: `framering publish, readers ${state}`, blocking: !awake, ...found },
    ...(awake ? {} : { floor: { name: 'as many bare wakes', ns: summarise(bare) } }),
    others: { 'publish to a reader': summarise(latencies) },
    figures: { bells },
    versions: framering(),
    notes: awake
      ? 'C; readers look every millisecond and arm nothing'
      : 'C; readers poll() on their doorbell; the floor is write() to as many FIFOs of the same readers',
  })
})
