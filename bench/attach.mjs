// How long it takes to attach 512 MiB, next to 4 KiB: `node bench/attach.mjs [--json] [--rounds 10]`.
//
// One process makes the memory, others attach and detach it, one size each, in turn: whatever else the
// machine does meets all sizes alike. Printed is the median of the rounds' medians.
//
// `mapping` is what framering does, up to the bytes being there, which copies nothing and touches no page but
// the record's. The rest includes the ArrayBuffer. V8 counts its bytes as memory that somebody allocated,
// and beyond 64 MiB starts to mark garbage at once: a step that takes as long as the heap of the process is
// large, whatever the array is. 48 MiB stay below that, so they show what the size itself costs.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as sharedArray from 'framering/shared-array'
import { SharedMemory } from 'framering/shared-memory'
import * as sharedmem from 'framering/sharedmem'
import { loadNative } from '../dist/native/index.js'

const SIZES = [4096, 48 * 2 ** 20, 512 * 2 ** 20]
const RUNS = 300
const WARM_UP = 100
/** What the larger may take of the small: 512 MiB of the mapping, and 48 MiB of the rest. */
const BOUND = 2

function freshName() {
  return `framering-bench-attach-${randomBytes(8).toString('hex')}`
}

function madeArray(bytes) {
  const name = freshName()
  const array = sharedArray.create(name, [bytes], 'uint8')
  const free = () => {
    sharedArray.remove(name)
    sharedArray.detach(array)
  }
  return { way: name, free }
}

function mapping(kind, pathOf) {
  return (way) => loadNative().openSegment({ kind, path: pathOf(way), bytes: 0, mode: 0, flags: 0 })
}

/** `make` gives the way there, as JSON, and how to be rid of it. */
const engines = {
  'mapping, a file': {
    make: madeArray,
    attach: mapping('open', (name) => `/dev/shm/${name}`),
    detach: (segment) => segment.close(),
    bounded: SIZES[2],
  },
  'mapping, anonymous': {
    make: (bytes) => engines.sharedmem.make(bytes),
    attach: mapping('attach', ({ name }) => name),
    detach: (segment) => segment.close(),
    bounded: SIZES[2],
  },
  'shared-array': {
    make: madeArray,
    attach: (name) => sharedArray.attach(name),
    detach: (array) => sharedArray.detach(array),
    bounded: SIZES[1],
  },
  sharedmem: {
    make: (bytes) => {
      const array = sharedmem.zeros([bytes], 'uint8')
      return { way: sharedmem.handleOf(array), free: () => sharedmem.detach(array) }
    },
    attach: (handle) => sharedmem.open(handle),
    detach: (array) => sharedmem.detach(array),
    bounded: SIZES[1],
  },
  SharedMemory: {
    make: (size) => {
      const memory = new SharedMemory({ name: freshName(), create: true, size })
      const free = () => {
        memory.unlink()
        memory.close()
      }
      return { way: memory.name, free }
    },
    attach: (name) => new SharedMemory(name),
    detach: (memory) => memory.close(),
    bounded: SIZES[1],
  },
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

/** The other process: attaches and detaches, and tells the median in microseconds. */
function measure({ engine, way }) {
  const { attach, detach } = engines[engine]
  const times = []
  for (let run = -WARM_UP; run < RUNS; run++) {
    const start = performance.now()
    detach(attach(way))
    if (run >= 0) times.push((performance.now() - start) * 1000)
  }
  return median(times)
}

async function measuredElsewhere(work) {
  const other = fork(fileURLToPath(import.meta.url), ['--measure'])
  const ended = once(other, 'exit')
  other.send(work)
  const [time] = await once(other, 'message')
  await ended
  return time
}

async function results(engine, rounds) {
  const made = SIZES.map((bytes) => engines[engine].make(bytes))
  try {
    const times = SIZES.map(() => [])
    for (let round = 0; round < rounds; round++) {
      for (const [i, { way }] of made.entries()) {
        times[i].push(await measuredElsewhere({ engine, way }))
      }
    }
    const microseconds = times.map(median)
    const ratios = microseconds.map((time) => time / microseconds[0])
    const bounded = ratios[SIZES.indexOf(engines[engine].bounded)]
    return { engine, microseconds, ratios, bounded, within: bounded <= BOUND }
  } finally {
    for (const { free } of made) free()
  }
}

async function main() {
  const options = { json: { type: 'boolean', default: false }, rounds: { type: 'string' } }
  const { values } = parseArgs({ options })
  const rounds = Number(values.rounds ?? 10)
  const all = []
  for (const engine of Object.keys(engines)) all.push(await results(engine, rounds))
  if (values.json) {
    console.log(JSON.stringify({ sizes: SIZES, rounds, runs: RUNS, bound: BOUND, results: all }))
  } else {
    console.log(
      `attach and detach in µs, and how many times that of 4 KiB: median of ${rounds} processes`,
    )
    console.log(`${''.padEnd(20)}      4 KiB            48 MiB           512 MiB`)
    for (const { engine, microseconds, ratios } of all) {
      const cells = microseconds.map(
        (time, i) => `${time.toFixed(1).padStart(10)} ${`×${ratios[i].toFixed(2)}`.padEnd(7)}`,
      )
      console.log(`${engine.padEnd(20)}${cells.join('')}`)
    }
  }
  for (const { engine, bounded, within } of all) {
    if (within) continue
    console.error(`${engine}: ×${bounded.toFixed(2)}, more than ${BOUND}`)
    process.exitCode = 1
  }
}

if (process.argv[2] === '--measure') {
  process.once('message', (work) => {
    process.send(measure(work), () => process.disconnect())
  })
} else {
  await main()
}
