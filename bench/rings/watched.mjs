#!/usr/bin/env node
// What it costs a ring to be looked at: publishing and the subscriber's latency at 1000 Hz, in turn with
// and without `framering hz`, `delay` and `top` at their usual pace on the same ring. Without, they are
// stopped where they stand.
//
//   node bench/rings/watched.mjs --bytes 921600 --pin
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWriter, frames, now } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { buildBench, helpers } from '../lib/native.mjs'
import { Part } from '../lib/part.mjs'
import { rowLine } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { runSides, startSide, tell, tellLast } from '../lib/sides.mjs'
import { summarise } from '../lib/summary.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const RING = 'watched'
/** Frames of one turn, and those before it that nobody counts. */
const TURN = 1000
const GUARD = 250

const flags = rowFlags(process.argv.slice(2), {
  workload: 'watched',
  rate: 1000,
  warmup: 1000,
  // With onlookers; as many without.
  samples: 5000,
  role: '',
  directory: '',
})
const turns = 2 * Math.ceil(flags.samples / TURN)

await runSides(flags, { row, writer, reader })

/** Where the onlookers' process ids are told to the writer. */
function list(directory) {
  return join(directory, 'onlookers')
}
/** Which turn a frame counts for; undefined for none. Odd ones are looked at. */
function turnOf(frame) {
  const at = frame - flags.warmup
  return at >= 0 && at % (GUARD + TURN) >= GUARD ? Math.floor(at / (GUARD + TURN)) : undefined
}

async function row() {
  await buildBench()
  flags.directory = scratch()
  const reading = startSide(import.meta.url, flags, 'reader', { cpu: 1 })
  await reading.ready
  const sending = startSide(import.meta.url, flags, 'writer', { cpu: 0 })
  await sending.ready
  const onlookers = ['hz', 'delay', 'top'].map((command) => {
    const args = [COMMAND, command, RING, '--json', '--directory', flags.directory]
    return new Part(command, [process.execPath, ...args])
  })
  // They end by being killed, and say no last word.
  for (const { result } of onlookers) result.catch(() => {})
  try {
    // Each is at work once it has said something.
    await Promise.all(onlookers.map(({ ready }) => ready))
    const file = list(flags.directory)
    writeFileSync(`${file}.new`, JSON.stringify(onlookers.map(({ child }) => child.pid)))
    renameSync(`${file}.new`, file)
    const sent = await sending.result
    const got = await reading.result
    return rowLine(flags, {
      ...{ name: 'framering looked at', blocking: true, samples: got.watched },
      ...{ writer: sent.writer, reader: got.reader, lost: got.lost },
      floor: { name: 'the same ring, nobody looking', ns: summarise(got.alone) },
      publish: { watched: summarise(sent.watched), alone: summarise(sent.alone) },
      dropped: sent.dropped,
      readers_joined: sent.readers,
      versions: framering(),
      notes: 'hz, delay and top --json run beside it, or stand still, a second at a time',
    })
  } finally {
    for (const { child } of onlookers) child.kill('SIGKILL')
  }
}

async function writer() {
  const { bytes, directory, warmup } = flags
  const { sleepUntil } = helpers()
  const ring = createWriter(RING, { dtype: 'uint8', shape: [bytes], directory, slots: 8 })
  while (ring.stats().readers < 1) sleepUntil(now() + 1)
  tell({ ready: true })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const samples = { watched: [], alone: [] }
  const publish = () => {
    const loan = ring.loan()
    const { buffer, byteOffset } = loan.data
    const sent = now()
    new Float64Array(buffer, byteOffset, 1)[0] = sent
    loan.publish()
    return now() - sent
  }
  // Until they are at work there must be something to see.
  let due = now()
  while (!existsSync(list(directory))) {
    sleepUntil((due += 1))
    publish()
  }
  const pids = JSON.parse(readFileSync(list(directory), 'utf8'))
  const all = warmup + turns * (GUARD + TURN)
  const usage = startUsage()
  for (let i = 0; i < all; i++) {
    const turn = i - warmup
    if (turn >= 0 && turn % (GUARD + TURN) === 0) {
      const watched = (turn / (GUARD + TURN)) % 2 === 1
      for (const pid of pids) process.kill(pid, watched ? 'SIGCONT' : 'SIGSTOP')
    }
    sleepUntil((due += 1))
    const cost = publish()
    const counted = turnOf(i)
    if (counted !== undefined) samples[counted % 2 === 1 ? 'watched' : 'alone'].push(cost * 1e6)
  }
  const used = await usage()
  const { readers, dropped } = ring.stats()
  await new Promise((resolve) => setTimeout(resolve, 200))
  ring.close()
  tell({ ...samples, writer: used, readers, dropped })
}

async function reader() {
  const seen = []
  let lost = 0
  const usage = startUsage()
  tell({ ready: true })
  await new Promise((resolve, reject) => {
    frames(RING, { directory: flags.directory, wait: true }).subscribe({
      next: (frame) => {
        const at = now()
        const { buffer, byteOffset } = frame.data
        seen.push([frame.sequence, at - new Float64Array(buffer, byteOffset, 1)[0]])
        lost += frame.gap
      },
      error: reject,
      complete: resolve,
    })
  })
  // The counted frames are the last ones: how many came before only the writer knew.
  const last = seen.at(-1)[0]
  const first = last - (flags.warmup + turns * (GUARD + TURN))
  const samples = { watched: [], alone: [] }
  for (const [sequence, latency] of seen) {
    const turn = turnOf(sequence - first - 1)
    if (turn !== undefined) samples[turn % 2 === 1 ? 'watched' : 'alone'].push(latency * 1e6)
  }
  tellLast({ ...samples, lost, reader: await usage() })
}
