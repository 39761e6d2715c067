import { Command } from 'commander'
import type { ReaderReport } from '../../inspect/index.ts'
import { examples } from '../flags.ts'
import type { Io } from '../io.ts'
import { spreadOfAges } from '../watch/ages.ts'
import { durationText, processText } from '../watch/figures.ts'
import { LeaseDelays } from '../watch/lease-delays.ts'
import { FOR_MOMENTS } from '../watch/look-again.ts'
import { NewestFrames } from '../watch/newest-frames.ts'
import { type Spread, spreadOf } from '../watch/quantiles.ts'
import { type Meter, watchRings, type WatchFlags, withWatching } from '../watch/watch-rings.ts'
import type { News, WatchedRing } from '../watch/watched-ring.ts'
import { Window } from '../watch/window.ts'

/** `framering delay`: how late frames are, from capture to the readers. */
export function command(io: Io): Command {
  return withWatching(
    new Command('delay').description(
      'How late frames are: from capture to publication (of each frame), the age of the newest one ' +
        "and the time since its capture (at any instant), and from publication to each reader's " +
        'lease (as its process has recorded it).',
    ),
    'a line of JSON a ring and report',
  )
    .addHelpText(
      'after',
      examples(
        ['framering delay front', 'each second, of the last five'],
        ['framering delay front --window 60000', 'of the last minute'],
        ['framering delay front -n 1 --json | jq .captureToPublish.p99', 'one figure'],
      ),
    )
    .action((rings: string[], flags: WatchFlags) =>
      watchRings(io, rings, flags, {
        columns: [
          { head: 'RING' },
          { head: 'DELAY' },
          { head: 'P50', right: true },
          { head: 'P90', right: true },
          { head: 'P99', right: true },
          { head: 'MAX', right: true },
          { head: 'COUNT', right: true },
        ],
        meter: (ring, { window }) => new DelayMeter(ring, window),
        ...FOR_MOMENTS,
      }),
    )
}

class DelayMeter implements Meter {
  readonly #ring: WatchedRing
  readonly #length: number
  readonly #window: Window
  readonly #leases: LeaseDelays
  readonly #newest: NewestFrames
  #readers: readonly ReaderReport[] = []
  #time = 0

  constructor(ring: WatchedRing, length: number) {
    this.#ring = ring
    this.#length = length
    this.#window = new Window(length)
    this.#leases = new LeaseDelays(length)
    this.#newest = new NewestFrames(length)
  }

  look(news: News, time: number): void {
    const { report } = news
    this.#time = time
    this.#window.add(news, time)
    this.#newest.add(news, time)
    this.#readers = report.readers.filter(({ alive }) => alive)
    this.#leases.add(this.#readers, report.generation, time)
  }

  rows(): readonly (readonly string[])[] {
    const { name } = this.#ring
    const readers = this.#readers.map((reader) => {
      const { p50, p90, p99, max, count } = this.#leases.of(reader)
      const who = `publish → lease by ${processText(reader.pid, reader.command)}`
      return row(name, who, { p50, p90, p99, max, count })
    })
    return [
      row(name, 'capture → publish', this.#captureToPublish),
      row(name, 'publish → now', this.#publishToNow),
      row(name, 'capture → now', this.#captureToNow),
      ...readers,
    ]
  }

  json(): object {
    return {
      ring: this.#ring.name,
      time: this.#time,
      window: this.#length,
      captureToPublish: this.#captureToPublish,
      publishToNow: this.#publishToNow,
      captureToNow: this.#captureToNow,
      unseen: this.#window.unseen,
      readers: this.#readers.map((reader) => {
        const { entry, pid, command } = reader
        return { entry, pid, command, publishToLease: this.#leases.of(reader) }
      }),
    }
  }

  get #captureToPublish(): Spread {
    return spreadOf(
      this.#window.frames.map(({ captureAge }) => captureAge).filter((age) => age !== null),
    )
  }

  get #publishToNow(): Spread {
    return spreadOfAges(this.#newest.sincePublication)
  }

  get #captureToNow(): Spread {
    return spreadOfAges(this.#newest.sinceCapture)
  }
}

function row(ring: string, what: string, { p50, p90, p99, max, count }: Spread): string[] {
  return [ring, what, ...[p50, p90, p99, max].map(durationText), `${count}`]
}
