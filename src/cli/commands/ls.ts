import { Command } from 'commander'
import { FrameringError } from '../../errors/framering-error.ts'
import { inspect, type RingReport } from '../../inspect/index.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import { formatRecord } from '../frame-format.ts'
import type { Io } from '../io.ts'
import { rateNow } from '../rate-now.ts'
import { type Column, table } from '../table.ts'
import { bytesText } from '../units.ts'
import { durationText, fixed, formatText, processText, UNKNOWN } from '../watch/figures.ts'
import { Screen } from '../watch/screen.ts'
import { ringsOf } from '../watch/targets.ts'
import { ticks } from '../watch/ticks.ts'

const EVERY = 1000

interface Flags extends CommonFlags {
  readonly verbose?: true
  readonly watch?: true
}

/** A ring of the list: what is known of it, or why nothing is. */
type Listed =
  | { readonly ring: string; readonly report: RingReport }
  | { readonly ring: string; readonly error: FrameringError }

/** `framering ls`: the rings there are. */
export function command(io: Io): Command {
  const ls = new Command('ls')
    .description('List the rings there are: what they carry, how fast, and for how many.')
    .option('-v, --verbose', 'with writer, slots, drops and locked memory')
    .option('-w, --watch', 'again each second, until Ctrl-C')
  withJson(ls, 'a line of JSON a look, {"time", "rings"}')
  return withDirectory(ls)
    .addHelpText(
      'after',
      examples(
        ['framering ls', 'what is there'],
        ['framering ls -v --watch', 'all about it, live'],
        ["framering ls --json | jq -r '.rings[].ring'", 'their names'],
      ),
    )
    .action((flags: Flags) => list(io, flags))
}

async function list(io: Io, flags: Flags): Promise<void> {
  const screen = new Screen(io)
  for await (const time of ticks(() => EVERY, io.signal)) {
    const rings = (await ringsOf(flags.directory)).map((ring) => listed(ring, flags.directory))
    const there = rings.filter((one) => !('error' in one && one.error.code === 'NOT_FOUND'))
    const room = flags.watch ? screen.room : Infinity
    const lines = flags.json ? [] : linesOf(io, there, flags.verbose === true, room)
    if (flags.json) await io.json({ time, rings: there.map(jsonOf) })
    else if (flags.watch) await screen.show(lines)
    else for (const line of lines) await io.line(line)
    if (!flags.watch) break
  }
}

function listed(ring: string, directory: string | undefined): Listed {
  try {
    return { ring, report: inspect(ring, { directory }) }
  } catch (error) {
    if (error instanceof FrameringError) return { ring, error }
    throw error
  }
}

const COLUMNS: readonly Column[] = [
  { head: 'RING' },
  { head: 'FORMAT' },
  { head: 'MEMORY', right: true },
  { head: 'RATE', right: true },
  { head: 'READERS', right: true },
  { head: 'AGE', right: true },
  { head: 'STATE' },
]

const MORE: readonly Column[] = [
  { head: 'SLOTS', right: true },
  { head: 'HELD', right: true },
  { head: 'FRAMES', right: true },
  { head: 'DROPPED', right: true },
  { head: 'LOCKED', right: true },
  { head: 'WRITER' },
]

function linesOf(
  io: Io,
  rings: readonly Listed[],
  verbose: boolean,
  room: number,
): readonly string[] {
  if (rings.length === 0) return ['There is no ring here.']
  const columns = verbose ? [...COLUMNS, ...MORE] : COLUMNS
  return table(
    columns,
    rings.map((one) => {
      if ('error' in one) {
        const rest = COLUMNS.slice(2).map(() => UNKNOWN)
        return [one.ring, UNKNOWN, ...rest.slice(1), io.style('red', one.error.code)]
      }
      const { report } = one
      return [...cells(io, report), ...(verbose ? moreCells(report) : [])]
    }),
    room,
  )
}

function cells(io: Io, report: RingReport): string[] {
  const { ring, format, bytes, age, state, control } = report
  const rate = rateNow(report)
  return [
    ring,
    formatText(format),
    bytesText(bytes),
    rate === null ? UNKNOWN : `${fixed(rate, 1)} Hz`,
    control === null ? UNKNOWN : `${attached(report)}`,
    durationText(age),
    state === 'running' ? state : io.style('yellow', state),
  ]
}

function moreCells(report: RingReport): string[] {
  const { slots, published, dropped, lockedBytes, writer, control } = report
  return [
    `${slots.length}`,
    control === null ? UNKNOWN : `${held(report)}`,
    `${published}`,
    `${dropped}`,
    bytesText(lockedBytes),
    processText(writer.pid, writer.command),
  ]
}

/** Readers that are there. */
function attached({ readers }: RingReport): number {
  return readers.filter(({ alive }) => alive).length
}

/** Slots that somebody holds. */
function held({ slots }: RingReport): number {
  return slots.filter(({ holders }) => holders.length > 0).length
}

function jsonOf(one: Listed): object {
  if ('error' in one) {
    const { code, message } = one.error
    return { ring: one.ring, state: 'unreadable', error: { code, message }, ...NOTHING }
  }
  const { ring, state, format, writer, control, ...report } = one.report
  return {
    ring,
    state,
    error: null,
    format: format === null ? null : formatRecord(format),
    bytes: report.bytes,
    lockedBytes: report.lockedBytes,
    rate: rateNow(one.report),
    readers: control === null ? null : attached(one.report),
    age: report.age,
    slots: report.slots.length,
    held: control === null ? null : held(one.report),
    sequence: report.sequence,
    published: report.published,
    dropped: report.dropped,
    pid: writer.pid,
    command: writer.command,
    uid: writer.uid,
  }
}

const NOTHING = {
  format: null,
  bytes: null,
  lockedBytes: null,
  rate: null,
  readers: null,
  age: null,
  slots: null,
  held: null,
  sequence: null,
  published: null,
  dropped: null,
  pid: null,
  command: null,
  uid: null,
}
