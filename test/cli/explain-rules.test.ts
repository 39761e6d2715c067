import { describe, expect, test } from 'vitest'
import { allWell } from '../../src/cli/explain/all-well.ts'
import { explain } from '../../src/cli/explain/explain.ts'
import type { Evidence, Finding } from '../../src/cli/explain/finding.ts'
import type { Moment, ReaderReport, RingReport } from '../../src/inspect/index.ts'

const NOW = 100_000

/** A ring of 30 frames a second with one reader, and nothing wrong with it. */
const RING: RingReport = {
  ring: 'front',
  state: 'running',
  named: true,
  generation: 1,
  session: 1,
  layout: 1,
  created: 0,
  writer: { pid: 4000, uid: 1000, alive: true, command: 'node camera.js' },
  format: null,
  info: null,
  epoch: 1,
  slots: Array.from({ length: 8 }, (_, slot) => ({
    slot,
    state: 'frame' as const,
    sequence: 301 - slot,
    age: slot * 33,
    holders: [],
  })),
  slotBytes: 4096,
  maxReaders: 32,
  bytes: 65_536,
  lockedBytes: 65_536,
  data: { mode: 0o600, uid: 1000, gid: 1000, bytes: 61_440 },
  control: { mode: 0o600, uid: 1000, gid: 1000, bytes: 4096 },
  sequence: 301,
  newest: 301,
  age: 10,
  published: 301,
  dropped: 0,
  sourceLost: 0,
  abandoned: 0,
  bells: 301,
  reclaimed: 0,
  waited: 0,
  rate: 30,
  readers: [],
}

const READER: ReaderReport = {
  entry: 0,
  joins: 1,
  alive: true,
  pid: 4312,
  command: 'node viewer.js',
  delivery: 'every',
  maxLeases: 2,
  reliableWait: 100,
  joinedAt: 1,
  sequence: 301,
  received: 301,
  gaps: 0,
  lost: { source: 0, noSlot: 0, overrun: 0, skipped: 0, restart: 0 },
  lag: 0,
  leases: 0,
  latency: { count: 0, sum: 0, longest: 0, buckets: [] },
  held: { drops: 0, slots: 0, longest: 0, slot: 0, sequence: 0, last: 0 },
}

/** Frames up to 10 ms ago, at these distances, the last first. */
function momentsAt(distances: readonly number[]): readonly Moment[] {
  let time = NOW - 10
  return [0, ...distances]
    .map((distance, i) => {
      time -= distance
      return { sequence: 301 - i, time, captureAge: null, dropped: false }
    })
    .reverse()
}

const STEADY = momentsAt(Array.from({ length: 300 }, () => 33))

function told(
  report: Partial<RingReport>,
  reader?: Partial<ReaderReport>,
  more: Partial<Evidence> = {},
): readonly Finding[] {
  const readers = reader === undefined ? [] : [{ ...READER, ...reader }]
  return explain({ report: { ...RING, readers, ...report }, moments: STEADY, time: NOW, ...more })
}

test('of a ring with nothing wrong nothing is told but how it does', () => {
  expect(told({}, {})).toEqual([])
  const readers = [READER, { ...READER, alive: false }]
  expect(allWell({ ...RING, readers })).toBe(
    "Nothing is wrong with ring 'front': 30.0 frames a second, 1 reader, 301 published, 0 dropped.",
  )
  expect(allWell({ ...RING, control: null, rate: null })).toBe(
    "Nothing is wrong with the writer of ring 'front': 301 published, 0 dropped; its readers are unknown.",
  )
})

describe('the writer', () => {
  test('that is gone', () => {
    expect(told({ state: 'dead', age: 5000 })).toMatchObject([
      {
        code: 'WRITER_GONE',
        severity: 'fail',
        text: 'the writer, pid 4000, is gone without closing the ring, after 301 frames, the last of them 5.0 s ago',
        figures: { pid: 4000, published: 301, age: 5000, bytes: 65_536 },
        remedy: 'start it again (it clears up what is left), or remove that: framering rm front',
      },
    ])
  })

  test('that closed the ring', () => {
    expect(told({ state: 'ended' })).toMatchObject([{ code: 'RING_ENDED', severity: 'fail' }])
  })

  test('whose memory was cut off: nothing else is told then', () => {
    const damaged = { state: 'damaged', dropped: 7, lockedBytes: 0 } as const
    expect(told(damaged, { alive: false })).toMatchObject([{ code: 'RING_DAMAGED' }])
  })

  test('that has not begun', () => {
    const none = told({ published: 0, newest: 0, sequence: 0 }, undefined, { moments: [] })
    expect(none).toMatchObject([{ code: 'NO_FRAME_YET', severity: 'warn' }])
  })

  test('that lives and publishes nothing', () => {
    expect(told({}, undefined, { time: NOW + 2000 })).toMatchObject([
      {
        code: 'WRITER_STALLED',
        severity: 'fail',
        text: 'the writer, 4000 (node camera.js), lives and has published nothing for 2.0 s; until then one came every 33.0 ms',
        figures: { pid: 4000, age: 2010, usualPeriod: 33 },
      },
    ])
    // One that publishes every two seconds is not.
    const slow = momentsAt([2000, 2000, 2000])
    expect(told({}, undefined, { moments: slow, time: NOW + 2000 })).toEqual([])
  })

  test('that publishes fewer than usual', () => {
    const slower = momentsAt([
      ...Array.from({ length: 20 }, () => 50),
      ...Array.from({ length: 200 }, () => 33),
    ])
    const [finding, ...others] = told({}, undefined, { moments: slower })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ code: 'RATE_SHORT', severity: 'warn' })
    expect(finding?.text).toBe('20.0 frames a second came of late, and usually 30.3')
    expect(finding?.figures).toMatchObject({ rate: 20, frames: 20, span: 1000 })
  })

  test('whose source loses frames', () => {
    expect(told({ sourceLost: 3 })).toMatchObject([
      { code: 'SOURCE_LOST', severity: 'warn', figures: { sourceLost: 3, published: 301 } },
    ])
  })

  test('that waits for reliable readers', () => {
    expect(told({ waited: 250 }, { delivery: 'reliable' })).toMatchObject([
      {
        code: 'WRITER_WAITS',
        severity: 'info',
        text: 'the writer has waited 250 ms in all for reliable readers: 4312 (node viewer.js)',
      },
    ])
  })
})

describe('drops', () => {
  const held = { drops: 11, slots: 2, longest: 412, slot: 3, sequence: 200, last: NOW - 5000 }

  test('with who held what, for how long, and what to change', () => {
    const ring = { dropped: 11, slots: RING.slots.slice(0, 3) }
    expect(told(ring, { held: { ...held, slots: 1 } })).toMatchObject([
      {
        code: 'DROPPED',
        severity: 'warn',
        text: 'reader 4312 (node viewer.js) held slot 3 for 412 ms; 11 frames dropped for want of a free slot, the last 5.0 s ago',
        figures: { pid: 4312, drops: 11, slot: 3, heldFor: 412, heldSlots: 1, moreSlots: 1 },
        remedy: 'give it 1 more slot or `maxLeases: 1`',
      },
    ])
    const [finding] = told(ring, { held, maxLeases: 4 })
    expect(finding?.text).toContain('held 2 slots at once, slot 3 of them for 412 ms')
    expect(finding?.remedy).toBe('give it 3 more slots or `maxLeases: 1`')
  })

  test('of a reader that has one lease only: it can but copy', () => {
    const [finding] = told({ dropped: 11 }, { held: { ...held, slots: 1 }, maxLeases: 1 })
    expect(finding?.remedy).toBe('give it 1 more slot or copy the frame and release it')
  })

  test('whose holders have left', () => {
    expect(told({ dropped: 11 }, {})).toMatchObject([
      { code: 'DROPPED_UNCLAIMED', figures: { dropped: 11, published: 301, slots: 8 } },
    ])
  })
})

describe('slots', () => {
  test('that are held for long, though nothing was lost yet', () => {
    const slots = RING.slots.map((slot) =>
      slot.slot < 5 ? slot : { ...slot, holders: [{ entry: 0, held: 100 * slot.slot }] },
    )
    expect(told({ slots }, { leases: 3 })).toMatchObject([
      {
        code: 'SLOT_HELD',
        severity: 'info',
        text: 'reader 4312 (node viewer.js) holds slot 7 (frame 294) and 2 more, for 700 ms now',
        figures: { slot: 7, sequence: 294, heldFor: 700, heldSlots: 3 },
      },
    ])
    // Shorter than three periods.
    const brief = RING.slots.map((slot) => ({ ...slot, holders: [{ entry: 0, held: 98 }] }))
    expect(told({ slots: brief }, { leases: 8 })).toEqual([])
  })

  test('that are too few for the readers there are', () => {
    expect(told({}, { maxLeases: 7 })).toMatchObject([
      { code: 'SLOTS_FEW', severity: 'info', figures: { slots: 8, needed: 9, readers: 1 } },
    ])
  })
})

describe('a reader', () => {
  const lost = { ...READER.lost, overrun: 5 }

  test.each([
    [{ leases: 2 }, 'it holds all of its 2 leases'],
    [{ lag: 9, sequence: 292 }, 'it is 9 frames behind, and the ring has 8 slots'],
    [{}, 'it has taken none'],
    [
      { latency: { count: 1, sum: 7, longest: 7, buckets: [...Array<number>(13).fill(0), 1] } },
      'it takes frames up to 6.97 ms (p99) after their publication',
    ],
    [{ alive: false, delivery: null }, 'it is gone'],
  ])('that was overrun, and why: %j', (reader, why) => {
    const [finding, ...others] = told({}, { ...reader, lost, received: 296 })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ code: 'READER_OVERRUN', severity: 'warn' })
    expect(finding?.text).toBe(
      `reader 4312 (node viewer.js) lost 5 frames to overruns and got 296: ${why}`,
    )
  })

  test('that wants all frames and is about to lose some', () => {
    const seven = { lag: 7, sequence: 294 }
    expect(told({}, seven)).toMatchObject([
      { code: 'READER_BEHIND', figures: { lag: 7, waiting: 7 } },
    ])
    expect(told({}, { lag: 6, sequence: 295 })).toEqual([])
    expect(told({}, { ...seven, delivery: 'latest' })).toEqual([])
    // One that has taken none counts from where it joined.
    const fresh = { sequence: 0, joinedAt: 295, received: 0 }
    expect(told({}, { ...fresh, lag: 7 })).toMatchObject([{ figures: { waiting: 7 } }])
    expect(told({}, { ...fresh, joinedAt: 300, lag: 2 })).toEqual([])
  })

  test('is not behind by what was dropped: nobody can read that', () => {
    const drops = STEADY.map((moment) => ({ ...moment, dropped: moment.sequence > 294 }))
    const behind = { lag: 7, sequence: 294 }
    expect(told({}, behind, { moments: drops })).toEqual([])
    const overrun = { ...behind, lag: 9, sequence: 292, lost }
    const [finding] = told({}, overrun, { moments: drops })
    expect(finding?.text).toMatch(/to overruns and got 301: it has taken none$/)
    expect(finding?.figures).toMatchObject({ lag: 9, waiting: 2 })
  })

  test('that passes over most frames', () => {
    const some = { received: 100, lost: { ...READER.lost, skipped: 201 } }
    expect(told({}, some)).toMatchObject([{ code: 'READER_SKIPS', severity: 'info' }])
  })

  test('that died with slots in its hands', () => {
    expect(told({}, { alive: false, leases: 1 })).toMatchObject([
      {
        code: 'READER_DIED',
        text: 'reader 4312 (node viewer.js) died after 301 frames, with 1 slot in its hands',
      },
    ])
    expect(told({}, { alive: false, delivery: null })).toEqual([])
  })

  test('for whom there is no place', () => {
    expect(told({ maxReaders: 1 }, {})).toMatchObject([{ code: 'READERS_FULL' }])
  })

  test('that this user may not see', () => {
    expect(told({ control: null })).toMatchObject([
      {
        code: 'READERS_UNKNOWN',
        text: "nothing is known of the readers of ring 'front': this user may not read its control object, the file framering.front.ctl",
        remedy:
          'ask again as user 1000 or root; or have the writer let a group of yours read it (controlGroup)',
      },
    ])
    // Nor is anybody said to have left then.
    const [dropped] = told({ control: null, dropped: 3 })
    expect(dropped?.text).toBe(
      '3 frames of 304 dropped for want of a free slot; who was in the way is not to be seen without the control object',
    )
    const waits = told({ control: null, waited: 250 })
    expect(waits.find(({ code }) => code === 'WRITER_WAITS')?.text).toMatch(
      /for reliable readers: which ones is not to be seen$/,
    )
  })
})

test('memory that is not locked', () => {
  expect(told({ lockedBytes: 4096 })).toMatchObject([
    {
      code: 'NOT_LOCKED',
      severity: 'info',
      figures: { bytes: 65_536, lockedBytes: 4096 },
      remedy:
        "raise the writer's limit: ulimit -l 64, LimitMEMLOCK=65536, or docker run --ulimit memlock=65536",
    },
  ])
  // Where nothing is, the writer may not have been asked to.
  expect(told({ lockedBytes: 0 })[0]?.remedy).toBe(
    "if the writer has memoryLock: 'none' (pub --lock none), give it 'try'; otherwise raise the writer's limit: ulimit -l 64, LimitMEMLOCK=65536, or docker run --ulimit memlock=65536",
  )
})

test('the worst comes first', () => {
  const all = told({ lockedBytes: 0, dropped: 1 }, {}, { time: NOW + 60_000 })
  expect(all.map(({ severity }) => severity)).toEqual(['fail', 'warn', 'info'])
})
