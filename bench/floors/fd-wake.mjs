#!/usr/bin/env node
// Floor of an event-driven reader: a C process writes to a FIFO that an idle event loop polls, until
// the JavaScript callback. The same stands interleaved in each row of bench/rings/one-way.mjs.
//
//   node bench/floors/fd-wake.mjs --rate 1000
import { execFileSync } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../dist/index.js'
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { buildBench, helpers, program } from '../lib/native.mjs'
import { Part, patience } from '../lib/part.mjs'
import { rowLine } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { runSides, startSide, tell, tellLast } from '../lib/sides.mjs'
import { startUsage } from '../lib/usage.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'one-way',
  inPlace: true,
  samples: 2000,
  role: '',
  fifo: '',
})

await runSides(flags, { row, reader })

async function row() {
  await buildBench()
  flags.fifo = join(scratch(), 'bare')
  execFileSync('mkfifo', [flags.fifo])
  const { warmup, samples, rate, fifo, pin, seconds } = flags
  const reading = startSide(import.meta.url, flags, 'reader', { cpu: 1 })
  await reading.ready
  const start = Math.round((now() + 300) * 1e6)
  const args = toArgs({ warmup, samples, rate, fifo, start })
  const options = { cpu: pin ? 0 : undefined, seconds: patience(seconds) }
  const ticker = new Part('fd_ticker', [program('fd_ticker'), ...args], options)
  const { writer } = await ticker.result
  const found = await reading.result
  const name = 'floor: bare FIFO → uv_poll → callback'
  return rowLine(flags, { name, blocking: true, writer, ...found, notes: 'no payload' })
}

async function reader() {
  const { warmup, samples, fifo } = flags
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const took = []
  let ticks = 0
  let usage
  tell({ ready: true })
  await new Promise((resolve) => {
    helpers().watch(fd, (sent) => {
      const at = now()
      if (++ticks === warmup) usage = startUsage()
      if (ticks > warmup) took.push(Math.round((at - sent) * 1e6))
      if (ticks === warmup + samples) resolve()
    })
  })
  tellLast({ samples: took, reader: await usage?.() })
}
