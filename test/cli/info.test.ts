import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { actor, isRoot, NOBODY } from '../support/actor.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'
import { flat, SMALL, testWriter } from '../ring/fixtures.ts'
import { built, CLI, framering, run } from './framering.ts'

built()

/** Takes from root what lets it read the files of others. */
const WITHOUT_OVERRIDE = [
  ...['setpriv', '--bounding-set=-dac_override,-dac_read_search'],
  '--inh-caps=-dac_override,-dac_read_search',
]
const canDrop =
  isRoot && spawnSync(WITHOUT_OVERRIDE[0]!, [...WITHOUT_OVERRIDE.slice(1), 'true']).status === 0

type Json = Readonly<Record<string, unknown>>

async function info(name: string): Promise<Json> {
  const { code, stdout, stderr } = await framering('info', name, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Json
}

test('everything there is to know, as writer and readers know it', async () => {
  const name = ringName()
  const writer = testWriter({ ...SMALL, slots: 3, maxReaders: 5, info: { camera: 'left' } }, name)
  const reader = await actor()
  await reader.does('open', { name, options: { delivery: 'every', maxLeases: 1 } })
  for (let i = 1; i <= 2; i++) {
    writer.write(flat(i), { sourceSequence: 3 * i })
    if (i === 2) await reader.does('release')
    await reader.does('take')
  }
  writer.write(flat(3))
  const stats = writer.stats()
  const report = await info(name)
  expect(report).toMatchObject({
    ...{ ring: name, state: 'running', epoch: 1, info: { camera: 'left' }, maxReaders: 5 },
    writer: { pid: process.pid, uid: process.getuid?.(), alive: true },
    format: { fourcc: null, width: null, dtype: 'uint8', shape: [4, 4], frameBytes: 16 },
    ...{ published: 3, dropped: 0, sequence: 3, newest: 3, sourceLost: stats.sourceLost },
    ...{ slotBytes: stats.slotBytes, bytes: stats.bytes, lockedBytes: stats.lockedBytes },
    data: { mode: 0o600, uid: process.getuid?.(), gid: process.getgid?.() },
    control: { mode: 0o600 },
    readers: [
      {
        ...{ entry: 0, alive: true, pid: reader.pid, delivery: 'every', maxLeases: 1 },
        ...{ joinedAt: 1, sequence: 2, received: 2, gaps: 0, lag: 1, leases: 1 },
        latency: { count: 2 },
        held: { drops: 0 },
      },
    ],
  })
  const slots = report['slots'] as {
    sequence: number
    holders: { entry: number; held: number }[]
  }[]
  expect(slots).toHaveLength(3)
  expect(slots.filter(({ holders }) => holders.length > 0)).toMatchObject([
    { sequence: 2, holders: [{ entry: 0 }] },
  ])
  const { stdout } = await framering('info', name)
  expect(stdout).toContain(`Ring ${name}: running\n`)
  expect(stdout).toMatch(new RegExp(`^ {2}writer +${process.pid} \\(.*\\), user \\d+$`, 'm'))
  expect(stdout).toMatch(/^ {2}format +uint8 \[4, 4\], 16 bytes a frame$/m)
  expect(stdout).toMatch(/^ {2}info +\{"camera":"left"\}$/m)
  expect(stdout).toMatch(/^ {2}frames +3 published; the newest, 3, .* old; .* a second$/m)
  expect(stdout).toMatch(/^ {2}data +mode 0600, user \d+, group \d+, /m)
  expect(stdout).toMatch(/^ {2}layout +version \d+$/m)
  expect(stdout).toMatch(new RegExp(`frame +2 +\\S+ m?s +${reader.pid} \\(.*actor.*\\) for `))
  expect(stdout).toMatch(
    new RegExp(`^ {2}${reader.pid} \\(.*\\) +every +1/1 +1 +2 +0 +0 +0 +0 `, 'm'),
  )
})

test('text of the ring does not reach the terminal as it is', async () => {
  const text = 'a\u001b]0;gone\u0007\u009b2J\u202e'
  const writer = testWriter({ ...SMALL, info: { text } })
  const { stdout } = await framering('info', writer.name)
  // eslint-disable-next-line no-control-regex -- those are what must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(stdout).toContain('gone')
  expect(await info(writer.name)).toMatchObject({ info: { text } })
})

test('of a ring that is not there it says what to do, and ends with 3', async () => {
  const { code, stdout, stderr } = await framering('info', ringName())
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(/^NOT_FOUND: .*start its writer.*\n$/)
  const json = await framering('info', ringName(), '--json')
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'NOT_FOUND' } })
  expect((await framering('info', 'no/ring')).code).toBe(2)
})

test.each(['info', 'explain', 'hz', 'bw', 'delay', 'echo'])(
  'what is no ring, and one of another release: %s says so in a sentence',
  async (command) => {
    const directory = mkdtempSync('/dev/shm/framering-info-')
    onTestFinished(() => {
      rmSync(directory, { recursive: true })
    })
    writeFileSync(`${directory}/framering.foreign.data`, new Uint8Array(8192).fill(7))
    const foreign = await framering(command, 'foreign', '--directory', directory)
    expect(foreign).toMatchObject({ code: 1, stdout: '' })
    expect(foreign.stderr).toMatch(/^NOT_A_RING: .*\n$/)
    const writer = writerOf({ ...SMALL, directory }, 'other')
    writer.write(flat(1))
    const file = openSync(`${directory}/framering.other.data`, 'r+')
    // Its version, and the oldest that understands it.
    writeSync(file, Uint16Array.of(999, 999), 0, 4, 12)
    closeSync(file)
    const other = await framering(command, 'other', '--directory', directory, '--json')
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(other.stderr)).toMatchObject({ error: { code: 'LAYOUT_VERSION' } })
  },
)

test.skipIf(!canDrop).each(['info', 'explain', 'hz', 'bw', 'delay', 'echo'])(
  'a ring that this user may not read: %s says who may',
  async (command) => {
    const name = ringName()
    const writer = await actor({ user: NOBODY })
    await writer.does('create', { name, options: SMALL })
    const { code, stdout, stderr } = await run([
      ...WITHOUT_OVERRIDE,
      ...[process.execPath, CLI, command, name],
    ])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^PERMISSION: .*\n$/)
  },
)

test.skipIf(!canDrop)(
  'without the control object everything but the readers is known',
  async () => {
    const name = ringName()
    const writer = await actor({ user: NOBODY })
    await writer.does('create', { name, options: { ...SMALL, mode: 0o644 } })
    await writer.does('write', { frames: 2 })
    const command = [...WITHOUT_OVERRIDE, process.execPath, CLI]
    const { code, stdout } = await run([...command, 'info', name, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ published: 2, control: null, readers: [] })
    const { stdout: text } = await run([...command, 'info', name])
    expect(text).toMatch(/^ {2}control +may not be read: nothing is known of readers$/m)
    const { stdout: list } = await run([...command, 'ls', '--json'])
    const { rings } = JSON.parse(list) as { rings: { ring: string }[] }
    expect(rings.find(({ ring }) => ring === name)).toMatchObject({ readers: null, held: null })
    const { stdout: told } = await run([...command, 'explain', name, '--json'])
    expect(JSON.stringify(JSON.parse(told))).toContain('READERS_UNKNOWN')
    const { stdout: words } = await run([...command, 'explain', name])
    expect(words).toContain('nothing is known of the readers')
    expect(words).not.toContain('0 readers')
  },
)
