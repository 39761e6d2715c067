#!/usr/bin/env node
// npm run demo: one writer and three readers, each a process of its own, and a live page. On a fresh
// clone it installs and builds first, so it may import nothing but what Node brings along.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildExamples } from '../examples/build.mjs'
import { setup } from './setup.mjs'

const HELP = `npm run demo -- [options]

  --frames N           end after so many; the last line is JSON, and the exit code tells whether all
                       frames were whole and all processes ended cleanly
  --source KIND        auto, pattern, ffmpeg, webcam or images; auto: a camera if there is one
  --input WHAT         a film, rtsp://…, a device or a folder, for the other sources
  --input-format F     -f of ffmpeg
  --width, --height N  pixels
  --fps N              frames a second
  --fourcc CODE        RGB3, GREY, …
  --port N             of the page; 8080, or any where that is taken
  --no-page            no page
`
const PASSED_ON = ['source', 'input', 'input-format', 'width', 'height', 'fps', 'fourcc', 'frames']
const READERS = [
  { name: 'viewer', delivery: 'latest' },
  { name: 'recorder', delivery: 'every' },
  { name: 'follower', delivery: 'reliable' },
]
const GRACE = 3000 // ms for readers to take what is left when the writer has ended, and then to end

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const ring = `demo-${process.pid}`

/** A process that says one JSON object per line; the first introduces it, the rest are reports. */
class Part {
  introduction
  report
  ended

  constructor(name, program, args) {
    this.name = name
    const script = join(root, 'build/examples', program, 'main.js')
    const stdio = ['ignore', 'pipe', 'inherit']
    this.child = spawn(process.execPath, [script, '--ring', ring, '--json', ...args], { stdio })
    this.exit = new Promise((resolve) => {
      this.introduced = new Promise((introduced) => {
        createInterface({ input: this.child.stdout }).on('line', (line) => {
          if (this.introduction) this.report = JSON.parse(line)
          else introduced((this.introduction = JSON.parse(line)))
        })
        this.child.on('close', (code, signal) => {
          this.ended =
            this.report?.done && code === 0 ? 'cleanly' : `with ${signal ?? `code ${code}`}`
          introduced()
          resolve()
        })
      })
    })
  }
}

async function demo(options) {
  await setup()
  buildExamples()
  const { slotsFor } = await import('framering')

  const passed = PASSED_ON.filter((name) => options[name] !== undefined)
  const writer = new Part('writer', 'writer', [
    ...passed.map((name) => `--${name}=${options[name]}`),
    ...['--loop', '--checksum', `--wait-readers=${READERS.length}`],
    `--slots=${slotsFor({ readers: READERS.length, leases: 2, history: 8 })}`,
  ])
  const page = options['no-page'] ? [] : ['--serve']
  if (options.port !== undefined) page.push(`--port=${options.port}`)
  const readers = READERS.map(
    ({ name, delivery }, i) =>
      new Part(name, 'reader', [
        ...[`--delivery=${delivery}`, '--once', '--verify'],
        ...(i === 0 ? page : []),
      ]),
  )
  const parts = [writer, ...readers]
  const stop = () => end(writer.report || writer.ended ? [writer] : parts, 'SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  process.stdout.on('error', stop)
  for (const reader of readers) {
    reader.exit.then(() => {
      if (writer.ended || reader.ended === 'cleanly') return
      console.error(`${reader.name} ended ${reader.ended}; the others go on without it`)
      // Until all readers have joined the writer waits for them.
      if (!writer.report) stop()
    })
  }

  await Promise.all(parts.map((part) => part.introduced))
  if (parts.every((part) => part.introduction)) introduce(writer, readers)
  const show = liveFigures(writer, readers)
  const showing = setInterval(show, 1000)
  await writer.exit
  const timers = [
    setTimeout(() => end(readers, 'SIGTERM'), writer.report ? GRACE : 0),
    setTimeout(() => end(readers, 'SIGKILL'), 2 * GRACE),
  ]
  await Promise.all(readers.map((reader) => reader.exit))
  clearInterval(showing)
  timers.forEach(clearTimeout)
  show()

  const complaints = whatWentWrong(writer, readers, Number(options.frames ?? 0))
  for (const complaint of complaints) console.error(complaint)
  console.log(JSON.stringify(result(writer, readers)))
  process.exitCode = complaints.length > 0 ? 1 : 0
}

function end(parts, signal) {
  for (const part of parts) if (!part.ended) part.child.kill(signal)
}

function introduce(writer, readers) {
  const { source, fourcc, width, height } = writer.introduction
  console.log(`${source}, ${fourcc} ${width} × ${height}, ring '${ring}'`)
  const pids = [writer, ...readers].map(({ name, child }) => `${name} ${child.pid}`)
  console.log(`processes: ${pids.join(', ')}`)
  console.log(`join in:   node build/examples/reader/main.js --ring ${ring}`)
  if (readers[0].introduction.url) console.log(`page:      ${readers[0].introduction.url}`)
  console.log('Ctrl-C ends.\n')
}

/** What the parts said last, once a second: in place on a terminal, else one line each time. */
function liveFigures(writer, readers) {
  let lines = 0
  return () => {
    if (!writer.report) return
    if (!process.stdout.isTTY) {
      const each = readers.map((reader) => `${reader.name} ${inWords(reader)}`)
      console.log([`writer ${inWords(writer)}`, ...each].join(' | '))
      return
    }
    const columns = ['', 'fps', 'frames', 'gaps', 'torn', 'p50 µs', 'p99 µs']
    const rows = [columns, ...[writer, ...readers].map(inColumns)]
    if (lines > 0) process.stdout.write(`\x1b[${lines}A`)
    for (const row of rows) {
      console.log(
        row.map((cell, i) => (i ? cell.padStart(9) : cell.padEnd(20))).join('') + '\x1b[K',
      )
    }
    lines = rows.length
  }
}

function inWords({ ended, report }) {
  if (ended && ended !== 'cleanly') return `ended ${ended}`
  if (!report) return 'waits'
  const rate = `${report.fps.toFixed(1)} fps`
  if (report.published !== undefined) return `${rate}, ${report.published} published`
  const times = `p50 ${micros(report.receive?.p50)} p99 ${micros(report.receive?.p99)} µs`
  return `${rate}, ${times}, gaps ${report.gaps}, torn ${report.torn}`
}

function inColumns({ name, ended, introduction, report }) {
  const title = introduction?.delivery ? `${name} (${introduction.delivery})` : name
  if (ended && ended !== 'cleanly') return [title, `  ended ${ended}`]
  if (!report) return [title, 'waits']
  const { fps, published, dropped, received, gaps, torn, receive } = report
  if (published !== undefined) return [title, fps.toFixed(1), `${published}`, `${dropped}`]
  return [
    ...[title, fps.toFixed(1), `${received}`, `${gaps}`, `${torn}`],
    ...[micros(receive?.p50), micros(receive?.p99)],
  ]
}

function micros(us) {
  return us === undefined ? '–' : us.toFixed(0)
}

function result(writer, readers) {
  return {
    published: writer.report?.published ?? 0,
    readers: readers.map(({ name, report }, i) => ({
      name,
      delivery: READERS[i].delivery,
      received: report?.received ?? 0,
      gaps: report?.gaps ?? 0,
      torn: report?.torn ?? 0,
      p50_us: report?.receive?.p50 ?? null,
      p99_us: report?.receive?.p99 ?? null,
    })),
  }
}

/** One sentence per thing that should not be. */
function whatWentWrong(writer, readers, frames) {
  const complaints = []
  for (const { name, ended } of [writer, ...readers]) {
    if (ended !== 'cleanly') complaints.push(`${name} ended ${ended}`)
  }
  const { published = 0, dropped = 0 } = writer.report ?? {}
  if (published + dropped < frames) {
    complaints.push(`the writer ended after ${published + dropped} of ${frames} frames`)
  }
  for (const { name, report } of readers) {
    if (published > 0 && !report?.received) complaints.push(`${name} received nothing`)
    if (report?.torn) complaints.push(`${name} received ${report.torn} torn frames`)
  }
  const left = readdirSync('/dev/shm').filter(
    (name) => /^framering\.(.+?)[.@]/.exec(name)?.[1] === ring,
  )
  if (left.length > 0) complaints.push(`left behind in /dev/shm: ${left.join(', ')}`)
  return complaints
}

function parsed() {
  const text = { type: 'string' }
  const options = Object.fromEntries([...PASSED_ON, 'port'].map((name) => [name, text]))
  options.help = { type: 'boolean', short: 'h' }
  options['no-page'] = { type: 'boolean' }
  return parseArgs({ options }).values
}

try {
  const options = parsed()
  if (options.help) process.stdout.write(HELP)
  else await demo(options)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
