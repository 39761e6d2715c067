import { truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { inspect, Inspector, now } from '../../src/index.ts'
import { failure, flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'
import { actor, crash, isRoot, NOBODY } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'

const file = (name: string, suffix: string): string => `/dev/shm/framering.${name}.${suffix}`

describe('a look at a ring', () => {
  test('tells what its writer gave it and did', () => {
    const writer = testWriter({
      format: { fourcc: 'NV12', width: 64, height: 48 },
      slots: 5,
      maxReaders: 7,
      mode: 0o640,
      info: { lens: 'wide' },
    })
    for (let i = 1; i <= 6; i++) writer.write(new Uint8Array(writer.format.bytes))
    const report = inspect(writer.name)
    expect(report).toMatchObject({
      ring: writer.name,
      state: 'running',
      writer: { pid: process.pid, uid: process.getuid!(), alive: true },
      format: { fourcc: 'NV12', width: 64, height: 48, dtype: 'uint8' },
      info: { lens: 'wide' },
      epoch: 1,
      maxReaders: 7,
      data: { mode: 0o640 },
      sequence: 6,
      newest: 6,
      published: 6,
      dropped: 0,
      readers: [],
    })
    expect(report.bytes).toBe(writer.stats().bytes)
    expect(report.lockedBytes).toBe(writer.stats().lockedBytes)
    expect(report.writer.command).toContain('node')
    expect(report.slots.map((slot) => slot.sequence).sort()).toEqual([2, 3, 4, 5, 6])
    expect(Math.abs(Date.now() - report.created)).toBeLessThan(60_000)
  })

  test('knows the format before there is a frame, and after it changed', () => {
    const writer = testWriter({ dtype: 'uint8', shape: [64], slots: 4 })
    using inspector = new Inspector(writer.name)
    expect(inspector.look()).toMatchObject({
      format: { shape: [64] },
      newest: 0,
      age: null,
      rate: null,
    })
    writer.setFormat({ dtype: 'uint16', shape: [8, 4] })
    expect(inspector.look().format).toMatchObject({ dtype: 'uint16', shape: [8, 4] })
    writer.write(new Uint16Array(32))
    expect(inspector.look()).toMatchObject({ epoch: 2, format: { shape: [8, 4] }, newest: 1 })
    // Larger slots under the same name.
    writer.setFormat({ dtype: 'uint8', shape: [100_000] })
    expect(inspector.look()).toMatchObject({
      format: { shape: [100_000] },
      sequence: 1,
      published: 1,
    })
  })

  test('shows who holds which frame, and for how long', () => {
    const writer = testWriter({ ...SMALL, slots: 6 })
    const reader = testReader(writer, { delivery: 'every', maxLeases: 2 })
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    const before = now()
    using first = reader.tryNext()!
    using second = reader.tryNext()!
    const after = now()
    const { slots, readers } = inspect(writer.name)
    const looked = now()
    expect(readers).toMatchObject([
      {
        alive: true,
        pid: process.pid,
        delivery: 'every',
        maxLeases: 2,
        leases: 2,
        received: 2,
        lag: 1,
      },
    ])
    const held = slots.filter((slot) => slot.holders.length > 0)
    expect(held.map((slot) => slot.sequence).sort()).toEqual([first.sequence, second.sequence])
    for (const { holders } of held) {
      expect(holders).toHaveLength(1)
      expect(holders[0]!.entry).toBe(readers[0]!.entry)
      expect(holders[0]!.held).toBeGreaterThan(0)
      expect(holders[0]!.held).toBeLessThanOrEqual(looked - before)
    }
    expect(after).toBeLessThanOrEqual(looked)
  })

  test('tells whose leases cost the writer its frames', () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    const hog = testReader(writer, { delivery: 'every', maxLeases: 3 })
    testReader(writer)
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    const held = [hog.tryNext()!, hog.tryNext()!]
    for (let i = 4; i <= 8; i++) writer.write(flat(i))
    expect(writer.stats().dropped).toBe(5)
    const [first, other] = inspect(writer.name).readers
    expect(first!.held).toMatchObject({ drops: 5, slots: 2 })
    expect(first!.held.longest).toBeGreaterThan(0)
    expect(first!.held.last).toBeLessThanOrEqual(now())
    expect([1, 2]).toContain(first!.held.sequence)
    expect(other!.held).toMatchObject({ drops: 0, slots: 0, longest: 0 })
    for (const frame of held) frame.release()
    // Another reader in the same place starts with nothing.
    hog.close()
    testReader(writer)
    expect(inspect(writer.name).readers.find(({ entry }) => entry === first!.entry)).toMatchObject({
      alive: true,
      received: 0,
      held: { drops: 0 },
    })
  })

  test('does not blame a reliable reader that keeps up for what another holds', () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    const prompt = testReader(writer, { delivery: 'reliable', reliableWait: 1 })
    const hog = testReader(writer, { delivery: 'every', maxLeases: 3 })
    const held = []
    for (let i = 1; i <= 6; i++) {
      writer.write(flat(i))
      held.push(hog.tryNext())
      prompt.tryNext()?.release()
    }
    expect(writer.stats().dropped).toBe(3)
    const drops = (reader: { delivery: string | null }): boolean => reader.delivery === 'reliable'
    const blamed = inspect(writer.name).readers.map((one) => [drops(one), one.held.drops])
    expect(blamed).toEqual(
      expect.arrayContaining([
        [true, 0],
        [false, 3],
      ]),
    )
    for (const frame of held) frame?.release()
  })

  test('knows the format while the first slot is on loan, and when it changes after that', () => {
    const writer = testWriter({ dtype: 'uint8', shape: [64], slots: 2 })
    using inspector = new Inspector(writer.name)
    const loan = writer.loan()
    const other = writer.loan()
    expect(inspector.look().format).toMatchObject({ shape: [64] })
    other.abandon()
    loan.abandon()
    expect(inspector.look().format).toMatchObject({ shape: [64] })
    writer.setFormat({ dtype: 'uint8', shape: [32] })
    expect(inspector.look()).toMatchObject({ epoch: 2, format: { shape: [32] } })
  })

  test('disturbs nobody: no entry taken, no slot held, no bell rung', () => {
    const writer = testWriter({ ...SMALL, slots: 2, maxReaders: 1 })
    using inspector = new Inspector(writer.name)
    for (let i = 1; i <= 50; i++) {
      expect(writer.write(flat(i))).toBe(i)
      inspector.look()
      expect(inspector.frame(i)).not.toBeNull()
      expect(inspector.moments(i - 1)).toHaveLength(1)
    }
    testReader(writer)
    expect(writer.stats()).toMatchObject({ readers: 1, dropped: 0, bells: 0, waited: 0 })
  })

  test('remembers when each of the last 1023 sequences came, drops too', () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    using inspector = new Inspector(writer.name)
    expect(inspector.moments()).toEqual([])
    const reader = testReader(writer, { delivery: 'every', maxLeases: 2 })
    const start = now()
    writer.write(flat(1), { captureTime: start - 5 })
    using first = reader.tryNext()!
    writer.write(flat(2))
    using second = reader.tryNext()!
    expect(second.sequence).toBe(2)
    expect(writer.write(flat(3))).toBe(0)
    const moments = inspector.moments()
    expect(moments.map(({ sequence, dropped }) => [sequence, dropped])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ])
    expect(moments[0]!.time).toBe(first.publishTime)
    expect(moments[0]!.captureAge).toBeCloseTo(first.publishTime - (start - 5), 3)
    expect(moments[1]!.captureAge).toBeNull()
    first.release()
    for (let i = 4; i <= 3000; i++) writer.write(flat(i))
    const all = inspector.moments()
    expect(all.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 1023 }, (_, i) => 3000 - 1022 + i),
    )
    expect(all.every(({ time }, i) => i === 0 || time >= all[i - 1]!.time)).toBe(true)
    expect(inspector.moments(2990)).toHaveLength(10)
  })

  test('gives the header of a frame that is still there, and null for others', () => {
    const writer = testWriter({ ...SMALL, slots: 3 })
    using inspector = new Inspector(writer.name)
    const meta = { pts: 7, timeBase: [1, 90_000], sourceSequence: 41, key: true } as const
    for (let i = 1; i <= 5; i++) writer.write(flat(i), { ...meta, user: [i] })
    const frame = inspector.frame(5)!
    expect(frame.user).toEqual([5, 0, 0, 0, 0, 0, 0, 0])
    expect(frame).toMatchObject({ sequence: 5, pts: 7, timeBase: [1, 90_000], sourceSequence: 41 })
    expect(frame).toMatchObject({
      key: true,
      corrupt: false,
      bytesUsed: 16,
    })
    expect(inspector.frame(1)).toBeNull()
    expect(inspector.frame(6)).toBeNull()
    expect(inspector.frame(0)).toBeNull()
  })
})

describe('a ring that is over', () => {
  test('tells of its end to who had it open, and is not found by others', () => {
    const writer = testWriter()
    using inspector = new Inspector(writer.name)
    writer.write(flat(1))
    writer.close()
    expect(inspector.look()).toMatchObject({ state: 'ended', published: 1 })
    expect(() => inspect(writer.name)).toThrow(failure('NOT_FOUND'))
  })

  test('can be looked at when its writer was killed, and then the next one under its name', async () => {
    const name = ringName()
    const writer = await actor()
    await writer.does('create', { name, options: SMALL })
    const reader = await actor()
    await reader.does('open', { name, options: { delivery: 'every' } })
    await writer.does('write', { frames: 3 })
    await reader.does('take')
    using inspector = new Inspector(name)
    const before = inspector.look()
    expect(before).toMatchObject({ state: 'running', writer: { alive: true } })
    await crash(writer)
    expect(inspector.look()).toMatchObject({
      state: 'dead',
      writer: { alive: false },
      published: 3,
    })
    expect(inspect(name)).toMatchObject({
      state: 'dead',
      readers: [{ alive: true, received: 1, lag: 2 }],
    })
    testWriter(SMALL, name)
    const after = inspector.look()
    expect(after).toMatchObject({ state: 'running', published: 0 })
    expect(after.generation).not.toBe(before.generation)
    expect(after.session).not.toBe(before.session)
    await reader.does('closeReader')
  })

  test('has what it did at the end, also when another has its name, until one goes on', () => {
    const writer = testWriter()
    using inspector = new Inspector(writer.name)
    writer.write(flat(1))
    expect(inspector.look()).toMatchObject({ named: true, published: 1 })
    writer.write(flat(2))
    writer.close()
    testWriter(SMALL, writer.name)
    const stay = { follow: false } as const
    expect(inspector.look(stay)).toMatchObject({ state: 'ended', named: false, published: 2 })
    expect(inspector.moments(1)).toMatchObject([{ sequence: 2 }])
    expect(inspector.frame(2)).toMatchObject({ sequence: 2 })
    expect(inspector.look()).toMatchObject({ state: 'running', named: true, published: 0 })
    expect(inspector.look(stay)).toMatchObject({ state: 'running', named: true })
  })

  test('keeps what a reader that died had come to, until somebody takes its place', async () => {
    const writer = testWriter({ ...SMALL, slots: 8 })
    const reader = await actor()
    await reader.does('open', { name: writer.name, options: { delivery: 'every' } })
    for (let i = 1; i <= 4; i++) writer.write(flat(i))
    await reader.does('take')
    await reader.does('take')
    await crash(reader)
    expect(inspect(writer.name).readers).toMatchObject([{ alive: false, received: 2, lag: 2 }])
    testReader(writer)
    expect(inspect(writer.name).readers).toMatchObject([
      { alive: true, pid: process.pid, received: 0 },
    ])
  })
})

describe('what cannot be looked at', () => {
  test.runIf(isRoot)('without permission to read it, or to know of its readers', async () => {
    const closed = testWriter()
    const open = testWriter({ ...SMALL, mode: 0o644 })
    testReader(open)
    const nobody = await actor({ user: NOBODY })
    await expect(nobody.does('inspect', { name: closed.name })).rejects.toEqual(
      failure('PERMISSION', /uid 65534/),
    )
    open.write(flat(1))
    expect(inspect(open.name)).toMatchObject({ readers: [{ alive: true }] })
    expect(await nobody.does('inspect', { name: open.name })).toMatchObject({
      published: 1,
      control: null,
      readers: [],
    })
  })

  test('no such ring, no ring at all, another layout: an error each', () => {
    expect(() => inspect(ringName())).toThrow(failure('NOT_FOUND'))
    expect(() => inspect('no/name')).toThrow(failure('NAME_INVALID'))
    // @ts-expect-error -- what a JavaScript user may pass
    expect(() => inspect(7)).toThrow(failure('NAME_INVALID'))
    expect(() => inspect('x', { directory: 'relative' })).toThrow(failure('OPTION_INVALID'))
    // @ts-expect-error -- a misspelt option
    expect(() => inspect('x', { dir: '/dev/shm' })).toThrow(failure('OPTION_INVALID'))
    const name = ringName()
    writeFileSync(file(name, 'data'), 'not a ring')
    try {
      expect(() => inspect(name)).toThrow(failure('NOT_A_RING'))
    } finally {
      unlinkSync(file(name, 'data'))
    }
  })

  test('a ring cut off under an inspector says so, and nothing faults', () => {
    const writer = testWriter()
    testReader(writer)
    writer.write(flat(1))
    using inspector = new Inspector(writer.name)
    truncateSync(file(writer.name, 'data'), 0)
    inspector.look()
    expect(inspector.look().state).toBe('damaged')
    expect(() => inspector.moments()).not.toThrow()
    expect(inspector.frame(1)).toBeNull()
  })

  test('a closed inspector', () => {
    const writer = testWriter()
    const inspector = new Inspector(writer.name)
    inspector.close()
    inspector.close()
    for (const call of ['look', 'moments'] as const) {
      expect(() => inspector[call]()).toThrow(failure('CLOSED'))
    }
    expect(() => inspector.frame(1)).toThrow(failure('CLOSED'))
  })
})
