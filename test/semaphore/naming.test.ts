import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSemaphore,
  openSemaphore,
  SEMAPHORE_MAX,
  unlinkSemaphore,
} from '../../src/semaphore/index.ts'
import { isRoot, NOBODY } from '../support/actor.ts'
import { failure, fresh, freshName, holder, opened, pathOf } from './fixtures.ts'

const refused = (code: string, message?: RegExp): unknown =>
  expect.objectContaining(failure(code, message))

describe('a new semaphore', () => {
  test('has its units and its mode, 0600 unless said, whatever the umask is', async () => {
    const other = await holder()
    await other.does('umask', { mask: 0o077 })
    const name = freshName()
    await other.does('create', { name, options: { value: 7, mode: 0o664 } })
    expect(fs.statSync(pathOf(name)).mode & 0o7777).toBe(0o664)
    expect(opened(name).value).toBe(7)
    await other.does('umask', { mask: 0 })
    const plain = freshName()
    await other.does('create', { name: plain })
    expect(fs.statSync(pathOf(plain)).mode & 0o7777).toBe(0o600)
    expect(opened(plain).value).toBe(0)
  })

  test.each([0o602, 0o666, 0o700, 0o777])('is not made with mode %o', (mode) => {
    expect(() => createSemaphore(freshName(), { mode })).toThrow(refused('OPTION_INVALID', /0664/))
  })

  test('may have no units or as many as there can be, and no other number', () => {
    expect(fresh({ value: 0 }).value).toBe(0)
    expect(fresh({ value: SEMAPHORE_MAX }).value).toBe(2 ** 31 - 1)
    const name = freshName()
    for (const value of [-1, 1.5, NaN, SEMAPHORE_MAX + 1, '1' as never]) {
      expect(() => createSemaphore(name, { value })).toThrow(refused('OPTION_INVALID', /value/))
    }
    for (const mode of [-1, 0o1000, 0.5]) {
      expect(() => createSemaphore(name, { mode })).toThrow(refused('OPTION_INVALID', /mode/))
    }
    expect(() => createSemaphore(name, { exclusive: 1 as never })).toThrow(
      refused('OPTION_INVALID', /exclusive/),
    )
    expect(() => createSemaphore(name, { initial: 1 } as never)).toThrow(
      refused('OPTION_INVALID', /initial/),
    )
    expect(fs.existsSync(pathOf(name))).toBe(false)
  })

  test('is the one there is already, unless it must be exclusive', () => {
    const first = fresh({ value: 2, mode: 0o640 })
    const again = createSemaphore(first.name, { value: 9, mode: 0o600 })
    expect(again.value).toBe(2)
    again.post()
    expect(first.value).toBe(3)
    again.close()
    expect(fs.statSync(pathOf(first.name)).mode & 0o7777).toBe(0o640)
    expect(() => createSemaphore(first.name, { exclusive: true })).toThrow(refused('EXISTS'))
    expect(first.value).toBe(3)
  })

  test('is made by one alone of many who all want it exclusively', async () => {
    const name = freshName()
    const many = await Promise.all(Array.from({ length: 4 }, () => holder()))
    const results = await Promise.allSettled(
      many.map((one) => one.does('create', { name, options: { exclusive: true } })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(failure('EXISTS'))
    }
  })

  test('is had by whoever asks while others remove it again and again', async () => {
    const name = freshName()
    const [maker, remover] = await Promise.all([holder(), holder()])
    const removing = remover.does('churn', { name, times: 20_000, remove: true })
    await maker.does('churn', { name, times: 5000 })
    await removing
    expect(fs.readdirSync('/dev/shm').filter((file) => file.includes(name)).length).toBeLessThan(2)
  })
})

describe('a name', () => {
  test('may have a slash at its start, and is the same without', () => {
    const one = fresh({ value: 4 })
    const other = opened(`/${one.name}`)
    expect(other.name).toBe(one.name)
    expect(other.value).toBe(4)
  })

  test('has 1 to 251 bytes, no other slash and no NUL', () => {
    for (const name of ['', '/', '//a', 'a/b', 'a/', '../a', 'a\0b', 'é'.repeat(126)]) {
      expect(() => createSemaphore(name)).toThrow(refused('NAME_INVALID'))
      expect(() => openSemaphore(name)).toThrow(refused('NAME_INVALID'))
      expect(() => {
        unlinkSemaphore(name)
      }).toThrow(refused('NAME_INVALID'))
    }
    const base = freshName()
    const longest = base + 'x'.repeat(251 - base.length)
    createSemaphore(longest).close()
    expect(() => openSemaphore(`${longest}x`)).toThrow(refused('NAME_INVALID', /251/))
    unlinkSemaphore(`/${longest}`)
  })

  test('that is no text is refused', () => {
    for (const name of [undefined, 7, {}, Symbol('a')]) {
      expect(() => openSemaphore(name as never)).toThrow(refused('OPTION_INVALID', /name/))
    }
  })

  test('that is not there is NOT_FOUND to open and to unlink, the second time too', () => {
    const name = freshName()
    expect(() => openSemaphore(name)).toThrow(refused('NOT_FOUND'))
    createSemaphore(name).close()
    unlinkSemaphore(name)
    expect(() => {
      unlinkSemaphore(name)
    }).toThrow(refused('NOT_FOUND'))
  })

  test('that was unlinked stands for another semaphore; who has the old one goes on', () => {
    const old = fresh({ value: 1 })
    const also = opened(old.name)
    unlinkSemaphore(old.name)
    const next = createSemaphore(old.name, { value: 5, exclusive: true })
    old.post()
    expect([old.value, also.value, next.value]).toEqual([2, 2, 5])
    next.close()
  })
})

describe('what is no semaphore is refused and left alone:', () => {
  const words = (...numbers: number[]): Buffer =>
    Buffer.concat([Buffer.from(Int32Array.from(numbers).buffer)], 32)

  test.each<[string, (path: string) => void]>([
    [
      'an empty file',
      (path) => {
        fs.writeFileSync(path, '')
      },
    ],
    [
      '31 bytes',
      (path) => {
        fs.writeFileSync(path, Buffer.alloc(31))
      },
    ],
    [
      'a 32-bit process’s',
      (path) => {
        fs.writeFileSync(path, Buffer.alloc(16))
      },
    ],
    [
      '33 bytes',
      (path) => {
        fs.writeFileSync(path, Buffer.alloc(33))
      },
    ],
    [
      'another C library’s',
      (path) => {
        fs.writeFileSync(path, words(1, 0, 0))
      },
    ],
    [
      'one for the threads of a process',
      (path) => {
        fs.writeFileSync(path, words(1, 0, 1))
      },
    ],
    [
      'a directory',
      (path) => {
        fs.mkdirSync(path)
      },
    ],
    [
      'a link to a good one',
      (path) => {
        fs.symlinkSync(pathOf(fresh().name), path)
      },
    ],
    ['a FIFO', (path) => spawnSync('mkfifo', [path])],
    [
      'a socket',
      (path) => {
        const server = createServer().listen(path)
        onTestFinished(() => void server.close())
      },
    ],
  ])('%s', async (_what, make) => {
    const name = freshName()
    make(pathOf(name))
    await expect.poll(() => fs.existsSync(pathOf(name))).toBe(true)
    const before = fs.lstatSync(pathOf(name))
    expect(() => openSemaphore(name)).toThrow(refused('NOT_A_SEMAPHORE'))
    expect(() => createSemaphore(name)).toThrow(refused('NOT_A_SEMAPHORE'))
    expect(() => createSemaphore(name, { exclusive: true })).toThrow(refused('EXISTS'))
    const after = fs.lstatSync(pathOf(name))
    expect([after.ino, after.size]).toEqual([before.ino, before.size])
  })

  test('a directory, to unlink as well', () => {
    const name = freshName()
    fs.mkdirSync(pathOf(name))
    expect(() => {
      unlinkSemaphore(name)
    }).toThrow(refused('NOT_A_SEMAPHORE'))
  })
})

describe('what the system has no more of is an error that leaves nothing:', () => {
  const left = (name: string) =>
    fs.readdirSync('/dev/shm').filter((file) => file.includes(name)).length

  test('handles and mappings come back when it is closed', async () => {
    const { name } = fresh()
    const other = await holder()
    const before = await other.does('held')
    for (let i = 0; i < 3; i++) {
      await other.does('open', { name })
      await other.does('close')
    }
    expect(await other.does('held')).toEqual(before)
  })

  test('file descriptors', async () => {
    const { name } = fresh()
    const poor = await holder('ulimit -n 200; exec "$@"')
    const unmade = freshName()
    expect(await poor.does('crowd', { name, unmade })).toEqual([
      failure('SYSTEM', /ulimit -n/),
      failure('SYSTEM', /ulimit -n/),
    ])
    expect(left(unmade)).toBe(0)
    await poor.does('open', { name })
  })

  test('mappings', async () => {
    const { name } = fresh()
    const greedy = await holder()
    const { opened: most, ...error } = (await greedy.does('exhaust', { name })) as {
      opened: number
    }
    expect(error).toMatchObject({ code: 'SYSTEM' })
    expect(most).toBeGreaterThan(1000)
    await greedy.does('closeMore')
    await greedy.does('open', { name })
  })

  test('file size', async () => {
    const poor = await holder('ulimit -f 0; exec "$@"')
    const name = freshName()
    await expect(poor.does('create', { name })).rejects.toMatchObject(
      failure('SYSTEM', /RLIMIT_FSIZE/),
    )
    expect(left(name)).toBe(0)
  })

  test.runIf(isRoot).each([
    ['bytes', 'size=4k', true],
    ['inodes', 'nr_inodes=1', false],
  ])('%s in /dev/shm', async (_what, options, occupied) => {
    const poor = await holder(
      `exec unshare -m sh -ec 'mount -t tmpfs -o ${options} none /dev/shm; exec "$@"' sh "$@"`,
    )
    if (occupied) await poor.does('occupy', { path: '/dev/shm/full', bytes: 4096 })
    const name = freshName()
    await expect(poor.does('create', { name })).rejects.toMatchObject(failure('SHM_FULL'))
    expect(await poor.does('list', { path: '/dev/shm' })).toEqual(occupied ? ['full'] : [])
  })
})

describe.runIf(isRoot)('another user', () => {
  test('may neither open nor remove a private one, and the message says whose it is', async () => {
    const { name } = fresh()
    const other = await holder()
    await other.does('become', NOBODY)
    await expect(other.does('open', { name })).rejects.toMatchObject(
      failure('PERMISSION', /uid 65534 .*uid 0, gid 0 with mode 0600/),
    )
    await expect(other.does('create', { name })).rejects.toMatchObject(failure('PERMISSION'))
    await expect(other.does('unlink', { name })).rejects.toMatchObject(failure('PERMISSION'))
    expect(fs.existsSync(pathOf(name))).toBe(true)
  })

  test('may use one that everybody may read and write, and not one that he may only read', async () => {
    const shared = fresh({ value: 1 })
    fs.chmodSync(pathOf(shared.name), 0o666)
    const readable = fresh({ value: 1, mode: 0o644 })
    const other = await holder()
    await other.does('become', NOBODY)
    await other.does('create', { name: shared.name })
    expect(await other.does('tryWait')).toBe(true)
    expect(shared.value).toBe(0)
    await expect(other.does('open', { name: readable.name })).rejects.toMatchObject(
      failure('PERMISSION'),
    )
  })
})
