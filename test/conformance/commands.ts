import fc from 'fast-check'
import type { FrameMeta, ReaderOptions } from '../../src/index.ts'

/** One step of a run, as plain data: what fails is shrunk and printed. Indices wrap around. */
export type Command =
  | { do: 'create'; slots: number; maxReaders: number; bytes: number; info: string | undefined }
  | { do: 'write'; value: number; meta: FrameMeta }
  | { do: 'loan' }
  | { do: 'publish'; loan: number; value: number; meta: FrameMeta }
  | { do: 'abandon'; loan: number }
  | { do: 'format'; bytes: number; info: string | undefined }
  | { do: 'end' }
  | { do: 'restart'; slots: number; maxReaders: number; bytes: number; info: string | undefined }
  | { do: 'open'; options: ReaderOptions }
  | { do: 'next'; reader: number }
  | { do: 'leave'; reader: number }
  | { do: 'retain'; frame: number }
  | { do: 'scribble'; frame: number }
  | { do: 'release'; frame: number }

const index = fc.nat({ max: 5 })
const value = fc.integer({ min: 1, max: 255 })
const info = fc.constantFrom<(string | undefined)[]>(undefined, 'a', 'b')
const optional = <T>(what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(what, { nil: undefined, freq: 2 })

const meta: fc.Arbitrary<FrameMeta> = fc.record(
  {
    captureTime: fc.double({ min: -1e9, max: 1e13, noNaN: true }),
    captureClock: fc.constantFrom('monotonic', 'realtime', 'source'),
    captureMoment: fc.constantFrom('unknown', 'exposure-end'),
    // Beyond what is safe too: a bad figure leaves the frame unpublished.
    sourceSequence: fc.constantFrom(0, 1, 2, 3, 7, 20, -1, 0.5),
    pts: fc.constantFrom(0, -0, -5, 90_000, 0.5, 2 ** 53),
    key: fc.boolean(),
    user: fc.array(fc.nat(), { maxLength: 3 }),
  },
  { requiredKeys: [] },
)
const anyMeta = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: meta })

/** Bytes of a frame: a slot is a page, and a larger one makes a larger ring. */
const bytes = fc.constantFrom(1, 16, 4096, 4097, 9000)

const ring = {
  slots: fc.integer({ min: 2, max: 5 }),
  maxReaders: fc.integer({ min: 1, max: 3 }),
  bytes,
  info,
}
const create = fc.record({ do: fc.constant('create' as const), ...ring })

const readerOptions: fc.Arbitrary<ReaderOptions> = fc.record({
  delivery: fc.constantFrom(undefined, 'latest', 'every', 'reliable'),
  replay: optional(fc.nat({ max: 4 })),
  maxLeases: optional(fc.integer({ min: 1, max: 3 })),
  reconnect: fc.constantFrom(undefined, false, true, true),
  wait: fc.constantFrom(undefined, 1e9),
  observe: fc.constantFrom(undefined, undefined, true, 3),
  views: fc.constantFrom(undefined, 'revoke', 'copy'),
  // Without patience: a writer that waits for readers of its own thread would wait in vain.
  reliableWait: fc.constant(0),
})

const step: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: create },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), ...ring }) },
  { weight: 30, arbitrary: fc.record({ do: fc.constant('write' as const), value, meta: anyMeta }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('loan' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      loan: index,
      value,
      meta: anyMeta,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('abandon' as const), loan: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('format' as const),
      bytes,
      info,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('open' as const), options: readerOptions }),
  },
  { weight: 30, arbitrary: fc.record({ do: fc.constant('next' as const), reader: index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), reader: index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retain' as const), frame: index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('scribble' as const), frame: index }) },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('release' as const), frame: index }) },
)

/** A run: mostly of a ring that exists. */
export const commands: fc.Arbitrary<Command[]> = fc
  .tuple(create, fc.array(step, { maxLength: 120, size: 'max' }))
  .map(([first, rest]) => [first, ...rest])
