import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Segment, shmPath, unlinkFile } from '../../src/segment/index.ts'
import { isRoot, NOBODY } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'
import { holder } from './holder.ts'

const MS_SYNC = 4
const failure = (code: string, message = /./) => ({
  code,
  message: expect.stringMatching(message) as string,
})

/** A path in /dev/shm that is gone after the test. */
function shm(): string {
  const path = shmPath(ringName())
  onTestFinished(() => {
    fs.rmSync(path, { force: true })
  })
  return path
}

function named(bytes = 100, mode?: number): { segment: Segment; path: string } {
  const path = shm()
  const segment = Segment.create({ directory: '/dev/shm', bytes, mode })
  onTestFinished(() => {
    segment.close()
  })
  new Uint8Array(segment.buffer).fill(7)
  segment.link(path)
  return { segment, path }
}

function opened(path: string, readOnly = false): Segment {
  const segment = Segment.open(path, { readOnly })
  onTestFinished(() => {
    segment.close()
  })
  return segment
}

/** How often this process has that file mapped. */
function mappings({ identity }: Segment): number {
  const maps = fs.readFileSync('/proc/self/maps', 'utf8').split('\n')
  return maps.filter((line) => line.split(/\s+/)[4] === identity.inode).length
}

describe('a new file', () => {
  it('has no name before it is linked, and is whole and for its owner alone from then on', () => {
    const before = fs.readdirSync('/dev/shm')
    const segment = Segment.create({ directory: '/dev/shm', bytes: 5000 })
    onTestFinished(() => {
      segment.close()
    })
    expect(new Uint8Array(segment.buffer)).toEqual(new Uint8Array(5000))
    expect(fs.readdirSync('/dev/shm').filter((name) => !before.includes(name))).not.toContain(
      segment.name,
    )
    const path = shm()
    expect(segment.isNamed(path)).toBe(false)
    segment.link(path)
    expect(segment.isNamed(path)).toBe(true)
    const about = fs.statSync(path)
    expect([about.size, about.mode & 0o777, about.blocks * 512 >= 5000]).toEqual([
      5000,
      0o600,
      true,
    ])
  })

  it('takes the mode it is given whatever the umask is', () => {
    const umask = process.umask(0o077)
    onTestFinished(() => {
      process.umask(umask)
    })
    const { path } = named(10, 0o664)
    expect(fs.statSync(path).mode & 0o777).toBe(0o664)
  })

  it.each([0o602, 0o666, 0o777, 0o4600])('is not made with mode %o', (mode) => {
    expect(() => Segment.create({ directory: '/dev/shm', bytes: 1, mode })).toThrow(
      expect.objectContaining(failure('OPTION_INVALID', /0664/)),
    )
  })

  it('does not take a name that is taken, and can be given another', () => {
    const { path } = named()
    const second = Segment.create({ directory: '/dev/shm', bytes: 1 })
    onTestFinished(() => {
      second.close()
    })
    expect(() => {
      second.link(path)
    }).toThrow(expect.objectContaining(failure('EXISTS', /remove it/)))
    const free = shm()
    second.link(free)
    expect(fs.statSync(free).size).toBe(1)
    expect(() => {
      second.link(shm())
    }).toThrow(expect.objectContaining(failure('OPTION_INVALID')))
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 60])('of %s bytes is refused', (bytes) => {
    expect(() => Segment.create({ directory: '/dev/shm', bytes })).toThrow(
      expect.objectContaining(failure('OPTION_INVALID')),
    )
  })

  it('in no directory, or for want of room, is an error that leaves nothing', () => {
    expect(() => Segment.create({ directory: '/dev/shm/none', bytes: 1 })).toThrow(
      expect.objectContaining(failure('NOT_FOUND', /make it/)),
    )
    expect(() => Segment.create({ directory: '/dev/shm', bytes: 2 ** 46 })).toThrow(
      expect.objectContaining({ ...failure('SHM_FULL', /--shm-size/), needed: 2 ** 46 }),
    )
  })

  it('can live on a disk', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'framering-segment-'))
    onTestFinished(() => {
      fs.rmSync(folder, { recursive: true })
    })
    const segment = Segment.create({ directory: folder, bytes: 3 })
    new Uint8Array(segment.buffer).set([1, 2, 3])
    segment.link(join(folder, 'a'))
    segment.sync(0, 3, MS_SYNC)
    segment.close()
    expect([...fs.readFileSync(join(folder, 'a'))]).toEqual([1, 2, 3])
  })
})

describe('an open file', () => {
  it('is the same memory for everybody', async () => {
    const { segment, path } = named()
    const other = await holder()
    expect(await other.does('open', { path })).toMatchObject({ bytes: 100, mode: 0o600 })
    expect(await other.does('look')).toEqual({ first: 7, last: 7, same: true })
    await other.does('fill', { value: 9 })
    expect(new Uint8Array(segment.buffer)[99]).toBe(9)
  })

  it('keeps writes into a read-only one to the process that made them', () => {
    const { segment, path } = named(10_000)
    const reader = opened(path, true)
    new Uint8Array(reader.buffer).fill(1, 0, 10)
    expect(new Uint8Array(reader.buffer)[0]).toBe(1)
    expect(new Uint8Array(segment.buffer).every((byte) => byte === 7)).toBe(true)
    new Uint8Array(segment.buffer).fill(8)
    // A page that was not written follows the others.
    expect(new Uint8Array(reader.buffer)[9000]).toBe(8)
  })

  it('is empty once closed, and its memory not mapped', () => {
    const { path, segment: created } = named()
    const segment = Segment.open(path)
    const view = new Uint8Array(segment.buffer)
    expect(mappings(created)).toBe(2)
    segment.close()
    segment.close()
    expect([view.length, segment.buffer.byteLength, segment.closed]).toEqual([0, 0, true])
    expect(mappings(created)).toBe(1)
    expect(() => {
      segment.lock(0, 1)
    }).toThrow(expect.objectContaining(failure('CLOSED')))
  })

  it('reads as zeros where its buffer was moved away before it was closed', () => {
    const { path } = named()
    const segment = Segment.open(path)
    const moved = structuredClone(segment.buffer, { transfer: [segment.buffer] })
    segment.close()
    const view = new Uint8Array(moved)
    expect(view.every((byte) => byte === 0 || byte === 7)).toBe(true)
    view.fill(5)
    expect(new Uint8Array(Segment.open(path).buffer)[0]).toBe(7)
  })

  it('is unmapped when nothing refers to its buffer any more', async () => {
    const { path, segment: created } = named()
    const views = [new Uint8Array(Segment.open(path).buffer)]
    gc!()
    await new Promise(setImmediate)
    expect([views[0]![0], Segment.of(views[0]!.buffer)?.bytes]).toEqual([7, 100])
    expect(mappings(created)).toBe(2)
    views.length = 0
    for (let i = 0; mappings(created) === 2 && i < 100; i++) {
      gc!()
      await new Promise(setImmediate)
    }
    expect(mappings(created)).toBe(1)
  })

  it('survives being cut off, and says so', () => {
    const { segment, path } = named(20_000)
    const reader = opened(path, true)
    fs.truncateSync(path, 4096)
    for (const one of [segment, reader]) {
      const view = new Uint8Array(one.buffer)
      expect([view[4095], view[19_999]]).toEqual([7, 0])
      view[19_999] = 1
      expect(one.truncated).toBe(true)
      expect(() => {
        one.sync(0, 20_000, MS_SYNC)
      }).toThrow(expect.objectContaining(failure('TRUNCATED', /attach anew/)))
    }
  })

  it('stays when its name is removed', () => {
    const { segment, path } = named()
    unlinkFile(path)
    expect(segment.isNamed(path)).toBe(false)
    expect(new Uint8Array(segment.buffer)[0]).toBe(7)
    expect(() => {
      unlinkFile(path)
    }).toThrow(expect.objectContaining(failure('NOT_FOUND')))
  })

  it('is refused where it is none, without waiting', () => {
    const fifo = shm()
    execFileSync('mkfifo', [fifo])
    const link = shm()
    fs.symlinkSync(named().path, link)
    const empty = shm()
    fs.writeFileSync(empty, '')
    expect(() => Segment.open(shm())).toThrow(expect.objectContaining(failure('NOT_FOUND')))
    for (const path of [fifo, link, '/dev/shm', '/dev/null']) {
      for (const readOnly of [false, true]) {
        expect(() => Segment.open(path, { readOnly })).toThrow(
          expect.objectContaining(failure('OPTION_INVALID')),
        )
      }
    }
    expect(() => Segment.open(empty)).toThrow(expect.objectContaining(failure('TRUNCATED')))
  })

  it.skipIf(!isRoot)('is open to others only as its mode says', async () => {
    const { path } = named(10, 0o644)
    const secret = named(10).path
    const other = await holder()
    await other.does('become', NOBODY)
    expect(await other.does('open', { path, readOnly: true })).toMatchObject({ readOnly: true })
    await expect(other.does('open', { path })).rejects.toMatchObject(
      failure('PERMISSION', /readOnly/),
    )
    await expect(other.does('open', { path: secret, readOnly: true })).rejects.toMatchObject(
      failure('PERMISSION', /mode/),
    )
  })

  it.skipIf(!isRoot)('cannot be locked beyond the limit', async () => {
    const { path } = named(1 << 20)
    // Root may lock without limit, so it becomes somebody who may not.
    const other = await holder('ulimit -l 64; exec "$@"')
    await other.does('open', { path })
    await other.does('become', NOBODY)
    await expect(other.does('lock')).rejects.toMatchObject({
      ...failure('MEMLOCK', /ulimit -l/),
      needed: 1 << 20,
      available: 65536,
    })
  })
})

describe.skipIf(!isRoot)('a full file system', () => {
  async function cramped() {
    const folder = fs.mkdtempSync(join(tmpdir(), 'framering-segment-'))
    onTestFinished(() => {
      fs.rmSync(folder, { recursive: true })
    })
    const mount = `mount -t tmpfs -o size=1m,nr_inodes=20 none "$FOLDER"; exec "$@"`
    const other = await holder(`exec unshare -m sh -ec '${mount}' sh "$@"`, { FOLDER: folder })
    return { folder, other }
  }

  it('is an error at creation, and nothing is left', async () => {
    const { folder, other } = await cramped()
    await expect(
      other.does('create', { directory: folder, bytes: 2 << 20, path: join(folder, 'a') }),
    ).rejects.toMatchObject(failure('SHM_FULL'))
    expect(await other.does('list', { path: folder })).toEqual([])
  })

  it('is an error when a sparse file is opened, not a signal when it is written', async () => {
    const { folder, other } = await cramped()
    const sparse = join(folder, 'sparse')
    await other.does('occupy', { path: sparse, bytes: 1 })
    await other.does('stretch', { path: sparse, bytes: 900_000 })
    await other.does('occupy', { path: join(folder, 'rest'), bytes: 500_000 })
    await expect(other.does('open', { path: sparse })).rejects.toMatchObject(
      failure('SHM_FULL', /holes|needs/),
    )
    // Reading needs no room that writing would.
    expect(await other.does('open', { path: sparse, readOnly: true })).toMatchObject({
      bytes: 900_000,
    })
    expect(await other.does('look')).toMatchObject({ first: 1, last: 0 })
    await other.does('remove', { path: join(folder, 'rest') })
    await other.does('open', { path: sparse })
    await other.does('occupy', { path: join(folder, 'rest'), bytes: 100_000 })
    expect(await other.does('fill', { value: 3 })).toBe(900_000)
  })
})
