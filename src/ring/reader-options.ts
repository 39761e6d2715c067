import { FrameringError } from '../errors/framering-error.ts'
import { Delivery } from '../native/index.ts'
import {
  checkOptions,
  choiceOption,
  durationOption,
  flagOption,
  positiveOption,
  signalOption,
  wholeOption,
} from '../options/index.ts'
import { checkName, directoryOption } from './names.ts'
import type { DeadlineMiss } from './silence.ts'
import { MAX_SLOTS } from './slots-for.ts'
import type { ViewStrategy } from './slot-views.ts'

/** How a reader wants its frames. All optional. */
export interface ReaderOptions {
  /**
   * - `'latest'` (default): the newest frame, never a queue; what is passed over shows in `gap`
   * - `'every'`: in order, as far back as the ring still has them
   * - `'reliable'`: as `'every'`, and the writer waits for this reader, up to `reliableWait`
   */
  readonly delivery?: 'latest' | 'every' | 'reliable' | undefined
  /**
   * frames per second at most; what is too much is never leased. `latest` takes the first frame
   * published when one is due, so that it costs no latency; the newest there is when none comes for
   * another period.
   */
  readonly maxFps?: number | undefined
  /** ms; frames published longer ago are passed over without being leased */
  readonly maxAge?: number | undefined
  /** ms; `onDeadline` is called when no frame came for so long, once per silence */
  readonly deadline?: number | undefined
  /** called from a timer while a subscription or `next()` waits, and by `waitSync` on its own thread */
  readonly onDeadline?: ((miss: DeadlineMiss) => void) | undefined
  /** how many frames already published to begin with, 1 unless said; 0 = only new ones */
  readonly replay?: number | undefined
  /** frames held at the same time at most, 2 unless said; see `slotsFor` */
  readonly maxLeases?: number | undefined
  /** `'revoke'` unless said */
  readonly views?: ViewStrategy | undefined
  /** where the ring's objects are, `/dev/shm` unless said */
  readonly directory?: string | undefined
  /** waits for the writer when there is none yet: for ever, or so many ms; false unless said */
  readonly wait?: boolean | number | undefined
  /**
   * true: whether the writer died or ended the stream, waits for the next one of the name and goes on
   * with its frames; what was left behind shows as `lost.restart`. Such a stream never completes by
   * itself. false unless said: an end completes, a death is the error `WRITER_DIED`.
   */
  readonly reconnect?: boolean | undefined
  /** ms the writer may wait for this reader when it is `reliable`, 100 unless said */
  readonly reliableWait?: number | undefined
  /**
   * Reads without joining: frames are copied, the writer does not know of this reader and never waits
   * for it, and it holds no slot. All it takes is permission to read the data object (`mode` of the
   * writer). There is no doorbell: true looks for news every 5 ms, a number so many ms apart. false
   * unless said.
   */
  readonly observe?: boolean | number | undefined
  /**
   * - `'event'` (default): the writer's doorbell wakes the reader
   * - `'predictive'`: learns the writer's period, wakes just before each frame and polls for it: at most
   *   1 ms at a time, for which the event loop stands still, and 1.5 % of the time. Where there is no rhythm
   *   the doorbell alone wakes it. Not for an observer; `waitSync` is not affected.
   */
  readonly wake?: 'event' | 'predictive' | undefined
  /** ends the reading with the error `ABORTED` */
  readonly signal?: AbortSignal | undefined
}

const READER_OPTIONS: readonly string[] = [
  ...['delivery', 'maxFps', 'maxAge', 'deadline', 'onDeadline', 'replay', 'maxLeases', 'views'],
  ...['directory', 'wait', 'reconnect', 'reliableWait', 'observe', 'wake', 'signal'],
]

const DELIVERIES = {
  latest: Delivery.Latest,
  every: Delivery.Every,
  reliable: Delivery.Reliable,
} as const

const WAKES = { event: false, predictive: true } as const

const VIEWS: Readonly<Record<ViewStrategy, ViewStrategy>> = {
  revoke: 'revoke',
  cached: 'cached',
  copy: 'copy',
}

/** @internal ReaderOptions checked, with what was left out filled in. */
export interface CheckedReaderOptions {
  readonly name: string
  readonly directory: string
  readonly delivery: Delivery
  /** 0 = any rate */
  readonly maxFps: number
  /** 0 = any age */
  readonly maxAge: number
  /** 0 = none */
  readonly deadline: number
  readonly onDeadline: ((miss: DeadlineMiss) => void) | undefined
  readonly replay: number
  readonly maxLeases: number
  readonly views: ViewStrategy
  /** ms, Infinity = for ever */
  readonly wait: number
  readonly reconnect: boolean
  readonly reliableWait: number
  /** ms between two looks of an observer, 0 = joins */
  readonly observe: number
  /** whether to wake ahead of the doorbell */
  readonly predictive: boolean
  readonly signal: AbortSignal | undefined
}

/** @internal Throws `OPTION_INVALID` or `NAME_INVALID`. */
export function checkReaderOptions(
  name: string,
  options: ReaderOptions | undefined,
): CheckedReaderOptions {
  const o = options === undefined ? {} : options
  checkOptions('a reader', o, READER_OPTIONS)
  const { signal, onDeadline } = o
  signalOption(signal)
  const deadline = positiveOption('deadline', o.deadline, 'milliseconds')
  if (
    onDeadline !== undefined ? typeof onDeadline !== 'function' || deadline === 0 : deadline > 0
  ) {
    throw new FrameringError(
      'OPTION_INVALID',
      'deadline and onDeadline belong together; give both, milliseconds and a function, or neither',
    )
  }
  const observe = observeOption(o.observe)
  if (observe > 0 && o.delivery === 'reliable') {
    throw new FrameringError(
      'OPTION_INVALID',
      "the writer does not know of an observer and cannot wait for it; give delivery 'latest' or " +
        "'every', or leave observe out",
    )
  }
  const predictive = choiceOption<keyof typeof WAKES, boolean>('wake', o.wake, 'event', WAKES)
  if (observe > 0 && predictive) {
    throw new FrameringError(
      'OPTION_INVALID',
      "an observer has no doorbell that wakes it when a guess was wrong; leave out wake: 'predictive' " +
        'or observe',
    )
  }
  return {
    name: checkName(name),
    directory: directoryOption(o.directory),
    delivery: choiceOption('delivery', o.delivery, 'latest', DELIVERIES),
    maxFps: positiveOption('maxFps', o.maxFps, 'frames per second'),
    maxAge: positiveOption('maxAge', o.maxAge, 'milliseconds'),
    deadline,
    onDeadline,
    replay: wholeOption('replay', o.replay, 1, 0, MAX_SLOTS),
    maxLeases: wholeOption('maxLeases', o.maxLeases, 2, 1, MAX_SLOTS),
    views: choiceOption('views', o.views, 'revoke', VIEWS),
    wait: waitOption(o.wait),
    reconnect: flagOption('reconnect', o.reconnect),
    reliableWait: durationOption('reliableWait', o.reliableWait, 100),
    observe,
    predictive,
    signal,
  }
}

const OBSERVE_EVERY = 5

function observeOption(observe: boolean | number | undefined): number {
  if (observe === undefined || observe === false) return 0
  return observe === true ? OBSERVE_EVERY : positiveOption('observe', observe, 'milliseconds')
}

function waitOption(wait: boolean | number | undefined): number {
  if (wait === true || wait === Infinity) return Infinity
  return wait === false ? 0 : durationOption('wait', wait, 0)
}
