#!/usr/bin/env node
// What a waiting reader costs: processor time and wake-ups of a subscriber whose writer is silent
// (--rate 0) or publishes at a rate, beside a process with nothing but Node and RxJS that waits too.
//
//   node bench/rings/idle.mjs --observe 5 --settle 20
//   node bench/rings/idle.mjs --rate 60 --bytes 6220800
import { readFileSync, readdirSync } from 'node:fs'
import { createWriter, frames, now } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { runSides, startSide, tell } from '../lib/sides.mjs'
import { scratch } from '../lib/scratch.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'idle',
  rate: 0,
  observe: 10,
  settle: 20,
  wake: 'event',
  role: '',
  directory: '',
})

await runSides(flags, { row, reader, bystander })

async function row() {
  const directory = (flags.directory = scratch())
  const { bytes, rate, observe, settle } = flags
  const writer = createWriter('idle', { dtype: 'uint8', shape: [bytes], directory })
  const own = startSide(import.meta.url, flags, 'reader', { cpu: 1 })
  const other = startSide(import.meta.url, flags, 'bystander', { cpu: 1 })
  await Promise.all([own.ready, other.ready])
  const pids = [own, other].map(({ child }) => child.pid)
  const source = new Uint8Array(bytes)
  // The collector still tidies up after a start when nothing has happened for 8 seconds, and again later.
  writer.write(source)
  await publishing(writer, source, rate, settle)
  const before = pids.map(consumed)
  await publishing(writer, source, rate, observe)
  const [reading, waiting] = pids
    .map(consumed)
    .map((after, i) => difference(after, before[i], observe))
  writer.close()
  other.child.stdin.end()
  await Promise.all([own.result, other.result])
  return {
    name: rate > 0 ? `framering reader at ${rate} Hz` : 'framering idle reader',
    ...{ workload: 'idle', bytes, rate, readers: 1, in_place: true, blocking: true },
    ns: null,
    seconds: observe,
    figures: {
      wakeups: reading.switches,
      cpu_percent: reading.cpu,
      node_wakeups: waiting.switches,
      node_cpu_percent: waiting.cpu,
    },
    versions: framering(),
    notes: 'over all threads, from /proc',
  }
}

/** Writes at the rate for so many seconds; at rate 0 nothing. */
async function publishing(writer, source, rate, seconds) {
  const end = now() + seconds * 1000
  for (let due = now(); rate > 0 && due < end; due += 1000 / rate) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - now())))
    writer.write(source)
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, end - now())))
}

/** Voluntary switches of all threads, and seconds on a processor (ns where the kernel tells). */
function consumed(pid) {
  let switches = 0
  let cpu = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')
    switches += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1])
    cpu += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9
  }
  return { switches, cpu }
}

function difference(after, before, seconds) {
  return {
    switches: after.switches - before.switches,
    cpu: (100 * (after.cpu - before.cpu)) / seconds,
  }
}

async function reader() {
  const { directory, wake } = flags
  let first = true
  const options = wake === 'event' ? { directory } : { directory, wake }
  tell({ ready: true })
  await new Promise((resolve, reject) => {
    frames('idle', options).subscribe({
      next: (frame) => {
        if (first && frame.data.length === 0) throw new Error('an empty frame')
        first = false
      },
      error: reject,
      complete: resolve,
    })
  })
}

async function bystander() {
  await import('rxjs')
  tell({ ready: true })
  process.stdin.resume()
}
