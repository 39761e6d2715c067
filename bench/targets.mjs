#!/usr/bin/env node
// What framering must reach, and whether a run reached it:
//
//   node bench/targets.mjs result.json       exit code 1 when a target was measured and not met
import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SIZES } from './lib/flags.mjs'
import { floorRatio, ratio } from './lib/result.mjs'
import { formatTable, micros } from './lib/table.mjs'

const { '1080p': HD, '4K': UHD } = SIZES

/**
 * One thing to be reached.
 *
 * @typedef {object} Target
 * @property {number} target 1 to 10
 * @property {string} what
 * @property {string} limit
 * @property {string} figure what was measured, or what is missing for it
 * @property {boolean | undefined} met undefined: not measured
 */

/**
 * The ten targets, each in one or more parts, of a run's result (`--json`).
 *
 * @param {{ rows: object[] }} result
 * @returns {Target[]}
 */
export function targets({ rows }) {
  const find = (engine, workload, more = {}) =>
    rows.find(
      (row) =>
        row.engine === engine &&
        row.workload === workload &&
        Object.entries(more).every(([key, value]) => row[key] === value) &&
        row.runs.length > 0 &&
        !row.id.includes('irregular'),
    )
  return [
    ...roundTrip(find),
    ...eventDriven(find),
    ...flatInSize(find),
    ...flatInReaders(find),
    ...copyIn(find),
    ...belowPeers(find),
    ...predictive(find, rows),
    ...leases(find),
    ...readersWork(find),
    ...startUp(find),
  ]
}

/** A part that needs these rows; `judge` gives figure and whether it is enough. */
function part(target, what, limit, needed, judge) {
  const missing = Object.keys(needed).filter((name) => needed[name] === undefined)
  if (missing.length > 0) {
    return { target, what, limit, figure: `not measured: ${missing.join(', ')}`, met: undefined }
  }
  const [figure, met] = judge(needed)
  return { target, what, limit, figure, met }
}

const times = (figure) => `${Number(figure.toPrecision(3))} ×`
const sizeOf = (bytes) => Object.keys(SIZES).find((name) => SIZES[name] === bytes)

function roundTrip(find) {
  const place = (bytes) => ({ bytes, in_place: true })
  const against = (bytes) =>
    part(
      1,
      `polling round trip, ${sizeOf(bytes)}, cached`,
      '≤ 0.35 × iceoryx spinning',
      {
        'framering cached': find('framering cached', 'ping-pong', place(bytes)),
        'iceoryx spinning': find('iceoryx spinning', 'ping-pong', place(bytes)),
      },
      ({ 'framering cached': own, 'iceoryx spinning': other }) => {
        const by = ratio(own, other)
        return [`${times(by)} (${micros(own.ns.p50)} / ${micros(other.ns.p50)})`, by <= 0.35]
      },
    )
  const revoked = (bytes) =>
    part(
      1,
      `polling round trip, ${sizeOf(bytes)}, revoked`,
      '≤ 4 µs',
      { framering: find('framering', 'ping-pong', place(bytes)) },
      ({ framering: { ns } }) => [micros(ns.p50), ns.p50 <= 4000],
    )
  return [against(64), against(HD), revoked(64), revoked(HD)]
}

function eventDriven(find) {
  return [1000, 30].map((rate) =>
    part(
      2,
      `event-driven one-way, ${rate} Hz`,
      'p50 ≤ 1.3 × bare fd wake-up',
      { framering: find('framering', 'one-way', { rate, bytes: 64, in_place: true, readers: 1 }) },
      ({ framering: row }) => {
        const by = floorRatio(row)
        const tail = `p99 ${micros(row.ns.p99)}, floor's ${micros(row.floor.ns.p99)}`
        const middle = `${micros(row.ns.p50)} / ${micros(row.floor.ns.p50)}`
        return [`${times(by)} (${middle}; ${tail})`, by <= 1.3]
      },
    ),
  )
}

function flatInSize(find) {
  const of = (bytes) => find('framering cached', 'ping-pong', { bytes, in_place: true })
  return [
    part(
      3,
      'polling round trip in place, 4K against 64 B',
      'within 10 % or 0.1 µs',
      { '64 B': of(64), '4K': of(UHD) },
      ({ '64 B': small, '4K': large }) => {
        const more = large.ns.p50 - small.ns.p50
        const met = more <= 100 || ratio(large, small) <= 1.1
        return [`${micros(large.ns.p50)} / ${micros(small.ns.p50)}`, met]
      },
    ),
  ]
}

function flatInReaders(find) {
  const awake = (readers) => find('framering awake', 'fan-out', { readers })
  return [
    part(
      4,
      'publish to 32 sleeping readers',
      '≤ 1.2 × 32 bare wakes',
      { asleep: find('framering', 'fan-out', { readers: 32 }) },
      ({ asleep }) => {
        const by = floorRatio(asleep)
        return [`${times(by)} (${micros(asleep.ns.p50)})`, by <= 1.2]
      },
    ),
    part(
      4,
      'each reader that is awake adds to a publish',
      '< 0.5 µs',
      { '1 awake': awake(1), '32 awake': awake(32) },
      ({ '1 awake': one, '32 awake': many }) => {
        const each = (many.ns.p50 - one.ns.p50) / 31
        return [micros(each), each < 500]
      },
    ),
  ]
}

function copyIn(find) {
  return [HD, UHD].map((bytes) =>
    part(
      5,
      `copy-in publish, ${sizeOf(bytes)}`,
      '≥ 0.95 of the better copy',
      { framering: find('framering', 'copy-in', { bytes }) },
      ({ framering: row }) => {
        const share = 1 / floorRatio(row)
        return [`${share.toFixed(2)} of ${row.floor.name}`, share >= 0.95]
      },
    ),
  )
}

/** How a reader waits, by the engine that does. */
const MODES = { framering: 'event-driven', 'framering predictive': 'predictive' }
const COPYING = ['ZeroMQ ipc', 'Unix socket', 'child_process IPC']
const SHARING = [
  ...['iceoryx WaitSet', 'shared-memory-disruptor async'],
  ...['GStreamer shmsink', 'Python shared_memory'],
]
/** Those that spin are compared with a reader that does. */
const POLLING = ['iceoryx spinning', 'shared-memory-disruptor spinning', 'shm-typed-array']

function belowPeers(find) {
  const like = (bytes, rate) => ({ bytes, rate, in_place: true, readers: 1 })
  const below = (engine, bytes, rate, factor, mode = 'framering') =>
    part(
      6,
      `one-way, ${sizeOf(bytes)}, ${MODES[mode]}, against ${engine}`,
      factor === 1 ? 'below it' : `${factor} × below it`,
      {
        [mode]: find(mode, 'one-way', like(bytes, rate)),
        [engine]: find(engine, 'one-way', like(bytes, rate)),
      },
      ({ [mode]: own, [engine]: other }) => {
        const by = ratio(other, own)
        return [`${times(by)} (${micros(own.ns.p50)} / ${micros(other.ns.p50)})`, by > factor]
      },
    )
  const polling = (engine) =>
    part(
      6,
      `polling round trip, 1080p, against ${engine}`,
      'below it',
      {
        'framering cached': find('framering cached', 'ping-pong', { bytes: HD, in_place: true }),
        [engine]: find(engine, 'ping-pong', { bytes: HD, in_place: true }),
      },
      ({ 'framering cached': own, [engine]: other }) => {
        const by = ratio(other, own)
        return [`${times(by)} (${micros(own.ns.p50)} / ${micros(other.ns.p50)})`, by > 1]
      },
    )
  return [
    ...COPYING.map((engine) => below(engine, HD, 60, 100)),
    ...COPYING.map((engine) => below(engine, HD, 60, 100, 'framering predictive')),
    ...SHARING.map((engine) => below(engine, HD, 60, 1)),
    ...POLLING.map((engine) => polling(engine)),
    below('Unix socket', 64, 1000, 1),
  ]
}

function predictive(find, rows) {
  const irregular = (engine) =>
    rows.find((row) => row.engine === engine && row.id.includes('irregular') && row.runs.length > 0)
  const own = find('framering predictive', 'one-way', { bytes: 64, rate: 60 })
  return [
    part(7, 'predictive, 60 Hz', 'p50 < 3 µs', { predictive: own }, ({ predictive: { ns } }) => [
      micros(ns.p50),
      ns.p50 < 3000,
    ]),
    part(7, 'predictive, 60 Hz', '≤ 3 % of a core', { predictive: own }, ({ predictive: row }) => [
      `${row.cpu_percent.reader.toFixed(1)} %`,
      row.cpu_percent.reader <= 3,
    ]),
    part(
      7,
      'predictive against event-driven, irregular rate',
      'no worse (p50 within 10 %)',
      { predictive: irregular('framering predictive'), event: irregular('framering') },
      ({ predictive: own, event }) => {
        const by = ratio(own, event)
        return [`${times(by)} (${micros(own.ns.p50)} / ${micros(event.ns.p50)})`, by <= 1.1]
      },
    ),
  ]
}

function leases(find) {
  const revoked = find('framering', 'lease')
  const cached = find('framering cached', 'lease')
  const under = (views, row, limit) =>
    part(8, `lease + release, ${views}`, `< ${micros(limit)}`, { [views]: row }, (needed) => [
      micros(needed[views].ns.p50),
      needed[views].ns.p50 < limit,
    ])
  const garbage = (views, row) =>
    part(8, `a million frames, ${views}`, 'no major GC, heap flat', { [views]: row }, (needed) => {
      const { frames, gc_major, heap_growth, external_growth } = needed[views].figures
      const growth = Math.max(heap_growth, external_growth)
      const figure = `${gc_major} major in ${frames} frames, ${(growth / 2 ** 20).toFixed(1)} MiB more`
      return [figure, frames < 1e6 ? undefined : gc_major === 0 && growth < 8 * 2 ** 20]
    })
  return [
    under('revoked', revoked, 2000),
    under('cached', cached, 150),
    garbage('revoked', revoked),
    garbage('cached', cached),
  ]
}

function readersWork(find) {
  return [
    part(
      9,
      'event-driven reader, 60 Hz, 1080p',
      '< 1 % of a core',
      { reader: find('framering', 'idle', { rate: 60 }) },
      ({ reader: { figures } }) => [`${figures.cpu_percent.toFixed(2)} %`, figures.cpu_percent < 1],
    ),
    part(
      9,
      'idle reader',
      'no wake-ups of its own',
      { reader: find('framering', 'idle', { rate: 0 }) },
      ({ reader: { figures } }) => {
        const own = figures.wakeups - figures.node_wakeups
        return [`${figures.wakeups}; Node alone ${figures.node_wakeups}`, own <= 0]
      },
    ),
  ]
}

function startUp(find) {
  const memory = find('framering', 'memory')
  return [
    part(
      10,
      'attach to first frame, 50 MB',
      '< 5 ms and ≤ 1.2 × bare populate',
      { attach: find('framering', 'attach', { bytes: HD }) },
      ({ attach }) => {
        const by = floorRatio(attach)
        return [`${micros(attach.ns.p50)}, ${times(by)}`, attach.ns.p50 < 5e6 && by <= 1.2]
      },
    ),
    part(10, "a reader's memory beyond Node", '< 2 MiB', { memory }, ({ memory: row }) => {
      const mebibytes = row.figures.rss_beyond / 2 ** 20
      return [`${mebibytes.toFixed(2)} MiB`, mebibytes < 2]
    }),
  ]
}

/** The targets as a table of text. */
export function targetTable(all) {
  const verdict = (met) => (met === undefined ? 'not measured' : met ? 'met' : 'NOT MET')
  return formatTable(
    ['', 'what', 'limit', 'measured', ''],
    all.map(({ target, what, limit, figure, met }) => [
      ...[`${target}`, what, limit, figure, verdict(met)],
    ]),
  )
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const all = targets(JSON.parse(readFileSync(process.argv[2], 'utf8')))
  console.log(targetTable(all))
  process.exitCode = all.some(({ met }) => met === false) ? 1 : 0
}
