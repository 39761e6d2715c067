import type { Moment } from '../../inspect/index.ts'
import type { FrameFacts } from '../../ring/index.ts'
import { formatRecord } from '../frame-format.ts'

/** A frame as `echo` sees it. */
export interface Seen {
  readonly facts: FrameFacts
  readonly moment: Moment
  /** the last frame before it that was published; undefined for the first one looked at */
  readonly before: Moment | undefined
  /** sequences between that one and this */
  readonly gap: number
}

/** What a field may be. */
export type Value = number | string | boolean | readonly number[] | null

type Field = (seen: Seen) => Value

/** What is known of a frame, in the order it is printed. Times in ms of `now()`, periods and ages in ms. */
export const FIELDS = {
  sequence: ({ facts }) => facts.sequence,
  period: ({ moment, before }) => (before === undefined ? null : moment.time - before.time),
  gap: ({ gap }) => gap,
  captureAge: ({ moment }) => moment.captureAge,
  bytesUsed: ({ facts }) => facts.bytesUsed,
  fourcc: ({ facts }) => formatRecord(facts.format).fourcc,
  width: ({ facts }) => formatRecord(facts.format).width,
  height: ({ facts }) => formatRecord(facts.format).height,
  dtype: ({ facts }) => facts.format.dtype,
  shape: ({ facts }) => facts.format.shape,
  session: ({ facts }) => facts.session,
  epoch: ({ facts }) => facts.epoch,
  publishTime: ({ facts }) => facts.publishTime,
  captureTime: ({ facts }) => facts.captureTime,
  captureClock: ({ facts }) => facts.captureClock,
  captureMoment: ({ facts }) => facts.captureMoment,
  sourceSequence: ({ facts }) => facts.sourceSequence,
  pts: ({ facts }) => facts.pts ?? null,
  duration: ({ facts }) => facts.duration ?? null,
  timeBase: ({ facts }) => facts.timeBase ?? null,
  key: ({ facts }) => facts.key,
  corrupt: ({ facts }) => facts.corrupt,
  discontinuity: ({ facts }) => facts.discontinuity,
  endOfStream: ({ facts }) => facts.endOfStream,
  user: ({ facts }) => facts.user,
} as const satisfies Readonly<Record<string, Field>>

export type FieldName = keyof typeof FIELDS

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[]

/** Those of a line of text, unless others are asked for. */
export const USUAL_FIELDS: readonly FieldName[] = [
  'sequence',
  'period',
  'gap',
  'captureAge',
  'bytesUsed',
]

export function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name)
}

export function valueOf(name: FieldName, seen: Seen): Value {
  return FIELDS[name](seen)
}
