import { Command } from 'commander'
import { examples } from '../flags.ts'
import type { Io } from '../io.ts'
import { bytesText } from '../units.ts'
import { UNKNOWN } from '../watch/figures.ts'
import { type Meter, watchRings, type WatchFlags, withWatching } from '../watch/watch-rings.ts'
import type { News, WatchedRing } from '../watch/watched-ring.ts'
import { Window } from '../watch/window.ts'

/** `framering bw`: how many bytes a second. */
export function command(io: Io): Command {
  return withWatching(
    new Command('bw').description(
      'Bytes a second, and the sizes of frames. Of a ring whose frames are reused before they ' +
        'can be looked at the sizes are sampled: FRAMES says how many came, SIZED how many were seen.',
    ),
    'a line of JSON a ring and report',
  )
    .addHelpText(
      'after',
      examples(
        ['framering bw front', 'each second, of the last five'],
        ['framering bw front depth --every 5000', 'two rings, every five seconds'],
        ['framering bw front --count 1 --json | jq .bytesPerSecond', 'one figure'],
      ),
    )
    .action((rings: string[], flags: WatchFlags) =>
      watchRings(io, rings, flags, {
        columns: [
          { head: 'RING' },
          { head: 'BYTES/S', right: true },
          { head: 'MEAN', right: true },
          { head: 'MIN', right: true },
          { head: 'MAX', right: true },
          { head: 'FRAMES', right: true },
          { head: 'SIZED', right: true },
        ],
        meter: (ring, { window }) => new SizeMeter(ring, window),
        remembered: ({ slots }) => slots.length,
        looks: { least: 100, most: 500, first: 100 },
      }),
    )
}

interface Sized {
  readonly time: number
  readonly bytes: number
  /** frames that it stands for: as many of each look as came */
  readonly frames: number
}

class SizeMeter implements Meter {
  readonly #ring: WatchedRing
  readonly #length: number
  readonly #window: Window
  #sizes: readonly Sized[] = []
  #time = 0

  constructor(ring: WatchedRing, length: number) {
    this.#ring = ring
    this.#length = length
    this.#window = new Window(length)
  }

  look(news: News, time: number): void {
    this.#time = time
    this.#window.add(news, time)
    // Another writer's frames are of another size.
    if (news.restart === 'restarted') this.#sizes = []
    // Those that are in a slot still: what is older than the newest by more is not asked for.
    const there = news.moments.slice(-news.report.slots.length)
    const found = there.flatMap(({ sequence, dropped, time: published }) => {
      const bytes = dropped ? undefined : this.#ring.inspector.frame(sequence)?.bytesUsed
      return bytes === undefined ? [] : [{ time: published, bytes }]
    })
    const came = news.moments.filter(({ dropped }) => !dropped).length + news.unseen
    const sized = found.map((one) => ({ ...one, frames: came / found.length }))
    this.#sizes = [...this.#sizes, ...sized].filter((one) => one.time >= time - this.#length)
  }

  rows(): readonly (readonly string[])[] {
    const { bytesPerSecond, mean, min, max, frames, sized } = this.#figures()
    const perSecond =
      bytesPerSecond === null ? UNKNOWN : `${bytesText(Math.round(bytesPerSecond))}/s`
    const sizes = [mean, min, max].map((bytes) =>
      bytes === null ? UNKNOWN : bytesText(Math.round(bytes)),
    )
    return [[this.#ring.name, perSecond, ...sizes, `${frames}`, `${sized}`]]
  }

  json(): object {
    return { ring: this.#ring.name, time: this.#time, window: this.#length, ...this.#figures() }
  }

  #figures(): {
    bytesPerSecond: number | null
    mean: number | null
    min: number | null
    max: number | null
    frames: number
    sized: number
  } {
    const sizes = this.#sizes.map(({ bytes }) => bytes)
    const sized = sizes.length
    const { rate, frames, unseen } = this.#window
    const stoodFor = this.#sizes.reduce((sum, one) => sum + one.frames, 0)
    const bytes = this.#sizes.reduce((sum, one) => sum + one.frames * one.bytes, 0)
    const mean = sized === 0 ? null : bytes / stoodFor
    return {
      bytesPerSecond: rate === 0 ? 0 : mean === null || rate === null ? null : mean * rate,
      mean,
      min: sized === 0 ? null : sizes.reduce((a, b) => Math.min(a, b)),
      max: sized === 0 ? null : sizes.reduce((a, b) => Math.max(a, b)),
      frames: frames.length + unseen,
      sized,
    }
  }
}
