#!/usr/bin/env node
// Floors of a round trip between two processes, in C++: a cache line that both spin on, or POSIX
// semaphores by which they wake each other. No payload.
//
//   node bench/floors/two-processes.mjs --floor spin --pin
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { buildBench, program } from '../lib/native.mjs'
import { Part, patience } from '../lib/part.mjs'
import { rowLine, runRow } from '../lib/row.mjs'

const NAMES = { spin: 'spinning on a cache line', semaphores: 'POSIX semaphores' }
const flags = rowFlags(process.argv.slice(2), {
  workload: 'ping-pong',
  rate: 0,
  inPlace: true,
  floor: 'spin',
})

await runRow(async () => {
  await buildBench()
  const { samples, warmup, pin, floor, seconds } = flags
  const name = NAMES[floor]
  if (name === undefined) throw new Error(`--floor takes ${Object.keys(NAMES).join(' or ')}`)
  const part = new Part(floor, [program(floor), ...toArgs({ samples, warmup, pin, seconds })], {
    seconds: patience(seconds),
  })
  const found = await part.result
  const notes = 'no payload; one clock reading per round is in the samples, none in `untimed`'
  return rowLine(flags, { name: `floor: ${name}`, blocking: floor !== 'spin', ...found, notes })
})
