// Which rows a run has. Each is a command of its own; `engine` is what targets and charts find it by.
import { SIZES, toArgs } from './lib/flags.mjs'

/**
 * @typedef {object} RowPlan
 * @property {string} id engine and flags: unique, and what --only looks at
 * @property {string} engine
 * @property {string} script from the project's root
 * @property {string[]} args
 * @property {boolean} quick whether --quick runs it
 */

const { VGA, '1080p': HD, '4K': UHD } = SIZES
const ALL = Object.values(SIZES)
const READERS = [1, 2, 4, 8, 16, 32]

/** Scripts of bench/peers, with what tells their variants apart. */
const PEERS = [
  { engine: 'iceoryx spinning', script: 'iceoryx', more: { wait: 'spinning' }, polls: true },
  { engine: 'iceoryx WaitSet', script: 'iceoryx', more: { wait: 'waitset' } },
  { engine: 'ZeroMQ ipc', script: 'zeromq' },
  { engine: 'Unix socket', script: 'unix-socket' },
  { engine: 'child_process IPC', script: 'child-process' },
  { engine: 'worker_threads', script: 'worker-threads' },
  {
    engine: 'shared-memory-disruptor spinning',
    script: 'shared-memory-disruptor',
    more: { wait: 'spinning' },
    polls: true,
  },
  {
    engine: 'shared-memory-disruptor async',
    script: 'shared-memory-disruptor',
    more: { wait: 'async' },
  },
  { engine: 'shm-typed-array', script: 'shm-typed-array', polls: true },
  { engine: 'GStreamer shmsink', script: 'gstreamer' },
  { engine: 'Python shared_memory', script: 'python' },
]

/**
 * The rows of a run, in the order in which they are run.
 *
 * @param {{ quick: boolean, pin: boolean }} options quick: fewer rows and samples, under 3 minutes
 * @returns {RowPlan[]}
 */
export function planRows({ quick: short, pin }) {
  const plans = [...floors(), ...pingPong(), ...oneWay(), ...writing(), ...reading(), ...peers()]
  const chosen = plans.filter((plan) => !short || plan.quick)
  return together(chosen).map(({ engine, script, flags, quick, quickFlags }) => {
    const all = { ...flags, ...(short ? quickFlags : {}) }
    return { id: idOf(engine, flags), engine, script, args: toArgs({ ...all, pin }), quick }
  })
}

/**
 * What is compared with each other runs one after the other: a virtual machine's processors move while it
 * runs, and what two of them are to each other changes from minute to minute.
 */
function together(plans) {
  const groups = new Map()
  for (const plan of plans) {
    const { workload, rate, inPlace } = plan.flags
    const key = [workload, rate, inPlace].join()
    groups.set(key, [...(groups.get(key) ?? []), plan])
  }
  const bytesOf = ({ flags }) => flags.bytes ?? 0
  return [...groups.values()].flatMap((group) => group.sort((a, b) => bytesOf(a) - bytesOf(b)))
}

function idOf(engine, { workload, bytes, rate, readers, inPlace, jitter }) {
  const parts = [engine, workload]
  if (bytes !== undefined) parts.push(sizeName(bytes))
  if (rate !== undefined) parts.push(rate === 0 ? 'flat out' : `${rate} Hz`)
  if (readers !== undefined) parts.push(readers === 1 ? '1 reader' : `${readers} readers`)
  if (inPlace) parts.push('in place')
  if (jitter !== undefined) parts.push('irregular')
  return parts.join(', ')
}

/** '1080p', or the number of bytes. */
export function sizeName(bytes) {
  return Object.keys(SIZES).find((name) => SIZES[name] === bytes) ?? `${bytes} B`
}

/** Rounds of a ping-pong: as many as take about as long at each size. */
function rounds(bytes, inPlace) {
  if (inPlace || bytes <= 4096) return { samples: 50_000, warmup: 10_000 }
  return bytes > HD ? { samples: 500, warmup: 50 } : { samples: 2000, warmup: 200 }
}

function floors() {
  const two = 'bench/floors/two-processes.mjs'
  const copy = 'bench/floors/copy.mjs'
  const same = { workload: 'ping-pong', bytes: 64, inPlace: true }
  return [
    row('floor: cache line', two, { ...same, floor: 'spin', samples: 50_000 }, { seconds: 2 }),
    row(
      'floor: semaphores',
      two,
      { ...same, floor: 'semaphores' },
      { samples: 2000, warmup: 100, seconds: 2 },
    ),
    ...[1000, 30].map((rate) =>
      row(
        'floor: fd wake-up',
        'bench/floors/fd-wake.mjs',
        { workload: 'one-way', rate, samples: samplesAt(rate) },
        rate === 1000 ? { samples: 1000, warmup: 500 } : undefined,
      ),
    ),
    ...[HD, UHD].flatMap((bytes) =>
      ['memcpy', 'non-temporal'].map((way) =>
        row(
          `floor: ${way}`,
          copy,
          { workload: 'copy-in', bytes, way },
          { samples: 60, warmup: 10 },
        ),
      ),
    ),
  ]
}

function pingPong() {
  const script = 'bench/rings/ping-pong.mjs'
  const flags = (bytes, inPlace) => ({
    ...{ workload: 'ping-pong', bytes, inPlace, ...rounds(bytes, inPlace), seconds: 20 },
  })
  const quick = { samples: 20_000, warmup: 10_000, seconds: 2 }
  return [
    ...ALL.map((bytes) =>
      row('framering cached', script, { ...flags(bytes, true), views: 'cached' }, quick),
    ),
    ...ALL.map((bytes) =>
      row('framering', script, { ...flags(bytes, true), views: 'revoke' }, bytes !== VGA && quick),
    ),
    ...ALL.map((bytes) =>
      row('framering C', script, { ...flags(bytes, true), from: 'c' }, bytes !== VGA && quick),
    ),
    ...ALL.map((bytes) =>
      row('framering cached', script, { ...flags(bytes, false), views: 'cached' }),
    ),
  ]
}

/** Enough for percentiles where a sample is short, 20 s of them where the rate is low. */
function samplesAt(rate) {
  if (rate === 0) return 1000
  return rate >= 1000 ? 10_000 : 20 * rate
}

function quickAt(rate) {
  return { samples: rate >= 1000 ? 1000 : 2 * rate, warmup: 500 }
}

function oneWay() {
  const script = 'bench/rings/one-way.mjs'
  const event = (rate, bytes, inPlace, quick = false, more = {}) =>
    row(
      'framering',
      script,
      { workload: 'one-way', bytes, rate, samples: samplesAt(rate), inPlace, ...more },
      quick && quickAt(rate),
    )
  const predictive = (bytes, more, quick) =>
    row(
      'framering predictive',
      script,
      { ...{ workload: 'one-way', bytes, rate: 60, samples: 1200, inPlace: true }, ...more },
      quick && { ...quickAt(60), settle: 60 },
    )
  const wake = { wake: 'predictive', settle: 120 }
  return [
    ...ALL.map((bytes) => event(1000, bytes, true, bytes !== VGA)),
    event(60, 64, true, true),
    event(30, 64, true, true),
    event(60, HD, true, true),
    ...[64, VGA].map((bytes) => event(1000, bytes, false, bytes === 64)),
    ...ALL.flatMap((bytes) =>
      [60, 30].map((rate) => event(rate, bytes, false, bytes === HD && rate === 60)),
    ),
    ...ALL.map((bytes) => event(0, bytes, false)),
    ...READERS.slice(1).map((readers) =>
      event(30, VGA, true, false, { readers, samples: 150, warmup: 300 }),
    ),
    predictive(64, wake, true),
    predictive(HD, wake, true),
    predictive(64, { ...wake, jitter: 0.4 }, false),
    event(60, 64, true, false, { jitter: 0.4 }),
  ]
}

function writing() {
  const copy = (bytes, quick) =>
    row('framering', 'bench/rings/copy-in.mjs', { workload: 'copy-in', bytes }, quick)
  const fan = (readers, awake, quick) =>
    row(
      awake ? 'framering awake' : 'framering',
      'bench/rings/fan-out.mjs',
      { workload: 'fan-out', readers, awake },
      quick && { samples: 100, warmup: 10 },
    )
  return [
    copy(VGA, false),
    copy(HD, { samples: 60, warmup: 10 }),
    copy(UHD, { samples: 40, warmup: 5 }),
    ...READERS.map((readers) => fan(readers, false, true)),
    ...READERS.map((readers) => fan(readers, true, readers === 1 || readers === 32)),
  ]
}

function reading() {
  const lease = (engine, views) =>
    row(
      engine,
      'bench/rings/lease.mjs',
      { workload: 'lease', views, samples: 1_000_000 },
      { samples: 100_000 },
    )
  const attach = (bytes) =>
    row(
      'framering',
      'bench/rings/attach.mjs',
      { workload: 'attach', bytes },
      { samples: 20, warmup: 3 },
    )
  return [
    lease('framering', 'revoke'),
    lease('framering cached', 'cached'),
    ...[64, VGA, HD].map(attach),
    row('framering looked at', 'bench/rings/watched.mjs', { workload: 'watched', bytes: VGA }),
    // Half a minute, and nothing to be said of it in less: not in --quick.
    row('framering', 'bench/rings/idle.mjs', { workload: 'idle', rate: 0 }),
    row(
      'framering',
      'bench/rings/idle.mjs',
      { workload: 'idle', rate: 60, bytes: HD },
      { observe: 2, settle: 1 },
    ),
    row('framering', 'bench/rings/memory.mjs', { workload: 'memory', bytes: HD }, { samples: 2 }),
  ]
}

/** Each peer with every size both ways, and with the rates at 64 B and 1080p. */
function peers() {
  return PEERS.flatMap(({ engine, script, more = {}, polls = false }) => {
    const path = `bench/peers/${script}.mjs`
    const trip = (bytes, inPlace, quick) =>
      row(
        engine,
        path,
        {
          ...{ workload: 'ping-pong', bytes, inPlace, ...more },
          ...(polls ? rounds(bytes, inPlace) : { samples: bytes > 64 ? 500 : 5000, warmup: 100 }),
        },
        quick && (polls ? { samples: 5000, warmup: 1000 } : { samples: 100, warmup: 20 }),
      )
    const sent = (bytes, rate, inPlace, quick) =>
      row(
        engine,
        path,
        { workload: 'one-way', bytes, rate, inPlace, samples: samplesAt(rate), ...more },
        quick && { samples: 100, warmup: 20 },
      )
    return [
      ...ALL.map((bytes) => trip(bytes, true, polls ? bytes !== VGA : false)),
      ...ALL.map((bytes) => trip(bytes, false, false)),
      ...(polls ? [] : [sent(64, 1000, true, true), sent(64, 30, true, false)]),
      ...(polls ? [] : ALL.map((bytes) => sent(bytes, 60, true, bytes === HD))),
      ...(polls ? [] : ALL.map((bytes) => sent(bytes, 60, false, false))),
    ]
  })
}

/** `quick`: the flags --quick changes, true for none; a row without is not in --quick. */
function row(engine, script, flags, quick = false) {
  return {
    ...{ engine, script, flags },
    ...{ quick: quick !== false, quickFlags: typeof quick === 'object' ? quick : {} },
  }
}
