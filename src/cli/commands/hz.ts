import { Command } from 'commander'
import { examples } from '../flags.ts'
import type { Io } from '../io.ts'
import { durationText, fixed } from '../watch/figures.ts'
import { FOR_MOMENTS } from '../watch/look-again.ts'
import { type Meter, watchRings, type WatchFlags, withWatching } from '../watch/watch-rings.ts'
import type { News, WatchedRing } from '../watch/watched-ring.ts'
import { Window } from '../watch/window.ts'

/** `framering hz`: how many frames a second, and how evenly they come. */
export function command(io: Io): Command {
  return withWatching(
    new Command('hz').description(
      'Frames a second, and how evenly they come: least, greatest and standard deviation of the ' +
        'periods, and how much one differs from the next (jitter). The first figures come at once, ' +
        'of what the ring remembers.',
    ),
    'a line of JSON a ring and report',
  )
    .addHelpText(
      'after',
      examples(
        ['framering hz front', 'each second, of the last five'],
        ['framering hz front depth --window 1000', 'two rings, of the last second'],
        ['framering hz front --count 1 --json | jq .rate', 'one figure'],
      ),
    )
    .action((rings: string[], flags: WatchFlags) =>
      watchRings(io, rings, flags, {
        columns: [
          { head: 'RING' },
          { head: 'HZ', right: true },
          { head: 'MEAN', right: true },
          { head: 'MIN', right: true },
          { head: 'MAX', right: true },
          { head: 'STDDEV', right: true },
          { head: 'JITTER', right: true },
          { head: 'FRAMES', right: true },
          { head: 'DROPS', right: true },
          { head: 'UNSEEN', right: true },
        ],
        meter: (ring, { window }) => new PaceMeter(ring, window),
        ...FOR_MOMENTS,
      }),
    )
}

class PaceMeter implements Meter {
  readonly #ring: WatchedRing
  readonly #length: number
  readonly #window: Window
  #time = 0

  constructor(ring: WatchedRing, length: number) {
    this.#ring = ring
    this.#length = length
    this.#window = new Window(length)
  }

  look(news: News, time: number): void {
    this.#time = time
    this.#window.add(news, time)
  }

  rows(): readonly (readonly string[])[] {
    const { rate, pace, frames, dropped, unseen } = this.#window
    const periods = [pace?.mean, pace?.min, pace?.max, pace?.stddev, pace?.jitter]
    return [
      [
        this.#ring.name,
        fixed(rate, 2),
        // 80 columns are to hold it all.
        ...periods.map((ms) => durationText(ms ?? null).replaceAll(' ', '')),
        ...[frames.length, dropped, unseen].map(String),
      ],
    ]
  }

  json(): object {
    const { rate, pace, frames, dropped, unseen } = this.#window
    return {
      ring: this.#ring.name,
      time: this.#time,
      window: this.#length,
      rate,
      mean: pace?.mean ?? null,
      min: pace?.min ?? null,
      max: pace?.max ?? null,
      stddev: pace?.stddev ?? null,
      jitter: pace?.jitter ?? null,
      frames: frames.length,
      dropped,
      unseen,
    }
  }
}
