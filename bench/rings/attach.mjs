#!/usr/bin/env node
// From openReader to the first frame in hand, beside a bare mapping of the same file with every page
// populated, in turn, in one process. The writer is another one.
//
//   node bench/rings/attach.mjs --bytes 6220800 --slots 8
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createWriter, now, openReader } from '../../dist/index.js'
import { rowFlags } from '../lib/flags.mjs'
import { buildBench, helpers } from '../lib/native.mjs'
import { rowLine } from '../lib/row.mjs'
import { runSides, startSide, tell, tellLast } from '../lib/sides.mjs'
import { scratch } from '../lib/scratch.mjs'
import { summarise } from '../lib/summary.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'attach',
  rate: 0,
  inPlace: true,
  bytes: 6_220_800,
  samples: 200,
  warmup: 20,
  slots: 8,
  role: '',
  directory: '',
})

await runSides(flags, { row, writer, reader })

async function row() {
  await buildBench()
  flags.directory = scratch()
  const writing = startSide(import.meta.url, flags, 'writer', { cpu: 0 })
  await writing.ready
  const found = await startSide(import.meta.url, flags, 'reader', { cpu: 1 }).result
  writing.say('close')
  const { writer: used } = await writing.result
  const { samples, floor, reader: usage, ringBytes } = found
  return rowLine(flags, {
    ...{ name: 'framering attach to first frame', blocking: false, samples },
    ...{ writer: used, reader: usage },
    floor: { name: 'bare mmap of the ring, populated', ns: summarise(floor) },
    figures: { ring_bytes: ringBytes },
    versions: framering(),
    notes:
      'addon loaded before; the floor opens, maps read-only with MAP_POPULATE, reads one byte, unmaps',
  })
}

async function writer() {
  const { bytes, slots, directory } = flags
  const usage = startUsage()
  const ring = createWriter('attach', { dtype: 'uint8', shape: [bytes], slots, directory })
  ring.write(new Uint8Array(bytes).fill(1))
  tell({ ready: true })
  await new Promise((resolve) => process.stdin.once('data', resolve))
  ring.close()
  tellLast({ writer: await usage() })
}

async function reader() {
  const { directory, warmup, samples } = flags
  const { populate } = helpers()
  const files = readdirSync(directory).map((name) => join(directory, name))
  const size = (path) => statSync(path).size
  const data = files.reduce((a, b) => (size(a) >= size(b) ? a : b))
  const usage = startUsage()
  const took = []
  const floor = []
  for (let i = 0; i < warmup + samples; i++) {
    const before = now()
    const ring = openReader('attach', { directory })
    const frame = ring.tryNext()
    if (frame.data[0] !== 1) throw new Error('another frame than was written')
    const attached = now()
    frame.release()
    ring.close()
    // The mapping goes when the collector has found the reader: not while the floor is timed.
    gc()
    await new Promise((resolve) => setImmediate(resolve))
    const start = now()
    populate(data)
    const populated = now()
    if (i < warmup) continue
    took.push((attached - before) * 1e6)
    floor.push((populated - start) * 1e6)
  }
  tell({ samples: took, floor, ringBytes: size(data), reader: await usage() })
}
