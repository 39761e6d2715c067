import { now } from '../../ring/index.ts'
import type { Moment } from '../../inspect/index.ts'
import { lookAgain } from '../watch/look-again.ts'
import { pause } from '../watch/ticks.ts'
import { type News, type WatchedRing } from '../watch/watched-ring.ts'
import type { Seen } from './fields.ts'

/** Sequences that brought no frame to look at. */
export interface LostFrames {
  readonly kind: 'lost'
  readonly first: number
  readonly last: number
  /** there was no free slot */
  readonly dropped: number
  /** published, and gone from their slots before they were looked at */
  readonly unseen: number
}

/** What goes by in a ring. */
export type Passing =
  | { readonly kind: 'frame'; readonly seen: Seen }
  | LostFrames
  | { readonly kind: 'restart'; readonly news: News }

const LOOKS = { least: 5, most: 100, first: 20 }

/**
 * The frames of a ring from the newest one on, with what was lost between, until the signal aborts.
 * Looks twice as often as the ring reuses its slots. Throws what `WatchedRing.look` does.
 */
export async function* passing(ring: WatchedRing, signal: AbortSignal): AsyncGenerator<Passing> {
  let before: Moment | undefined
  let first = true
  while (!signal.aborted) {
    const started = now()
    const news = ring.look()
    const { report } = news
    const { unseen, from } = news
    const moments = first ? fromNewest(news.moments) : news.moments
    first = false
    if (news.restart !== null) {
      yield { kind: 'restart', news }
      if (news.restart === 'restarted') before = undefined
    }
    let lost = unseen === 0 ? undefined : lostBy(from, from + unseen - 1, 0, unseen)
    for (const moment of moments) {
      const facts = moment.dropped ? null : ring.inspector.frame(moment.sequence)
      if (facts === null) {
        const { sequence, dropped } = moment
        lost ??= lostBy(sequence, sequence, 0, 0)
        lost = lostBy(
          lost.first,
          sequence,
          lost.dropped + (dropped ? 1 : 0),
          lost.unseen + (dropped ? 0 : 1),
        )
        if (!dropped) before = moment
        continue
      }
      if (lost !== undefined) yield lost
      lost = undefined
      const gap = before === undefined ? 0 : moment.sequence - before.sequence - 1
      yield { kind: 'frame', seen: { facts, moment, before, gap } }
      before = moment
    }
    if (lost !== undefined) yield lost
    const { rate, slots } = report
    if (!news.last) await pause(lookAgain(rate, slots.length, LOOKS) - (now() - started), signal)
  }
}

/** The newest frame and what came after it. */
function fromNewest(moments: readonly Moment[]): readonly Moment[] {
  const newest = moments.findLastIndex(({ dropped }) => !dropped)
  return newest === -1 ? [] : moments.slice(newest)
}

function lostBy(first: number, last: number, dropped: number, unseen: number): LostFrames {
  return { kind: 'lost', first, last, dropped, unseen }
}
