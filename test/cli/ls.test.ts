import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { actor, crash } from '../support/actor.ts'
import { hasPython } from '../support/tools.ts'
import { ringName } from '../support/ring-name.ts'
import { writerOf } from '../support/live-ring.ts'
import { flat, SMALL } from '../ring/fixtures.ts'
import { built, framering, watching } from './framering.ts'
import { inTerminal } from './terminal.ts'

built()

/** A directory for rings that nobody else has. */
function directory(): string {
  const path = mkdtempSync('/dev/shm/framering-ls-')
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  return path
}

interface Listing {
  readonly time: number
  readonly rings: readonly (Readonly<Record<string, unknown>> & { readonly ring: string })[]
}

async function listing(path: string): Promise<Listing['rings']> {
  const { code, stdout, stderr } = await framering('ls', '--json', '--directory', path)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (JSON.parse(stdout) as Listing).rings
}

test('lists live rings with what they carry, what dead writers left, and what cannot be read', async () => {
  const path = directory()
  const format = { fourcc: 'RGB3', width: 64, height: 48 } as const
  const live = writerOf({ format, slots: 4, directory: path }, 'b-live')
  const reader = await actor()
  await reader.does('open', { name: 'b-live', options: { directory: path } })
  live.write(new Uint8Array(live.format.bytes))
  await reader.does('take')
  const dead = await actor()
  await dead.does('create', { name: 'a-dead', options: { ...SMALL, directory: path } })
  await dead.does('write', { frames: 2 })
  await crash(dead)
  writeFileSync(`${path}/framering.c-foreign.data`, 'no ring at all')
  // No ring can be called that.
  writeFileSync(`${path}/framering.\u001b[2J.data`, '')

  const rings = await listing(path)
  expect(rings).toMatchObject([
    {
      ...{ ring: 'a-dead', state: 'dead', published: 2, pid: dead.pid, readers: 0, error: null },
      rate: null,
    },
    {
      ...{ ring: 'b-live', state: 'running', error: null, readers: 1, held: 1, slots: 4 },
      ...{ published: 1, sequence: 1, dropped: 0, rate: null, pid: process.pid },
      ...{ uid: process.getuid?.(), bytes: live.stats().bytes },
      lockedBytes: live.stats().lockedBytes,
      format: {
        ...{ fourcc: 'RGB3', width: 64, height: 48 },
        ...{ dtype: 'uint8', shape: [48, 64, 3], frameBytes: 9216 },
      },
    },
    { ring: 'c-foreign', state: 'unreadable', error: { code: 'NOT_A_RING' }, format: null },
  ])
  // Each has every key.
  const keys = rings.map((ring) => Object.keys(ring).sort())
  expect(keys[1]).toEqual(keys[0])
  expect(keys[2]).toEqual(keys[0])

  const { stdout } = await framering('ls', '--directory', path)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^RING +FORMAT +MEMORY +RATE +READERS +AGE +STATE$/)
  expect(rows[0]).toMatch(/^a-dead +uint8 \[4, 4\] +\d.* KiB +- +0 +\d.*dead$/)
  expect(rows[1]).toMatch(/^b-live +RGB3 64 × 48 +\d.* KiB +- +1 +\d.* m?s +running$/)
  expect(rows[2]).toMatch(/^c-foreign +- +- +- +- +- +NOT_A_RING$/)
  const verbose = (await framering('ls', '-v', '--directory', path)).stdout.split('\n')
  expect(verbose[0]).toMatch(/STATE +SLOTS +HELD +FRAMES +DROPPED +LOCKED +WRITER$/)
  expect(verbose[2]).toMatch(new RegExp(` 4 +1 +1 +0 .* ${process.pid} \\(.*\\)$`))
})

test('a ring of another release is listed with what is wrong', async () => {
  const path = directory()
  writerOf({ ...SMALL, directory: path }, 'other')
  const file = openSync(`${path}/framering.other.data`, 'r+')
  writeSync(file, Uint16Array.of(999, 999), 0, 4, 12)
  closeSync(file)
  const [ring] = await listing(path)
  expect(ring).toMatchObject({
    ring: 'other',
    state: 'unreadable',
    error: { code: 'LAYOUT_VERSION' },
  })
})

test('one whose memory was cut off, too', async () => {
  const path = directory()
  const writer = await actor()
  await writer.does('create', { name: 'cut', options: { ...SMALL, directory: path } })
  truncateSync(`${path}/framering.cut.data`, 100)
  const [ring] = await listing(path)
  expect(ring).toMatchObject({ ring: 'cut', state: 'unreadable', error: { code: 'NOT_A_RING' } })
})

test('where there is none it says so, and a directory that cannot be read is refused', async () => {
  const path = directory()
  expect(await framering('ls', '--directory', path)).toEqual({
    ...{ code: 0, stdout: 'There is no ring here.\n', stderr: '' },
  })
  const { code, stderr } = await framering('ls', '--directory', `${path}/nix`)
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^OPTION_INVALID: .*nix cannot be read \(ENOENT\); name the directory .*\n$/,
  )
  expect(await framering('ls', '--directory', '/etc/passwd')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr:
      'OPTION_INVALID: /etc/passwd is no directory; name the directory that the writers were given\n',
  })
})

test('--watch tells of rings as they come and go', async () => {
  const path = directory()
  const ls = watching('ls', '--watch', '--json', '--directory', path)
  const names = async (): Promise<string[]> =>
    (JSON.parse(await ls.line()) as Listing).rings.map(({ ring }) => ring)
  expect(await names()).toEqual([])
  const writer = writerOf({ ...SMALL, directory: path }, ringName())
  let seen = await names()
  while (seen.length === 0) seen = await names()
  expect(seen).toEqual([writer.name])
  writer.close()
  while (seen.length > 0) seen = await names()
  ls.process.kill('SIGINT')
  expect(await ls.ended()).toBe(0)
  expect(ls.stderr).toBe('')
})

test.skipIf(!hasPython)('in a terminal the list takes its own place again', async () => {
  const path = directory()
  const writer = writerOf({ ...SMALL, directory: path }, 'front')
  writer.write(flat(1))
  // Two lines back, and clean from there: the second list. Then Ctrl-C.
  const { code, seen } = await inTerminal(['ls', '--watch', '--directory', path], {
    until: '\u001b[2A\u001b[0J',
    keys: '\u0003',
  })
  expect(code).toBe(0)
  expect(seen.split('\u001b[2A\u001b[0J')[0]).toMatch(/^RING .*\r\nfront .*running\r\n$/)
})
