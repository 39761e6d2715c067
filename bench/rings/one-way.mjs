#!/usr/bin/env node
// Framering, event-driven: from the writer's publish to the subscriber's `next`. A C process rings a
// bare FIFO of the same reader process half a period later: the floor, in the same run.
//
//   node bench/rings/one-way.mjs --rate 1000 --bytes 6220800 --in-place
//   node bench/rings/one-way.mjs --rate 60 --wake predictive
//   node bench/rings/one-way.mjs --rate 0 --bytes 921600      flat out, delivery 'reliable'
import { execFileSync } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { createWriter, frames, now } from '../../dist/index.js'
import { rowFlags, toArgs } from '../lib/flags.mjs'
import { buildBench, helpers, program } from '../lib/native.mjs'
import { Part, patience } from '../lib/part.mjs'
import { rowLine } from '../lib/row.mjs'
import { scratch } from '../lib/scratch.mjs'
import { runSides, startSide, tell, tellLast } from '../lib/sides.mjs'
import { summarise } from '../lib/summary.mjs'
import { startUsage } from '../lib/usage.mjs'
import { framering } from '../lib/versions.mjs'

const flags = rowFlags(process.argv.slice(2), {
  workload: 'one-way',
  // At 1000 Hz whatever the rate, until the compiler has seen enough of both sides.
  warmup: 1000,
  samples: 2000,
  // Then so many at the rate itself, not counted: a predictive reader learns the period.
  settle: 20,
  views: 'revoke',
  wake: 'event',
  copyIn: false,
  jitter: 0,
  role: '',
  directory: '',
  index: 0,
})
/** The floor is rung by a process of its own, which needs a rate. */
const hasFloor = flags.rate > 0
const period = hasFloor ? 1000 / flags.rate : 0
/** Frames before the first that counts. */
const before = flags.warmup + flags.settle
const fifo = (index) => join(flags.directory, `bare-${index}`)

await runSides(flags, { row, writer, reader })

async function row() {
  await buildBench()
  flags.directory = scratch()
  if (hasFloor) execFileSync('mkfifo', [fifo(0)])
  const readers = Array.from({ length: flags.readers }, (_, index) =>
    startSide(import.meta.url, flags, 'reader', { cpu: 1, more: { index } }),
  )
  const [first] = await Promise.all(readers.map(({ ready }) => ready))
  const { missing } = JSON.parse(first)
  if (missing !== undefined) return { name: title(), missing }
  const sending = startSide(import.meta.url, flags, 'writer', { cpu: 0 })
  const { start } = JSON.parse(await sending.ready)
  const ticker = hasFloor ? startTicker(start) : undefined
  const sent = await sending.result
  const got = await Promise.all(readers.map(({ result }) => result))
  await ticker?.result
  const samples = got.flatMap((side) => side.samples)
  const lost = got.reduce((sum, side) => sum + side.lost, 0)
  const floor = hasFloor && {
    floor: { name: 'bare FIFO → uv_poll → callback', ns: summarise(got[0].floor) },
  }
  const { writer, late } = sent
  return rowLine(flags, {
    ...{ name: title(), blocking: true, samples, writer, reader: got[0].reader, lost },
    ...(flags.rate === 0 ? speed(writer.seconds) : { writer_late: summarise(late) }),
    ...floor,
    versions: framering(),
    notes: notes(),
  })
}

function title() {
  const wake = flags.wake === 'event' ? 'event-driven' : flags.wake
  return `framering ${wake}${flags.copyIn ? ', copied in' : ''}`
}

function notes() {
  const read = flags.inPlace ? 'stamped on entry to next' : 'stamped when every byte was read'
  const wrote = flags.copyIn
    ? 'the copy into the slot counts'
    : 'filled in the slot before the stamp'
  return `${wrote}; ${read}; the floor's callback is stamped on entry`
}

function speed(seconds) {
  return { frames_per_second: flags.samples / seconds }
}

function startTicker(start) {
  const { warmup, rate, samples, settle } = flags
  // Half a period behind the frames.
  const phase = Math.round(dueTime(start, warmup) * 1e6 + 5e8 / rate) - warmup * 1e6
  const args = toArgs({ warmup, rate, samples: samples + settle, start: phase, fifo: fifo(0) })
  return new Part('fd_ticker', [program('fd_ticker'), ...args], {
    cpu: flags.pin ? 0 : undefined,
    seconds: patience(flags.seconds),
  })
}

/** When frame `index` is to be published. */
function dueTime(start, index) {
  const quick = Math.min(index, flags.warmup)
  return start + quick + (index - quick) * period
}

async function writer() {
  const { bytes, directory, samples, inPlace, copyIn, jitter } = flags
  const { sleepUntil } = helpers()
  const ring = createWriter('one-way', { dtype: 'uint8', shape: [bytes], directory, slots: 8 })
  while (ring.stats().readers < flags.readers) sleepUntil(now() + 1)
  const start = now() + 300
  tell({ ready: true, start })
  // The line above leaves this process only when the loop turns.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const late = new Float64Array(samples)
  const source = new Uint8Array(copyIn ? bytes : 0)
  const usage = startUsage()
  for (let i = 0; i < before + samples; i++) {
    const due = dueTime(start, i) + (Math.random() - 0.5) * 2 * jitter * period
    if (period > 0) sleepUntil(due)
    if (i >= before) late[i - before] = now() - due
    if (copyIn) {
      if (!inPlace) source.fill(i)
      const stamp = new Float64Array(source.buffer, 0, 1)
      stamp[0] = now()
      ring.write(source)
      continue
    }
    const loan = ring.loan()
    if (!inPlace) loan.data.fill(i)
    const { buffer, byteOffset } = loan.data
    const stamp = new Float64Array(buffer, byteOffset, 1)
    stamp[0] = now()
    loan.publish()
  }
  const used = await usage()
  // The last frames are taken before the end is told; waiting keeps the ticker's last ticks inside.
  await new Promise((resolve) => setTimeout(resolve, 100 + 2 * period))
  ring.close()
  tell({ late: Array.from(late, (ms) => Math.max(0, ns(ms))), writer: used })
}

async function reader() {
  const { directory, views, wake, inPlace, rate, index } = flags
  const { sum, watch } = helpers()
  const samples = []
  const floor = []
  let lost = 0
  let usage
  let unwatch
  if (hasFloor && index === 0) {
    const fd = openSync(fifo(0), constants.O_RDONLY | constants.O_NONBLOCK)
    let ticks = 0
    unwatch = watch(fd, (sent) => {
      const at = now()
      if (++ticks > before) floor.push(at - sent)
    })
  }
  const options = { directory, views, wait: true, delivery: rate > 0 ? 'latest' : 'reliable' }
  // An option that this release does not know is told as such and not as a failure of the row.
  if (wake !== 'event') options.wake = wake
  let stream
  try {
    stream = frames('one-way', options)
  } catch (error) {
    if (error.code !== 'OPTION_INVALID') throw error
    tell({ missing: `this build of framering has no wake: '${wake}'` })
    return
  }
  tell({ ready: true })
  await new Promise((resolve, reject) => {
    stream.subscribe({
      next: (frame) => {
        const entered = now()
        if (!inPlace) sum(frame.data)
        const at = inPlace ? entered : now()
        const { buffer, byteOffset } = frame.data
        const sent = new Float64Array(buffer, byteOffset, 1)[0]
        if (frame.sequence <= before) return
        usage ??= startUsage()
        lost += frame.gap
        samples.push(at - sent)
      },
      error: reject,
      complete: resolve,
    })
  })
  const used = await usage?.()
  unwatch?.()
  tellLast({ samples: samples.map(ns), floor: floor.map(ns), lost, reader: used })
}

function ns(ms) {
  return Math.round(ms * 1e6)
}
