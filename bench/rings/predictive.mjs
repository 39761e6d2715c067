// A reader that wakes ahead of the doorbell, beside one that is woken by it: one-way latency and CPU at a
// steady rate, and at rates that are not.
//
//   node bench/rings/predictive.mjs                       60 Hz, 64 B, the predictive reader's row
//   node bench/rings/predictive.mjs --wake event          the other one's
//   node bench/rings/predictive.mjs --pace irregular      20 to 180 % of a period, at random
//   node bench/rings/predictive.mjs --pace interval       a writer on setInterval
//
// One writer, and both readers in processes of their own. They take turns of --turn seconds, so that both
// meet the same machine and neither the other; the row shows one and has the other under `beside`. The
// first frames of each turn are not counted: a reader has to have learned the period.
// A sample: from before the publish call to the subscriber's `next`. All bytes are read after it, unless
// --in-place. `published`: the same from the frame's publish time on, without what the call takes a writer
// that has slept and has its code to fetch. `lateness`: of the writer's own sleep, in ns: what a prediction is up against.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createWriter, frames, now } from '../../dist/index.js'
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { helpers } from '../lib/native.mjs'
import { Part } from '../lib/part.mjs'
import { rowLine, runRow } from '../lib/row.mjs'
import { summarise } from '../lib/summary.mjs'

const WAKES = ['event', 'predictive']
const PACES = ['steady', 'irregular', 'interval']
/** Frames of each turn that are not counted. */
const LEARNING = 40

const flags = rowFlags(process.argv.slice(2), {
  workload: 'one-way',
  rate: 60,
  samples: 3000,
  seconds: 900,
  wake: 'predictive',
  pace: 'steady',
  turn: 5,
  role: '',
  ring: `bench-predictive-${process.pid}`,
})

if (flags.role === 'writer') await write()
else if (flags.role === 'reader') await read()
else await runRow(compare)

async function compare() {
  if (flags.workload !== 'one-way' || !WAKES.includes(flags.wake) || !PACES.includes(flags.pace)) {
    throw new Error(`--workload one-way, --wake ${WAKES.join(' | ')}, --pace ${PACES.join(' | ')}`)
  }
  const part = (role, wake, cpu) =>
    new Part(
      `${role} ${wake}`,
      [process.execPath, fileURLToPath(import.meta.url), ...toArgs({ ...flags, role, wake })],
      { cpu: flags.pin ? cpu : undefined, seconds: flags.seconds },
    )
  const writer = part('writer', flags.wake, 0)
  await writer.ready
  const readers = WAKES.map((wake) => part('reader', wake, 1))
  const found = await Promise.all(readers.map((reader) => reader.result))
  writer.say('end')
  const { usage, lateness } = await writer.result
  const row = (wake) => {
    const { samples, published, ...reader } = found[WAKES.indexOf(wake)]
    return rowLine(flags, {
      name: `framering ${wake}, ${flags.pace}`,
      blocking: true,
      samples,
      writer: usage,
      reader,
      core: reader.cpu / reader.seconds,
      published: summarise(published),
    })
  }
  return {
    ...row(flags.wake),
    lateness,
    beside: row(WAKES.find((wake) => wake !== flags.wake)),
    versions: {
      node: process.version,
      kernel: readFileSync('/proc/version', 'utf8').split(' ')[2],
    },
  }
}

async function write() {
  const writer = createWriter(flags.ring, {
    ...{ dtype: 'uint8', shape: [flags.bytes], slots: 8, memoryLock: 'none' },
  })
  const { sleepUntil } = helpers()
  const period = 1000 / flags.rate
  const late = []
  const publish = () => {
    const loan = writer.loan()
    loan.data.fill(writer.sequence & 255)
    new DataView(loan.data.buffer, loan.data.byteOffset).setFloat64(0, now(), true)
    loan.publish()
  }
  let ended = false
  process.stdin.on('data', () => (ended = true)).on('end', () => (ended = true))
  const { startUsage } = await import('../lib/usage.mjs')
  const usage = startUsage()
  console.log('{"ready":true}')
  let due = now()
  while (!ended) {
    const share = flags.pace === 'irregular' ? 0.2 + 1.6 * Math.random() : 1
    due += period * share
    if (flags.pace === 'interval') {
      // As long as it takes: a timer of Node counts whole milliseconds.
      await new Promise((resolve) => setTimeout(resolve, Math.floor(period)))
    } else {
      await new Promise((resolve) => setImmediate(resolve))
      sleepUntil(due)
      late.push((now() - due) * 1e6)
    }
    publish()
  }
  process.stdin.destroy()
  writer.close()
  const lateness = late.length === 0 ? undefined : summarise(late)
  console.log(JSON.stringify({ usage: await usage(), lateness }))
}

/** Reads in its own turns: those of even number are for 'event'. */
async function read() {
  const { sum } = helpers()
  const { startUsage } = await import('../lib/usage.mjs')
  const mine = WAKES.indexOf(flags.wake)
  const turn = flags.turn * 1000
  const samples = []
  const published = []
  const total = {
    cpu: 0,
    seconds: 0,
    switches: 0,
    gc: 0,
    gcMajor: 0,
    faults: { minor: 0, major: 0 },
  }
  console.log('{"ready":true}')
  while (samples.length < flags.samples) {
    const number = Math.floor(now() / turn)
    const next = number + 1 + ((number + 1 + mine) % 2)
    // A little later than the other one has left.
    await new Promise((resolve) => setTimeout(resolve, next * turn - now() + 50))
    await take((next + 1) * turn)
  }
  console.log(JSON.stringify({ samples, published, ...total }))

  function take(end) {
    return new Promise((resolve, reject) => {
      let learned = 0
      let usage
      const reading = frames(flags.ring, { replay: 0, wake: flags.wake }).subscribe({
        next(frame) {
          const time = now()
          if (learned++ < LEARNING) return
          usage ??= startUsage()
          const { data } = frame
          const sent = new DataView(data.buffer, data.byteOffset).getFloat64(0, true)
          samples.push(Math.max(0, (time - sent) * 1e6))
          published.push(Math.max(0, (time - frame.publishTime) * 1e6))
          if (!flags.inPlace) sum(data)
          if (time < end - 20) return
          reading.unsubscribe()
          usage().then((used) => {
            for (const key of ['cpu', 'seconds', 'switches', 'gc', 'gcMajor'])
              total[key] += used[key]
            total.faults.minor += used.faults.minor
            total.faults.major += used.faults.major
            resolve()
          }, reject)
        },
        error: reject,
        complete: () => reject(new Error('the writer has gone')),
      })
    })
  }
}
