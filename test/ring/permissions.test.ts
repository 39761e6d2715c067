import { constants, lstatSync, readdirSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ReaderOptions, WriterOptions } from '../../src/index.ts'
import { createWriter } from '../../src/index.ts'
import type { Actor } from '../support/actor.ts'
import { actor, crash, GROUP, isRoot, NOBODY } from '../support/actor.ts'
import { Peer, writingPeer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testWriter } from './fixtures.ts'

const MEMBER = { ...NOBODY, groups: [GROUP] }
const path = (name: string, suffix: string): string => `/dev/shm/framering.${name}.${suffix}`
const bits = (file: string): number => lstatSync(file).mode & 0o7777

/** The FIFOs of a ring, and the directory they are in. */
function doorbells(name: string): { directory: string; fifos: string[] } {
  const entry = remains(name).find((file) => file.endsWith('.bells'))!
  const directory = `/dev/shm/${entry}`
  return { directory, fifos: readdirSync(directory).map((fifo) => `${directory}/${fifo}`) }
}

/** What an attempt to open the ring says: 'joins' and 'observes' or the code of the error. */
async function access(user: Actor, name: string): Promise<string[]> {
  const attempt = async (options: ReaderOptions, word: string): Promise<string> => {
    try {
      await user.does('open', { name, options })
      await user.does('closeReader')
      return word
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return [await attempt({}, 'joins'), await attempt({ observe: true }, 'observes')]
}

describe.runIf(isRoot)('who may read, who may join', { timeout: 120_000 }, () => {
  const nothing = ['PERMISSION', 'PERMISSION']
  const sees = ['PERMISSION', 'observes']
  const joins = ['joins', 'observes']
  test.each<[string, Pick<WriterOptions, 'mode' | 'group' | 'controlGroup'>, string[], string[]]>([
    ['by default', {}, nothing, nothing],
    ['0640 and a group', { mode: 0o640, group: GROUP }, nothing, sees],
    ['0660 and a group', { mode: 0o660, group: GROUP }, nothing, joins],
    ['0644', { mode: 0o644 }, sees, sees],
    ['0644 and a control group', { mode: 0o644, controlGroup: GROUP }, sees, joins],
    ['0640 and two groups', { mode: 0o640, group: NOBODY.gid, controlGroup: GROUP }, sees, joins],
  ])('%s', async (_, more, stranger, member) => {
    const options = { ...SMALL, ...more }
    const { name } = testWriter(options)
    expect(await access(await actor({ user: NOBODY }), name)).toEqual(stranger)
    expect(await access(await actor({ user: MEMBER }), name)).toEqual(member)
  })

  test('who may not read is told uid, mode, object and what to set', async () => {
    const { name } = testWriter()
    const nobody = await actor({ user: NOBODY })
    for (const observe of [false, true]) {
      await expect(nobody.does('open', { name, options: { observe } })).rejects.toEqual(
        failure(
          'PERMISSION',
          new RegExp(`uid 65534 .*${path(name, 'data')} .*uid 0, group 0, mode 0600.*mode`),
        ),
      )
    }
  })

  test('who may read but not join is told uid, mode, object and both remedies', async () => {
    const { name } = testWriter({ ...SMALL, mode: 0o644 })
    const nobody = await actor({ user: NOBODY })
    await expect(nobody.does('open', { name })).rejects.toEqual(
      failure(
        'PERMISSION',
        new RegExp(
          `uid 65534 .*${path(name, 'ctl')} .*uid 0, group 0, mode 0600.*controlGroup.*observe`,
        ),
      ),
    )
  })

  test('an observer of another uid can open nothing for writing, and remove nothing', async () => {
    const { name } = testWriter({ ...SMALL, mode: 0o644, maxReaders: 2 })
    const { directory, fifos } = doorbells(name)
    expect(fifos).toHaveLength(3)
    const nobody = await actor({ user: NOBODY })
    await nobody.does('open', { name, options: { observe: true } })
    const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK, O_TRUNC } = constants
    const files = ['data', 'ctl', 'lock'].map((suffix) => path(name, suffix))
    for (const file of [...files, ...fifos]) {
      for (const access of [O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC]) {
        expect(await nobody.does('openFile', { path: file, flags: access | O_NONBLOCK })).toBe(
          'EACCES',
        )
      }
      const readable = await nobody.does('openFile', { path: file, flags: O_RDONLY | O_NONBLOCK })
      expect(readable).toBe(file.endsWith('.data') ? '' : 'EACCES')
    }
    await expect(nobody.does('list', { path: directory })).rejects.toEqual(
      expect.objectContaining({ code: 'EACCES' }),
    )
    for (const file of files) {
      await expect(nobody.does('unlink', { path: file })).rejects.toEqual(
        expect.objectContaining({ code: 'EPERM' }),
      )
    }
    expect(remains(name)).toHaveLength(4)
  })

  test('a member of the control group holds frames in place and can write none', async () => {
    const writer = testWriter({ ...SMALL, mode: 0o644, controlGroup: GROUP, slots: 3 })
    const member = await actor({ user: MEMBER })
    await member.does('open', { name: writer.name })
    writer.write(flat(1))
    expect(await member.does('take')).toMatchObject({ sequence: 1, value: 1, whole: true })
    for (let value = 2; value <= 50; value++) expect(writer.write(flat(value))).toBe(value)
    expect(await member.does('look')).toMatchObject({ sequence: 1, value: 1, whole: true })
    expect(writer.stats().readers).toBe(1)
    for (const [suffix, code] of [
      ['data', 'EACCES'],
      ['lock', 'EACCES'],
      ['ctl', ''],
    ] as const) {
      expect(await member.does('openFile', { path: path(writer.name, suffix), flags: 'r+' })).toBe(
        code,
      )
    }
    const woken = member.does('next')
    expect(await woken).toMatchObject({ sequence: 50, gap: 48, value: 50 })
    // The kernel tells of another user's death as of one's own.
    await crash(member)
    for (let value = 51; value <= 60; value++) expect(writer.write(flat(value))).toBe(value)
  })

  test.each(['group', 'controlGroup'])(
    'a writer that is no member of its %s is refused, and leaves nothing',
    async (option) => {
      const name = ringName()
      const nobody = await actor({ user: NOBODY })
      const options = { ...SMALL, mode: 0o640, [option]: GROUP }
      await expect(nobody.does('create', { name, options })).rejects.toEqual(
        failure('PERMISSION', new RegExp(`group ${GROUP}.*uid 65534 must be a member`)),
      )
      expect(remains(name)).toEqual([])
    },
  )

  test('a writer without privileges gives its ring to a group it is a member of', async () => {
    const name = ringName()
    const writer = await actor({ user: MEMBER })
    await writer.does('create', { name, options: { ...SMALL, mode: 0o660, group: GROUP } })
    const other = await actor({ user: { uid: 65533, gid: 65533, groups: [GROUP] } })
    await other.does('open', { name })
    const taken = other.does('next')
    await writer.does('write')
    expect(await taken).toMatchObject({ sequence: 1, whole: true })
    await writer.does('closeWriter')
    expect(await other.does('next')).toMatchObject({ none: true, ended: true })
    expect(remains(name)).toEqual([])
  })
})

describe.runIf(isRoot)('an observer of another uid', { timeout: 300_000 }, () => {
  const OPTIONS = { ...SMALL, mode: 0o644 }

  test('learns of the end, of a death, and of a larger ring', async () => {
    const name = ringName()
    const nobody = await actor({ user: NOBODY })
    const observe: ReaderOptions = { observe: true, delivery: 'every' }
    for (const how of ['end', 'death'] as const) {
      const writer = await actor()
      await writer.does('create', { name, options: OPTIONS })
      await nobody.does('open', { name, options: observe })
      await writer.does('write', { frames: 2 })
      expect(await nobody.does('next')).toMatchObject({ sequence: 1, value: 1, length: 16 })
      await writer.does('grow', { bytes: 10_000 })
      await writer.does('write')
      // The second was in the ring left behind, where it still is.
      expect(await nobody.does('next')).toMatchObject({ sequence: 2, gap: 0, length: 16 })
      expect(await nobody.does('next')).toMatchObject({
        sequence: 3,
        gap: 0,
        length: 10_000,
        whole: true,
      })
      if (how === 'end') {
        const ended = nobody.does('next')
        await writer.does('closeWriter')
        expect(await ended).toEqual({ none: true, ended: true })
      } else {
        // Expected before it can happen: a rejection that nobody waits for yet fails the run.
        const died = expect(nobody.does('next')).rejects.toEqual(failure('WRITER_DIED'))
        await crash(writer)
        await died
      }
      await nobody.does('closeReader')
    }
    testWriter(SMALL, name)
  })

  test.each(['latest', 'every'])(
    'gets whole frames of a writer at full speed, what it misses accounted for: %s',
    async (delivery) => {
      const name = ringName()
      const writer = writingPeer(new URL('../invariants/processes/writer.mjs', import.meta.url), {
        ...{ name, words: 16384, slots: 4, options: { mode: 0o644 } },
      })
      const observer = new Peer(new URL('../invariants/processes/reader.mjs', import.meta.url), {
        ...{ name, user: NOBODY, options: { delivery, observe: 1 } },
      })
      onTestFinished(async () => {
        observer.kill()
        await observer.ended()
      })
      for (const peer of [writer, observer]) await peer.heard('ready')
      writer.say('publish', { frames: 1 })
      await writer.heard('published')
      await observer.heard('first')
      writer.say('publish', { frames: 30_000 })
      const { stats } = await writer.heard('published')
      expect(stats).toMatchObject({ dropped: 0, readers: 0, bells: 0 })
      writer.say('close')
      await writer.heard('closed')
      expect(remains(name)).toEqual([])
      const { figures } = await observer.heard('complete')
      const { received, gaps, ...rest } = figures as Record<string, number>
      expect(rest).toMatchObject({ torn: 0, unequal: 0, first: 1, last: 30_001, noSlot: 0 })
      expect(received! + gaps!).toBe(30_001)
      expect(received).toBeGreaterThan(10)
      expect(delivery === 'latest' ? rest['skipped'] : rest['overrun']).toBe(gaps)
    },
  )
})

describe('modes', { timeout: 120_000 }, () => {
  test('whatever is asked for, nobody but the owner can write a frame, and the world nothing', () => {
    const umask = process.umask(0)
    onTestFinished(() => {
      process.umask(umask)
    })
    const name = ringName()
    let made = 0
    for (let mode = 0; mode <= 0o777; mode++) {
      for (const controlGroup of [undefined, process.getgid!()]) {
        const options = { ...SMALL, slots: 2, maxReaders: 1, mode, controlGroup }
        if ((mode & 0o602) !== 0o600) {
          expect(() => createWriter(name, options)).toThrow(failure('OPTION_INVALID', /mode/))
          expect(remains(name)).toEqual([])
          continue
        }
        using writer = createWriter(name, options)
        made++
        const joins = controlGroup !== undefined || (mode & 0o020) !== 0
        const { directory, fifos } = doorbells(writer.name)
        expect({
          data: bits(path(name, 'data')),
          ctl: bits(path(name, 'ctl')),
          lock: bits(path(name, 'lock')),
          directory: bits(directory),
          fifos: fifos.map(bits),
        }).toEqual({
          data: mode & ~0o022,
          ctl: joins ? 0o660 : 0o600,
          lock: 0o600,
          directory: joins ? 0o750 : 0o700,
          fifos: joins ? [0o640, 0o640] : [0o600, 0o600],
        })
      }
    }
    expect(made).toBe(2 * 64)
  })

  test.each(['000', '077'])(
    'no file is ever seen with other bits than its own, under umask %s',
    async (umask) => {
      const name = ringName()
      const watcher = new Peer(new URL('../processes/mode-watcher.mjs', import.meta.url), { name })
      onTestFinished(() => {
        watcher.kill()
      })
      await watcher.heard('ready')
      const writer = await actor({ under: `umask ${umask}; exec "$@"` })
      const group = isRoot ? GROUP : process.getgid!()
      const options = { ...SMALL, slots: 2, maxReaders: 4, mode: 0o664, group }
      for (let round = 0; round < 30; round++) {
        await writer.does('create', { name, options })
        await writer.does('grow', { bytes: 8192 })
        await writer.does('closeWriter')
      }
      await writer.does('create', { name, options })
      watcher.say('stop')
      const { modes } = await watcher.heard('seen')
      await writer.does('closeWriter')
      const own = process.getgid!()
      const { lock, bells, fifo, ...objects } = modes as Record<string, string[]>
      expect(objects).toEqual({ data: [`644 ${group}`], ctl: [`660 ${group}`] })
      expect(lock).toEqual([`600 ${own}`])
      // These begin narrower than they end.
      expect([`700 ${own}`, `700 ${group}`, `750 ${group}`]).toEqual(expect.arrayContaining(bells!))
      expect([`600 ${own}`, `600 ${group}`, `640 ${group}`]).toEqual(expect.arrayContaining(fifo!))
    },
  )
})
