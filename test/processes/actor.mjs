// Does to rings and files what it is told, one order after the other, and tells what came of each.
import * as fs from 'node:fs'
import { cleanStale, createWriter, inspect, now, openReader } from 'framering'
import { become } from './become.mjs'

// Loads the addon, before the process is made poor or somebody else.
now()

let writer, reader, loan, frame
let misses = 0

/** Every byte of a frame is the low byte of its number. */
function look({ sequence, gap, lost, epoch, data, latency, captureTime }) {
  const [value] = data
  const whole = data.every((byte) => byte === value)
  const facts = { sequence, gap, lost, epoch, length: data.length, latency, captureTime }
  return { ...facts, value, whole }
}

function taken(next) {
  if (next === null) return { none: true, ended: reader.ended }
  frame?.release()
  frame = next
  return look(frame)
}

const orders = {
  become,

  create: ({ name, options }) => {
    writer = createWriter(name, options)
    return { locked: writer.locked }
  },
  write: ({ frames = 1, meta }) => {
    const full = new Uint8Array(writer.format.bytes)
    let sequence
    for (let i = 0; i < frames; i++) {
      const time = meta?.captureClock === 'realtime' && { captureTime: Date.now() }
      sequence = writer.write(full.fill((writer.sequence + 1) % 256), { ...meta, ...time })
    }
    return { sequence }
  },
  loan: () => {
    loan = writer.loan()
    loan.data.fill((writer.sequence + 1) % 256)
    return { slotless: loan.slotless }
  },
  publish: () => ({ sequence: loan.publish() }),
  abandon: () => loan.abandon(),
  grow: ({ bytes }) => writer.setFormat({ dtype: 'uint8', shape: [bytes] }),
  stats: () => writer.stats(),
  closeWriter: () => writer.close(),

  open: ({ name, options }) => {
    const onDeadline = options?.deadline && (() => (misses += 1))
    reader = openReader(name, { ...options, ...(onDeadline && { onDeadline }) })
  },
  take: () => taken(reader.tryNext()),
  next: async ({ timeout } = {}) => taken(await reader.next({ timeout })),
  waitSync: ({ timeout } = {}) => taken(reader.waitSync(timeout)),
  // What is held, once more.
  look: () => look(frame),
  release: () => {
    const held = frame
    frame = undefined
    held.release()
  },
  closeReader: () => reader.close(),

  leave: ({ how }) => {
    if (how === 'process.exit') process.exit()
    if (how === 'uncaught exception') setImmediate(() => JSON.parse('meant to fail'))
    if (how === 'close') reader.close()
    if (how !== 'uncaught exception') process.disconnect()
  },

  inspect: ({ name }) => inspect(name),
  sweep: (options) => cleanStale(options),

  // By hand, past the library: the code of the error, '' where there is none.
  openFile: ({ path, flags }) => {
    try {
      fs.closeSync(fs.openSync(path, flags))
      return ''
    } catch ({ code }) {
      return code
    }
  },
  list: ({ path }) => fs.readdirSync(path),
  fill: ({ path, bytes }) => fs.writeFileSync(path, new Uint8Array(bytes)),
  unlink: ({ path }) => fs.unlinkSync(path),
  clock: () => ({ realtime: Date.now(), misses }),
  descriptors: () => {
    const open = fs.readdirSync('/proc/self/fd').length - 1
    const next = fs.openSync('/', 'r')
    fs.closeSync(next)
    return { open, next }
  },
}

process.on('message', async ({ kind, id, ...order }) => {
  const answer = { kind: `did ${id}` }
  try {
    answer.value = await orders[kind](order)
  } catch ({ name, code, message, errno, needed, available }) {
    answer.error = { name, code, message, errno, needed, available }
  }
  if (process.connected) process.send(answer)
})
process.send({ kind: 'ready' })
