import { Option, type Command } from 'commander'
import { FrameringError } from '../../errors/framering-error.ts'
import { type CommonFlags, number, withDirectory, withJson, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { now } from '../../ring/index.ts'
import type { RingReport } from '../../inspect/index.ts'
import { type Column, table } from '../table.ts'
import { lookAgain, type Looks, sequenceRate } from './look-again.ts'
import { Screen } from './screen.ts'
import { distinct } from './targets.ts'
import { nextDue, ticks } from './ticks.ts'
import { type News, restartText, WatchedRing } from './watched-ring.ts'

/** ms that figures are made of unless said. */
const WINDOW = 5000

export interface WatchFlags extends CommonFlags {
  readonly window: number
  readonly every: number
  readonly count?: number
}

/** What is made of the looks at one ring. */
export interface Meter {
  /** `time`: ms of `now()` */
  look(news: News, time: number): void
  /** cells of a table */
  rows(): readonly (readonly string[])[]
  json(): object
}

/** What a command that measures rings is made of. */
export interface Measuring {
  readonly columns: readonly Column[]
  readonly meter: (ring: WatchedRing, flags: WatchFlags) => Meter
  /** sequences after which what the meter looks at is gone */
  readonly remembered: (report: RingReport) => number
  readonly looks: Looks
}

/** A command that watches the rings it is given, with the flags that all of those have. */
export function withWatching(command: Command, json: string): Command {
  command
    .argument('<ring...>')
    .addOption(
      new Option('--window <ms>', 'what the figures are made of: the last so many milliseconds')
        .default(WINDOW)
        .argParser(number('window', 1, 'milliseconds')),
    )
    .addOption(
      new Option('--every <ms>', 'milliseconds between two reports')
        .default(1000)
        .argParser(number('every', 10, 'milliseconds')),
    )
    .option(
      '-n, --count <n>',
      'ends after so many reports',
      wholeNumber('count', 1, Number.MAX_SAFE_INTEGER),
    )
  return withDirectory(withJson(command, json))
}

/** Looks at rings and reports what the meters make of it, until all are over or the signal aborts. */
export async function watchRings(
  io: Io,
  names: readonly string[],
  flags: WatchFlags,
  measuring: Measuring,
): Promise<void> {
  const watched = new Map<WatchedRing, Meter>()
  try {
    for (const name of distinct(names)) {
      const ring = new WatchedRing(name, flags)
      watched.set(ring, measuring.meter(ring, flags))
    }
    await report(io, watched, flags, measuring)
  } finally {
    for (const ring of watched.keys()) ring[Symbol.dispose]()
  }
}

async function report(
  io: Io,
  watched: Map<WatchedRing, Meter>,
  flags: WatchFlags,
  { columns, remembered, looks }: Measuring,
): Promise<void> {
  const screen = new Screen(io)
  let [reports, due, period] = [0, now(), 0]
  for await (const time of ticks(() => period, io.signal)) {
    let soonest = flags.every
    for (const [ring, made] of watched) {
      const news = lookAt(io, ring)
      if (news instanceof FrameringError) {
        ring[Symbol.dispose]()
        watched.delete(ring)
        if (watched.size === 0) throw news
        io.fail(news)
        continue
      }
      made.look(news, now())
      const rate = sequenceRate(news.moments) ?? news.report.rate
      const again = news.last ? looks.least : lookAgain(rate, remembered(news.report), looks)
      soonest = Math.min(soonest, again)
    }
    period = flags.every / Math.ceil(flags.every / soonest)
    // Timers go off a little early or late: it is the nearest look that reports.
    if (time < due - period / 2) continue
    due = nextDue(due, flags.every, time)
    const meters = [...watched.values()]
    if (flags.json) for (const made of meters) await io.json(made.json())
    else
      await screen.show(
        table(
          columns,
          meters.flatMap((made) => made.rows()),
          screen.room,
        ),
      )
    if (++reports === flags.count) return
  }
}

function lookAt(io: Io, ring: WatchedRing): News | FrameringError {
  try {
    const news = ring.look()
    if (news.restart !== null) io.note(restartText(ring.name, news))
    return news
  } catch (error) {
    if (error instanceof FrameringError) return error
    throw error
  }
}
