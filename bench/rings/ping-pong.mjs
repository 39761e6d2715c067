#!/usr/bin/env node
// Framering, polling: a frame there and a frame back. Loan, publish, lease and release each way.
//
//   node bench/rings/ping-pong.mjs --views cached --in-place --pin
//   node bench/rings/ping-pong.mjs --from c --in-place
import { createWriter, openReader } from '../../dist/index.js'
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { buildBench, helpers, program } from '../lib/native.mjs'
import { Part, patience } from '../lib/part.mjs'
import { rowLine } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { runSides, startSide, tell } from '../lib/sides.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'ping-pong',
  rate: 0,
  from: 'ts',
  views: 'revoke',
  role: '',
  directory: '',
})
const NOTES =
  'two rings of 8 slots; one clock reading per round is in the samples, none in `untimed`'

await runSides(flags, { row, there, back })

async function row() {
  await buildBench()
  const directory = scratch()
  const found = flags.from === 'c' ? await fromC(directory) : await fromTypeScript(directory)
  return rowLine(flags, { ...found, blocking: false, versions: framering() })
}

async function fromC(directory) {
  const { samples, warmup, bytes, inPlace, pin, seconds } = flags
  const args = toArgs({ samples, warmup, bytes, inPlace, pin, seconds, directory })
  const part = new Part('ping_pong', [program('ping_pong'), ...args], {
    seconds: patience(seconds),
  })
  return { name: 'framering polling, C', ...(await part.result), notes: NOTES }
}

async function fromTypeScript(directory) {
  const other = startSide(import.meta.url, flags, 'back', { cpu: 1, more: { directory } })
  await other.ready
  const one = startSide(import.meta.url, flags, 'there', { cpu: 0, more: { directory } })
  const { samples, untimed, writer } = await one.result
  const { reader } = await other.result
  const name = `framering polling, TypeScript, views '${flags.views}'`
  return { name, samples, untimed, writer, reader, notes: NOTES }
}

function create(name) {
  const { bytes, views, directory } = flags
  return createWriter(name, { dtype: 'uint8', shape: [bytes], directory, views })
}

function open(name) {
  const { views, directory } = flags
  return openReader(name, { views, directory, wait: true, replay: 0 })
}

/** Sends frame `value` and nothing else. */
function sender(writer) {
  return flags.inPlace
    ? (value) => {
        const loan = writer.loan()
        loan.data[0] = value
        loan.publish()
      }
    : (value) => {
        const loan = writer.loan()
        loan.data.fill(value)
        loan.publish()
      }
}

/** Spins for the next frame; its first byte, or -1 at the end of the stream. */
function receiver(reader) {
  const { sum } = helpers()
  const { inPlace } = flags
  return () => {
    for (;;) {
      const frame = reader.tryNext()
      if (frame === null) {
        if (reader.ended) return -1
        continue
      }
      const value = frame.data[0]
      if (!inPlace) sum(frame.data)
      frame.release()
      return value
    }
  }
}

async function there() {
  const writer = create('there')
  const reader = open('back')
  const send = sender(writer)
  const receive = receiver(reader)
  while (writer.stats().readers === 0);
  let value = 0
  const round = () => {
    value = (value + 1) & 255
    send(value)
    const got = receive()
    if (got !== value) throw new Error(`frame ${got} came back and not ${value}`)
  }
  const samples = new Float64Array(flags.samples)
  const most = flags.seconds * 500
  const first = performance.now()
  for (let i = 0; i < flags.warmup && performance.now() - first < most; i++) round()
  const usage = startUsage()
  const started = performance.now()
  let count = 0
  for (let before = started; count < samples.length && before - started < most;) {
    round()
    const at = performance.now()
    samples[count++] = at - before
    before = at
  }
  const again = performance.now()
  let rounds = 0
  do {
    for (let i = 0; i < 64; i++) round()
    rounds += 64
  } while (rounds < count && performance.now() - again < most)
  const untimed = ((performance.now() - again) * 1e6) / rounds
  writer.close()
  const used = await usage()
  reader.close()
  const taken = Array.from(samples.subarray(0, count), (ms) => Math.round(ms * 1e6))
  tell({ samples: taken, untimed, writer: used })
}

async function back() {
  const writer = create('back')
  tell({ ready: true })
  const reader = open('there')
  const send = sender(writer)
  const receive = receiver(reader)
  const usage = startUsage()
  for (let value = receive(); value !== -1; value = receive()) send(value)
  writer.close()
  reader.close()
  tell({ reader: await usage() })
}
