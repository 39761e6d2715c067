#!/usr/bin/env node
// npm run soak: a ring under everything at once. A writer flat out; readers of every kind that check
// every word of every frame; readers that come and go, are stopped and continued, and are killed;
// writers that are killed and start again, or make larger rings; and somebody who scribbles over the
// control object. Fails when a frame is torn and nobody told, when a sequence is unaccounted for, when
// somebody hangs, and when anything is left behind.
import { fork } from 'node:child_process'
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from './setup.mjs'

const HELP = `npm run soak -- [options]

  --minutes N    how long; 1 unless said
  --frames N     instead: until the steady reader has verified so many frames
  --words N      32-bit words of a frame; 64 unless said. VGA RGB: 230400
  --calm         no scribbling: then no lease may break either
  --seed N       of the order in which things happen; printed
  --json         one JSON object at the end
`
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    frames: { type: 'string' },
    words: { type: 'string', default: '64' },
    calm: { type: 'boolean', default: false },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const target = values.frames === undefined ? Infinity : Number(values.frames)
const until = values.frames === undefined ? Date.now() + Number(values.minutes) * 60_000 : Infinity
const seed = Number(values.seed ?? Date.now() % 1e9)
const say = (line) => values.json || console.log(line)

await setup(say)
const here = dirname(fileURLToPath(import.meta.url))
const directory = mkdtempSync('/dev/shm/framering-soak-')
const ring = { name: 'soak', directory }
/** Silence of a process that goes on: nothing here takes a tenth of this. */
const PATIENCE = 60_000
/** Past this a ring grows no further, or the machine would be full some day. */
const MOST_GROWTHS = 8

const happened = { joins: 0, leaves: 0, kills: 0, stops: 0, writers: 0, growths: 0, scribbles: 0 }
const totals = { verified: 0, broken: 0 }
const problems = []
let steadyVerified = 0

let state = seed
/** 0 ≤ random < 1, the same sequence for the same seed. */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}
const below = (n) => Math.floor(random() * n)
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

class Actor {
  constructor(script, options) {
    this.report = { verified: 0, broken: 0, wrong: [] }
    this.heard = Date.now()
    this.what = `${script} ${JSON.stringify(options)}`
    this.child = fork(join(here, '../test/soak', script), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.ready = new Promise((resolve) => this.child.once('message', resolve))
    this.child.on('message', (message) => {
      this.heard = Date.now()
      if (message.kind === 'report' || message.kind === 'done') this.report = message
      this.finished ||= message.kind === 'done' || message.kind === 'closed'
    })
    this.exited = new Promise((resolve) =>
      this.child.on('exit', (code, signal) => {
        this.gone = true
        if (!this.finished && signal !== 'SIGKILL') {
          problems.push(`${this.what} ended by itself, code ${code}, signal ${signal}`)
        }
        resolve()
      }),
    )
  }

  say(kind) {
    if (this.child.connected) this.child.send({ kind }, () => {})
  }

  async kill() {
    this.child.kill('SIGKILL')
    await this.exited
  }

  /** Asks it to end, and waits until it has. */
  async end(kind) {
    this.say(kind)
    const given = setTimeout(() => {
      problems.push(`${this.what} did not end within ${PATIENCE} ms of being asked to`)
      this.child.kill('SIGKILL')
    }, PATIENCE)
    await this.exited
    clearTimeout(given)
  }
}

function startWriter() {
  happened.writers += 1
  growths = 0
  return new Actor('writer.mjs', { ...ring, words: Number(values.words), slots: 4 + below(9) })
}

function startReader(options) {
  return new Actor('reader.mjs', { ...ring, ...options })
}

/** Adds up what a reader found, once. */
function settle(reader) {
  const { verified, broken, wrong } = reader.report
  totals.verified += verified
  totals.broken += broken
  problems.push(...wrong)
  if (values.calm && broken > 0) problems.push(`${broken} leases broke with nobody scribbling`)
}

async function scribble() {
  let control
  try {
    control = openSync(join(directory, 'framering.soak.ctl'), 'r+')
  } catch {
    return // between two writers
  }
  const { size } = fstatSync(control)
  // The identity is spared: without it nobody could join until the next writer, and nothing happen.
  const first = 64
  for (const end = Date.now() + 200; Date.now() < end;) {
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(Array.from({ length: 8 }, () => below(256)))
      writeSync(control, bytes, 0, 8, first + below(size - first - 8))
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  closeSync(control)
  happened.scribbles += 1
}

const KINDS = [
  { delivery: 'latest' },
  { delivery: 'every' },
  { delivery: 'reliable' },
  { delivery: 'latest', observe: 2 },
  { delivery: 'every', observe: 2 },
]
let growths = 0
let writer = startWriter()
await writer.ready
const steady = startReader({ delivery: 'reliable' })
await steady.ready
const guests = []

const ACTIONS = [
  async function join() {
    if (guests.length >= 4) return
    const guest = startReader(KINDS[below(KINDS.length)])
    guests.push(guest)
    await guest.ready
    happened.joins += 1
  },
  async function leave() {
    const guest = guests.splice(below(guests.length), 1)[0]
    if (guest === undefined) return
    await guest.end('stop')
    settle(guest)
    happened.leaves += 1
  },
  async function kill() {
    const guest = guests.splice(below(guests.length), 1)[0]
    if (guest === undefined) return
    await guest.kill()
    settle(guest)
    happened.kills += 1
  },
  async function stop() {
    const guest = guests[below(guests.length)]
    if (guest === undefined) return
    guest.child.kill('SIGSTOP')
    await pause(below(300))
    guest.child.kill('SIGCONT')
    happened.stops += 1
  },
  async function killWriter() {
    await writer.kill()
    happened.kills += 1
    writer = startWriter()
    await writer.ready
  },
  async function restartWriter() {
    await writer.end('close')
    writer = startWriter()
    await writer.ready
  },
  async function grow() {
    if (growths >= MOST_GROWTHS) return
    growths += 1
    writer.say('grow')
    happened.growths += 1
  },
  async function scribbleOver() {
    if (!values.calm) await scribble()
  },
]

say(`seed ${seed}`)
const started = Date.now()
let told = started
try {
  while (Date.now() < until && steadyVerified < target && problems.length === 0) {
    await ACTIONS[below(ACTIONS.length)]()
    await pause(50 + below(200))
    steadyVerified = steady.report.verified
    for (const actor of [steady, ...guests]) {
      if (actor.gone) problems.push(`${actor.what} is gone and nobody ended it`)
      if (Date.now() - actor.heard > PATIENCE) problems.push(`${actor.what} has not been heard of`)
    }
    if (writer.gone) problems.push('the writer is gone and nobody ended it')
    if (Date.now() - told > 10_000) {
      told = Date.now()
      say(
        `${Math.round((told - started) / 1000)} s: ${steadyVerified} frames, ${JSON.stringify(happened)}`,
      )
    }
  }
  await writer.end('close')
  for (const reader of [steady, ...guests.splice(0)]) {
    await reader.end('stop')
    settle(reader)
    if (reader === steady) steadyVerified = reader.report.verified
  }
  const left = readdirSync(directory)
  if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`)
} finally {
  for (const actor of [writer, steady, ...guests]) actor.child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
}

const result = {
  seed,
  seconds: Math.round((Date.now() - started) / 1000),
  words: Number(values.words),
  steadyVerified,
  ...totals,
  ...happened,
  steadyRss: steady.report.rss,
  problems,
}
if (values.json) console.log(JSON.stringify(result))
else console.log(result)
process.exitCode = problems.length === 0 ? 0 : 1
