// A peer's row: its processes started and ended, what they say made one line.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowFlags, toArgs } from '../../lib/flags.mjs'
import { Part } from '../../lib/part.mjs'
import { rowLine, runRow } from '../../lib/row.mjs'

/** Thrown by a row that cannot be run on this machine: why, and the command that puts it right. */
export class Missing extends Error {}

/**
 * A row's flags. Without `--rate` a ping-pong and a throughput go flat out.
 *
 * @param {Record<string, string | number | boolean>} own the row's own flags with their defaults
 */
export function peerFlags(own = {}, args = process.argv.slice(2)) {
  const { workload } = rowFlags(args, { workload: 'ping-pong', ...own })
  const flags = rowFlags(args, { rate: workload === 'one-way' ? 1000 : 0, ...own })
  if (!['ping-pong', 'one-way', 'throughput'].includes(workload)) {
    throw new Error(`--workload takes ping-pong, one-way or throughput, not '${workload}'`)
  }
  if (flags.bytes < 16 || flags.bytes % 8 !== 0) {
    throw new Error(
      `--bytes takes 16, 24, 32 …: there is a stamp and a sequence, not ${flags.bytes}`,
    )
  }
  if (workload === 'ping-pong' && flags.readers !== 1) {
    throw new Error('a ping-pong has one reader: drop --readers')
  }
  if (flags.samples < 1) throw new Error('--samples takes at least 1')
  return flags
}

/** Whatever a row makes is called so, and its process's number and a dash: see removeRemains. */
const PREFIX = 'framering-peer-'
const PLACES = ['/dev/shm', tmpdir(), '/tmp']

/** A name that nobody else has, for sockets and segments; what begins with it goes when the row ends. */
export function freshName() {
  const name = `${PREFIX}${process.pid}-${Date.now().toString(36)}`
  atEnd(() => removeAll((found) => found.startsWith(name)))
  return name
}

/** A folder for sockets and configuration, removed when the row ends. */
export function temporaryFolder() {
  const folder = join(tmpdir(), freshName())
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/** What rows have left that were killed, and could not clean up. */
function removeRemains() {
  removeAll((found) => {
    const pid = found.startsWith(PREFIX) ? Number.parseInt(found.slice(PREFIX.length)) : NaN
    return pid > 0 && !existsSync(`/proc/${pid}`)
  })
}

function removeAll(isOurs) {
  for (const place of new Set(PLACES)) {
    for (const name of readdirSync(place).filter(isOurs)) {
      rmSync(join(place, name), { recursive: true, force: true })
    }
  }
}

/** Runs at the row's end, however it ends short of SIGKILL; the processes are gone by then. */
export function atEnd(what) {
  process.on('exit', what)
}

/** A process of the row: `script` with the row's flags and `own` ones. */
export function startPart(name, command, flags, own, { cpu } = {}) {
  // A row that is killed must not leave a part that spins on a processor for good.
  const bound = ['setpriv', '--pdeathsig', 'KILL', ...command]
  return new Part(name, [...bound, ...toArgs({ ...flags, ...own })], {
    cpu: flags.pin ? (cpu ?? (name === 'writer' ? 0 : 1)) : undefined,
    seconds: flags.seconds,
  })
}

/**
 * The usual row: a writer and its readers, each a process. The writer makes the meeting place, and
 * begins when all are there.
 *
 * @param {{ command: string[], flags: object, own?: object, started?: (part: Part) => void }} how
 *   started: called with each process as soon as there is one
 * @returns {Promise<{ writer: object, readers: object[] }>} the result lines
 */
export async function runParts({ command, flags, own = {}, started = () => {} }) {
  const start = (name, more) => {
    const part = startPart(name, command, flags, { ...own, ...more })
    started(part)
    return part
  }
  const writer = start('writer', { role: 'writer' })
  await writer.ready
  const readers = Array.from({ length: flags.readers }, (_, index) =>
    start('reader', { role: 'reader', index }),
  )
  await Promise.all(readers.map((part) => part.ready))
  for (const part of [...readers, writer]) part.say('go')
  // Whoever sends last stays until it has been heard: many engines lose what is under way with it.
  const [heard, staying] =
    flags.workload === 'ping-pong' ? [[writer], readers] : [readers, [writer]]
  const goodbye = Promise.all(heard.map((part) => part.result)).then(() => {
    for (const part of staying) part.say('end')
  })
  // The first failure is the row's: the other sides of a failed one would wait for ever.
  const results = [writer, ...readers].map((part) => part.result)
  const [written, ...read] = await Promise.all([...results, goodbye])
  return { writer: written, readers: read.slice(0, -1) }
}

/**
 * The row's line.
 *
 * @param {object} flags
 * @param {{ writer: object, readers: object[] }} found
 * @param {{ name: string, blocking: boolean, versions: object, notes: string }} about
 * @throws Error when a frame arrived otherwise than it was written
 */
export function peerLine(flags, { writer, readers }, { name, blocking, versions, notes }) {
  const sides = [writer, ...readers]
  const wrong = sides.reduce((sum, side) => sum + side.wrong, 0)
  if (wrong > 0) throw new Error(`${name}: ${wrong} frames were torn, out of order or lost`)
  const samples =
    flags.workload === 'ping-pong' ? writer.samples : readers.flatMap((r) => r.samples)
  const reader = readers.map((r) => r.usage).reduce(added)
  return rowLine(flags, {
    name,
    blocking,
    samples,
    writer: writer.usage,
    reader,
    versions: { node: process.versions.node, ...versions },
    notes,
  })
}

function added(one, other) {
  if (typeof one === 'number') return one + other
  return Object.fromEntries(
    Object.keys(one).map((key) => [
      key,
      key === 'seconds' ? Math.max(one[key], other[key]) : added(one[key], other[key]),
    ]),
  )
}

/**
 * Runs the script as the row, or as the part of it that `--role` says.
 *
 * @param {string} name of the row, for the line that says that it is missing
 * @param {Record<string, string | number | boolean>} own the row's own flags
 * @param {{ row: (flags: object) => Promise<object>, writer?: (flags: object) => Promise<object>,
 *   reader?: (flags: object) => Promise<object> }} roles row: gives the row's line; the others their
 *   side's result
 */
export async function runPeer(name, own, { row, ...sides }) {
  await runRow(async () => {
    const flags = peerFlags({ role: '', index: 0, ...own })
    if (flags.role !== '') return sides[flags.role](flags)
    const { role, index, ...asked } = flags
    void [role, index]
    removeRemains()
    try {
      return await row(asked)
    } catch (error) {
      if (error instanceof Missing) return { name, missing: error.message }
      throw error
    }
  })
}
