#!/usr/bin/env node
// Memory of a reader beyond Node with RxJS loaded, and beyond the ring, which all share: the median
// over pairs of processes, one with a subscription that has taken frames, one without.
//
//   node bench/rings/memory.mjs --samples 5
import { readFileSync } from 'node:fs'
import { rowFlags } from '../lib/flags.mjs'
import { runSides, startSide, tell } from '../lib/sides.mjs'
import { scratch } from '../lib/scratch.mjs'
import { median } from '../lib/summary.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'memory',
  rate: 0,
  bytes: 6_220_800,
  samples: 5,
  role: '',
  directory: '',
})

await runSides(flags, { row, reader, bystander })

async function row() {
  const { createWriter } = await import('../../dist/index.js')
  const { bytes, samples } = flags
  const directory = (flags.directory = scratch())
  const writer = createWriter('memory', { dtype: 'uint8', shape: [bytes], directory })
  const source = new Uint8Array(bytes)
  const pairs = []
  for (let i = 0; i < samples; i++) {
    const sides = ['reader', 'bystander'].map((role) => startSide(import.meta.url, flags, role))
    await Promise.all(sides.map(({ ready }) => ready))
    for (let frame = 0; frame < 100; frame++) {
      writer.write(source)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const [own, other] = sides.map(({ child }) => memoryOf(child.pid))
    pairs.push({ rss: own.rss - other.rss, pss: own.pss - other.pss, ring: own.shared })
    for (const { child } of sides) child.stdin.end()
    await Promise.all(sides.map(({ result }) => result))
  }
  writer.close()
  const of = (key) => median(pairs.map((pair) => pair[key]))
  return {
    name: "framering reader's memory",
    ...{ workload: 'memory', bytes, rate: 0, readers: 1, in_place: true, blocking: true },
    ns: null,
    figures: { rss_beyond: of('rss'), pss_beyond: of('pss'), ring_mapped: of('ring') },
    versions: framering(),
    notes: `bytes, medians of ${samples} pairs; resident memory without the pages of the ring`,
  }
}

/** Bytes. rss and pss without shared memory: of the ring each process maps all there is. */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const figure = (text, key) => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)[1])
  const shared = figure(status, 'RssShmem')
  return {
    rss: figure(status, 'VmRSS') - shared,
    pss: figure(rollup, 'Pss_Anon') + figure(rollup, 'Pss_File'),
    shared,
  }
}

async function reader() {
  await import('rxjs')
  const { frames } = await import('../../dist/index.js')
  tell({ ready: true })
  const subscription = frames('memory', { directory: flags.directory }).subscribe((frame) => {
    if (frame.data.length === 0) throw new Error('an empty frame')
  })
  process.stdin.once('end', () => subscription.unsubscribe()).resume()
}

async function bystander() {
  await import('rxjs')
  tell({ ready: true })
  process.stdin.resume()
}
