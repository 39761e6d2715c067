import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, truncateSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { zeros } from '../../src/ndarray/index.ts'
import {
  attach,
  create,
  detach,
  mlock,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
  msync,
  munlock,
  remove,
} from '../../src/shared-array/index.ts'
import { arrayName, diskFolder, failure, shmFile, thrown } from './fixtures.ts'

/** Kilobytes that this process has locked. */
function locked(): number {
  return Number(/^VmLck:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
}

/** How many mappings of that array's file this process has. */
function mappings(name: string): number {
  const inode = String(statSync(shmFile(name)).ino)
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return maps.filter((line) => line.split(/\s+/)[4] === inode && line.includes('/dev/shm/')).length
}

describe('msync', () => {
  test.each([MS_ASYNC, MS_SYNC, MS_ASYNC | MS_INVALIDATE, MS_SYNC | MS_INVALIDATE])(
    'takes flags %i, for memory, for a file, for a view and for a reader',
    (flags) => {
      const file = `file://${diskFolder()}/array`
      for (const name of [arrayName(), file]) {
        const array = create(name, [100, 100])
        for (const some of [array, array.slice([10, 20]), attach(name, { readOnly: true })]) {
          msync(some, flags)
        }
      }
    },
  )

  test.each([
    ['neither way', 0],
    ['neither way', MS_INVALIDATE],
    ['both ways', MS_ASYNC | MS_SYNC],
    ['both ways', MS_ASYNC | MS_SYNC | MS_INVALIDATE],
    ['an unknown flag', MS_SYNC | 8],
    ['a high one', MS_SYNC + 2 ** 32],
    ['a negative one', -MS_SYNC],
    ['a fraction', 4.5],
    ['no number', '4' as never],
    ['nothing', undefined as never],
  ])('refuses %s: %s', (_, flags) => {
    const array = create(arrayName(), 1)
    expect(
      thrown(() => {
        msync(array, flags)
      }),
    ).toEqual(failure('OPTION_INVALID', /one of/))
  })

  test('of a locked array refuses MS_INVALIDATE and says what to do', () => {
    const array = create(arrayName(), 1)
    mlock(array)
    expect(
      thrown(() => {
        msync(array, MS_SYNC | MS_INVALIDATE)
      }),
    ).toEqual(failure('OPTION_INVALID', /munlock/))
    munlock(array)
    msync(array, MS_SYNC | MS_INVALIDATE)
  })

  test('tells when the file was cut off', () => {
    const name = arrayName()
    const array = create(name, [4096 * 2], 'uint8')
    truncateSync(shmFile(name), 0)
    array.set(0, 1)
    expect(
      thrown(() => {
        msync(array, MS_SYNC)
      }),
    ).toEqual(failure('TRUNCATED'))
  })
})

describe('mlock', () => {
  test('locks the whole array, of a view too, and munlock lets it go', () => {
    const array = create(arrayName(), [256 << 10], 'uint8')
    const before = locked()
    mlock(array.slice([0, 10]))
    expect(locked() - before).toBe(260)
    mlock(array)
    expect(locked() - before).toBe(260)
    munlock(array)
    expect(locked() - before).toBe(0)
    munlock(array)
  })

  test('ends with detach', () => {
    const array = create(arrayName(), [64 << 10], 'uint8')
    const before = locked()
    mlock(array)
    detach(array)
    expect(locked()).toBe(before)
  })

  test('beyond the limit is MEMLOCK with the bytes, and the array works on', () => {
    // Root locks without limit, so nobody does it, who may not be able to load the addon.
    const script = `
      import { execFileSync } from 'node:child_process'
      import { create, mlock, remove } from 'framering/shared-array'
      const array = create(process.argv[1], [1 << 20], 'uint8')
      remove(process.argv[1])
      execFileSync('prlimit', ['--pid', process.pid, '--memlock=65536:65536'])
      if (process.getuid() === 0) process.setuid(65534)
      try { mlock(array) } catch ({ code, message, needed, available }) {
        console.log(JSON.stringify({ code, message, needed, available, value: array.fill(1).get(5) }))
      }`
    const options = { encoding: 'utf8', cwd: new URL('../..', import.meta.url) } as const
    const args = ['--input-type=module', '-e', script, arrayName()]
    const told = execFileSync(process.execPath, args, options)
    expect(JSON.parse(told)).toMatchObject({
      code: 'MEMLOCK',
      message: expect.stringMatching(/ulimit -l/) as string,
      needed: (1 << 20) + 4096,
      available: 65536,
      value: 1,
    })
  })
})

describe('detach', () => {
  test('empties the array and its views at once and unmaps it', () => {
    const name = arrayName()
    const array = create(name, [2, 2], 'uint8')
    const other = attach(name)
    const view = array.T
    expect(mappings(name)).toBe(2)
    detach(view)
    expect(mappings(name)).toBe(1)
    expect(array.data).toHaveLength(0)
    expect(thrown(() => array.get(0, 0))).toEqual(failure('RELEASED'))
    expect(thrown(() => view.fill(1))).toEqual(failure('RELEASED'))
    expect(other.get(0, 0)).toBe(0)
  })

  test('a second time does nothing', () => {
    const array = create(arrayName(), 1)
    detach(array)
    detach(array)
    expect(array.data).toHaveLength(0)
  })

  test('leaves nothing to lock or to write', () => {
    const array = create(arrayName(), 1)
    detach(array)
    for (const use of [
      mlock,
      munlock,
      (gone: typeof array) => {
        msync(gone, MS_SYNC)
      },
    ]) {
      expect(
        thrown(() => {
          use(array)
        }),
      ).toEqual(failure('CLOSED', /attach it again/))
    }
  })
})

test('an array that nobody holds any more is unmapped when it is collected', async () => {
  const name = arrayName()
  create(name, [1 << 20], 'uint8')
  expect(mappings(name)).toBe(1)
  // A turn of the event loop lets go of the stack's last reference.
  for (let turns = 0; mappings(name) > 0 && turns < 100; turns++) {
    await new Promise(setImmediate)
    globalThis.gc!()
  }
  expect(mappings(name)).toBe(0)
  remove(name)
})

test('what is not in shared memory is OPTION_INVALID', () => {
  const array = zeros('uint8', [1])
  for (const use of [
    mlock,
    munlock,
    detach,
    (some: typeof array) => {
      msync(some, MS_SYNC)
    },
  ]) {
    expect(
      thrown(() => {
        use(array)
      }),
    ).toEqual(failure('OPTION_INVALID', /shared memory/))
  }
})
