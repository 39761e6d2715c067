import { expect, test } from 'vitest'
import { actor, crash, isRoot } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'
import { flat, SMALL, testReader, testWriter, turn } from '../ring/fixtures.ts'
import { built, framering } from './framering.ts'
import { inTestTerminal } from './terminal.ts'

built()

interface Finding {
  readonly code: string
  readonly severity: string
  readonly text: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly remedy: string | null
}

/**
 * What is told of a ring, except that memory may not be locked, which is up to the machine, and that its
 * writer, a test that goes on when the machine lets it, has paused: that where it is `timed`.
 */
async function findings(ring: string, { timed = false } = {}): Promise<readonly Finding[]> {
  const run = await framering('explain', ring, '--json')
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
  const told = JSON.parse(run.stdout) as { ring: string; findings: Finding[] }
  expect(told.ring).toBe(ring)
  const beside = ['NOT_LOCKED', ...(timed ? [] : ['WRITER_STALLED', 'RATE_SHORT'])]
  return told.findings.filter(({ code }) => !beside.includes(code))
}

test('who held which slot, for how long, and how many frames that cost', async () => {
  const name = ringName()
  const writer = testWriter({ ...SMALL, slots: 3 }, name)
  const reader = await actor()
  await reader.does('open', { name, options: { delivery: 'every', replay: 0 } })
  writer.write(flat(1))
  await reader.does('take')
  // Held from here on. The two other slots go round, until a second reader holds one of them.
  writer.write(flat(2))
  const second = testReader(writer, { replay: 1 })
  const held = second.tryNext()
  writer.write(flat(3))
  for (let i = 0; i < 11; i++) expect(writer.write(flat(4))).toBe(0)
  held?.release()
  second.close()
  const told = await findings(name)
  const finding = told.find(
    ({ code, figures }) => code === 'DROPPED' && figures['pid'] === reader.pid,
  )
  expect(finding).toMatchObject({
    severity: 'warn',
    figures: {
      ...{ drops: 11, dropped: 11, published: 3, sequence: 1, heldSlots: 1 },
      ...{ maxLeases: 2, slots: 3, moreSlots: 1 },
    },
    remedy: 'give it 1 more slot or `maxLeases: 1`',
  })
  expect(finding?.figures['heldFor']).toBeGreaterThan(0)
  expect(finding?.text).toMatch(
    new RegExp(
      `^reader ${reader.pid} \\(.*actor\\.mjs.*\\) held slot \\d for \\d.* [mµ]?s; ` +
        '11 frames dropped for want of a free slot, the last .* ago$',
    ),
  )
  // The other one has left: what it cost is told until another takes its place.
  expect(told.filter(({ code }) => code === 'DROPPED')).toHaveLength(2)
})

test('frames that a reader lost to overruns, and why', async () => {
  const name = ringName()
  const writer = testWriter({ ...SMALL, slots: 4 }, name)
  const reader = await actor()
  await reader.does('open', { name, options: { delivery: 'every' } })
  writer.write(flat(1))
  await reader.does('take')
  await reader.does('release')
  for (let i = 0; i < 20; i++) writer.write(flat(2))
  // It has not looked since: nothing is lost yet, and it is about to be.
  expect(await findings(name)).toMatchObject([
    { code: 'READER_BEHIND', figures: { pid: reader.pid, lag: 20, slots: 4 } },
  ])
  const { gap } = await reader.does('take')
  const [finding] = await findings(name)
  expect(finding).toMatchObject({
    code: 'READER_OVERRUN',
    severity: 'warn',
    figures: { pid: reader.pid, overrun: gap, received: 2, leases: 1, maxLeases: 2, slots: 4 },
  })
})

test('a reader that took each frame is not behind for want of those that were dropped', async () => {
  const writer = testWriter({ ...SMALL, slots: 4 })
  const reader = testReader(writer, { delivery: 'every' })
  const holder = testReader(writer, { delivery: 'every', maxLeases: 4 })
  for (let i = 1; i <= 4; i++) {
    writer.write(flat(i))
    holder.tryNext()
    reader.tryNext()!.release()
  }
  for (let i = 0; i < 20; i++) expect(writer.write(flat(5))).toBe(0)
  const codes = (await findings(writer.name)).map(({ code }) => code)
  expect(codes).toContain('DROPPED')
  expect(codes).not.toContain('READER_BEHIND')
})

test('a writer that is gone, what it left, and that nothing else is wrong before', async () => {
  const name = ringName()
  const writer = await actor()
  await writer.does('create', { name, options: SMALL })
  await writer.does('write', { frames: 3 })
  expect(await findings(name)).toEqual([])
  await crash(writer)
  expect(await findings(name)).toMatchObject([
    { code: 'WRITER_GONE', severity: 'fail', figures: { pid: writer.pid, published: 3 } },
  ])
})

test('a writer that lives and publishes nothing', async () => {
  const writer = testWriter()
  expect(await findings(writer.name, { timed: true })).toMatchObject([{ code: 'NO_FRAME_YET' }])
  writer.write(flat(1))
  let told = await findings(writer.name, { timed: true })
  while (told.length === 0) told = await findings(writer.name, { timed: true })
  expect(told).toMatchObject([
    { code: 'WRITER_STALLED', severity: 'fail', figures: { pid: process.pid } },
  ])
})

test('a reader that died with frames in its hands', async () => {
  const name = ringName()
  const writer = testWriter(SMALL, name)
  const reader = await actor()
  await reader.does('open', { name })
  writer.write(flat(1))
  await reader.does('take')
  await crash(reader)
  const told = await findings(name)
  expect(told.find(({ code }) => code === 'READER_DIED')).toMatchObject({
    figures: { pid: reader.pid, received: 1, leases: 1 },
  })
})

test('a rate that falls short of what it was', async () => {
  const writer = testWriter()
  let period = 8
  let timer = setTimeout(function write() {
    writer.write(flat(1))
    timer = setTimeout(write, period)
  }, period)
  try {
    while (writer.sequence < 300) await turn()
    period = 60
    let told = await findings(writer.name, { timed: true })
    while (told.length === 0) told = await findings(writer.name, { timed: true })
    expect(told).toMatchObject([{ code: 'RATE_SHORT', severity: 'warn' }])
    const { rate, usualRate } = told[0]!.figures as { rate: number; usualRate: number }
    expect(rate).toBeLessThan(0.8 * usualRate)
    expect(usualRate).toBeLessThanOrEqual(1000 / 7)
  } finally {
    clearTimeout(timer)
  }
})

test('a reader that holds a slot for long, in a ring that is too small for it', async () => {
  const name = ringName()
  const writer = testWriter({ ...SMALL, slots: 3, maxReaders: 1 }, name)
  const reader = await actor()
  await reader.does('open', { name })
  writer.write(flat(1))
  await reader.does('take')
  const held = ({ code }: Finding): boolean => code === 'SLOT_HELD'
  let told = await findings(name)
  while (!told.some(held)) told = await findings(name)
  expect(told.find(held)).toMatchObject({
    figures: { pid: reader.pid, sequence: 1, heldSlots: 1 },
  })
  expect(told.find(({ code }) => code === 'SLOTS_FEW')).toMatchObject({
    figures: { slots: 3, needed: 4, readers: 1 },
  })
  expect(told.find(({ code }) => code === 'READERS_FULL')).toMatchObject({
    figures: { readers: 1, maxReaders: 1 },
  })
})

test('a reliable reader that the writer waited for', async () => {
  const name = ringName()
  const writer = testWriter({ ...SMALL, slots: 2 }, name)
  const reader = await actor()
  await reader.does('open', { name, options: { delivery: 'reliable', reliableWait: 20 } })
  for (let i = 1; i <= 3; i++) writer.write(flat(i))
  const { waited, dropped } = writer.stats()
  expect({ waited: waited >= 20, dropped }).toEqual({ waited: true, dropped: 0 })
  const told = await findings(name)
  expect(told.find(({ code }) => code === 'WRITER_WAITS')).toMatchObject({
    severity: 'info',
    text: expect.stringContaining(`for reliable readers: ${reader.pid} (`) as unknown,
    figures: { waited, published: 3, readers: 1 },
  })
  expect(told.find(({ code }) => code === 'READER_BEHIND')).toMatchObject({
    figures: { pid: reader.pid, lag: 3, slots: 2 },
  })
})

test('a reader that passes over most frames', async () => {
  const name = ringName()
  const writer = testWriter(SMALL, name)
  const reader = await actor()
  await reader.does('open', { name })
  // What comes before the first one taken does not count.
  writer.write(flat(1))
  await reader.does('take')
  for (let i = 2; i <= 21; i++) writer.write(flat(i))
  await reader.does('take')
  await reader.does('release')
  expect(await findings(name)).toMatchObject([
    {
      ...{ code: 'READER_SKIPS', severity: 'info' },
      figures: { pid: reader.pid, skipped: 19, received: 2 },
    },
  ])
})

test('frames that the source lost', async () => {
  const writer = testWriter()
  writer.write(flat(1), { sourceSequence: 1 })
  writer.write(flat(1), { sourceSequence: 5 })
  expect(await findings(writer.name)).toMatchObject([
    { code: 'SOURCE_LOST', figures: { sourceLost: 3, published: 2 } },
  ])
})

test.skipIf(!isRoot)('memory that could not be locked', async () => {
  const name = ringName()
  // Nobody has the capability that lifts the limit.
  const poor = await actor({
    user: { uid: 65534, gid: 65534 },
    under: 'ulimit -l 0; exec "$@"',
  })
  await poor.does('create', { name, options: SMALL })
  await poor.does('write')
  const { stdout } = await framering('explain', name)
  expect(stdout).toMatch(/^info: .* are not locked: .*$/m)
  expect(stdout).toMatch(
    /→ if .*'none'.* raise the writer's limit: ulimit -l \d+, LimitMEMLOCK=\d+/,
  )
})

test('in a terminal a sentence is wrapped at words', async () => {
  const writer = testWriter({ ...SMALL, slots: 3 })
  const reader = testReader(writer, { delivery: 'every', maxLeases: 3 })
  for (let i = 1; i <= 3; i++) writer.write(flat(i))
  const held = [reader.tryNext(), reader.tryNext(), reader.tryNext()]
  for (let i = 4; i <= 6; i++) writer.write(flat(i))
  const terminal = inTestTerminal(['explain', writer.name], { columns: 60, lines: 60 })
  await terminal.ended()
  const said = terminal.lines.join('\n')
  expect(said).toMatch(/[23]\s+slots\s+at\s+once/)
  expect(said).toMatch(/frames\s+dropped\s+for\s+want\s+of\s+a\s+free\s+slot/)
  for (const frame of held) frame?.release()
})
