import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ErrorCode, Frame } from '../../src/index.ts'
import {
  createWriter,
  frames,
  openReader,
  ringBytes,
  slotsFor,
  specOf,
  syncFrames,
} from '../../src/index.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testReader, testWriter } from './fixtures.ts'

function refuses(call: () => unknown, code: ErrorCode, message?: RegExp): void {
  expect(call).toThrow(failure(code, message))
}

describe('createWriter refuses, says what to give, and leaves nothing behind', () => {
  test.each([
    [''],
    ['a/b'],
    ['..\0'],
    ['with space'],
    ['ü'],
    ['x'.repeat(129)],
    [undefined],
    [null],
    [7],
  ])('the name %j', (name) => {
    refuses(() => createWriter(name as string, SMALL), 'NAME_INVALID')
    refuses(() => openReader(name as string), 'NAME_INVALID')
  })

  test.each<[object, ErrorCode, RegExp]>([
    [{ shape: [0] }, 'FORMAT_INVALID', /whole number/],
    [{ shape: [-1] }, 'FORMAT_INVALID', /whole number/],
    [{ shape: [1.5] }, 'FORMAT_INVALID', /whole number/],
    [{ shape: [2 ** 30, 2 ** 30] }, 'FORMAT_INVALID', /2\^53/],
    [{ shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, 'FORMAT_INVALID', /8 dimensions/],
    [{ dtype: 'pixel' }, 'FORMAT_INVALID', /dtype/],
    [{ slots: 0 }, 'OPTION_INVALID', /slots is 0; give a whole number from 2 to 1000/],
    [{ slots: 1 }, 'OPTION_INVALID', /slots/],
    [{ slots: 2.5 }, 'OPTION_INVALID', /slots/],
    [{ slots: -3 }, 'OPTION_INVALID', /slots/],
    [{ slots: 1001 }, 'OPTION_INVALID', /slots/],
    [{ slots: NaN }, 'OPTION_INVALID', /slots/],
    [{ slots: '8' }, 'OPTION_INVALID', /slots is "8"/],
    [{ maxReaders: 0 }, 'OPTION_INVALID', /maxReaders is 0; give a whole number from 1 to 64/],
    [{ maxReaders: 65 }, 'OPTION_INVALID', /maxReaders/],
    [{ mode: 0o1000 }, 'OPTION_INVALID', /mode/],
    [{ mode: -1 }, 'OPTION_INVALID', /mode/],
    [{ group: -2 }, 'OPTION_INVALID', /group/],
    [{ memoryLock: 'maybe' }, 'OPTION_INVALID', /memoryLock is "maybe"; give 'try', 'required'/],
    [{ reliableLimit: -1 }, 'OPTION_INVALID', /reliableLimit/],
    [{ reliableLimit: Infinity }, 'OPTION_INVALID', /reliableLimit/],
    [{ slotBytes: 8 }, 'OPTION_INVALID', /slotBytes is 8; give a whole number from 16/],
    [{ slotBytes: 2 ** 53 }, 'OPTION_INVALID', /slotBytes/],
    [{ directory: 'shm' }, 'OPTION_INVALID', /directory is "shm"; give an absolute path/],
    [{ directory: 3 }, 'OPTION_INVALID', /directory/],
    [{ slot: 4 }, 'OPTION_INVALID', /createWriter has no option 'slot'; did you mean 'slots'\?/],
    [{ xyzzyplugh: 4 }, 'OPTION_INVALID', /no option 'xyzzyplugh'; it has format, capacity/],
    [{ slots: Object.create(null) as object }, 'OPTION_INVALID', /slots is \[Object/],
    [{ capacity: 9 }, 'FORMAT_INVALID', /capacity/],
    [{ info: Symbol('info') }, 'OPTION_INVALID', /JSON/],
    [{ info: 'x'.repeat(5000) }, 'OPTION_INVALID', /5002 bytes/],
  ])('%j', (options, code, message) => {
    const name = ringName()
    refuses(() => createWriter(name, { ...SMALL, ...options }), code, message)
    expect(remains(name)).toEqual([])
  })

  test('no options at all', () => {
    refuses(() => createWriter(ringName(), undefined as never), 'OPTION_INVALID', /object/)
    refuses(() => createWriter(ringName(), {} as never), 'FORMAT_INVALID')
  })

  test('a name that a live writer holds', () => {
    const writer = testWriter()
    refuses(() => createWriter(writer.name, SMALL), 'NAME_IN_USE')
    expect(writer.write(flat(1))).toBe(1)
  })

  test('a directory that is not there', () => {
    const directory = join(tmpdir(), ringName())
    expect(() => createWriter('x', { ...SMALL, directory })).toThrow(directory)
    expect(existsSync(directory)).toBe(false)
  })

  test('more memory than there is, before taking any', () => {
    const name = ringName()
    try {
      createWriter(name, { dtype: 'uint8', shape: [2 ** 40], slots: 64 })
      expect.unreachable()
    } catch (error) {
      expect(error).toEqual(failure('SHM_FULL', /--shm-size/))
      const { needed, available } = error as { needed: number; available: number }
      expect(needed).toBeGreaterThan(64 * 2 ** 40)
      expect(available).toBeLessThan(needed)
    }
    expect(remains(name)).toEqual([])
  })
})

describe('a frame is refused, with what to give, and no sequence is used up', () => {
  test.each<[unknown, RegExp]>([
    [5, /meta is 5; give an object/],
    [null, /meta is null/],
    [
      { captureTime: 5_000_000n },
      /captureTime is 5000000n; give .*now\(\), or Number\(ns\) \/ 1e6/,
    ],
    [{ captureTime: 'abc' }, /captureTime is "abc"; give ms as a number/],
    [{ captureTime: NaN }, /captureTime is NaN/],
    [{ captureTime: Object.create(null) as object }, /captureTime is \[Object/],
    [{ captureClock: 1n }, /captureClock is 1n; give one of monotonic/],
    [{ sourceSequence: '7' }, /sourceSequence is "7"/],
    [{ pts: 5n }, /pts is 5n/],
    [{ duration: Infinity }, /duration is Infinity/],
    [{ timeBase: 5 }, /timeBase is 5; give two whole numbers/],
    [{ timeBase: [1, 0] }, /timeBase is \[ 1, 0 \]/],
    [{ timeBase: [1] }, /timeBase/],
    [{ timeBase: [1, 2, 3] }, /timeBase/],
    [{ key: 'no' }, /key is "no"; give true or false/],
    [{ user: 5 }, /user is 5; give an array/],
    [{ user: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, /9 words/],
    [{ user: [1, NaN] }, /user\[1\] is NaN; give a whole number/],
    [{ user: [Infinity] }, /user\[0\] is Infinity/],
    [{ user: [1n] }, /user\[0\] is 1n/],
  ])('the meta %o', (meta, message) => {
    const writer = testWriter()
    refuses(() => writer.write(flat(1), meta as never), 'OPTION_INVALID', message)
    using loan = writer.loan()
    refuses(() => loan.publish(meta as never), 'OPTION_INVALID', message)
    expect(loan.publish({ captureTime: 5, timeBase: [1, 30], user: [1] })).toBe(1)
  })
})

describe('specifications are refused', () => {
  test('by specOf, when there is no format', () => {
    for (const format of [undefined, null, 5, {}, { dtype: 'uint8', shape: [4] }]) {
      refuses(() => specOf(format as never), 'FORMAT_INVALID', /specOf.*source\.format/)
    }
  })

  test('when the colour is none', () => {
    const format = { fourcc: 'RGB3', width: 4, height: 4, color: null }
    refuses(() => createWriter(ringName(), { format } as never), 'FORMAT_INVALID', /color/)
  })

  test('by the compiler and at run time, when they are picture and array at once', () => {
    const format = { fourcc: 'RGB3', width: 4, height: 4 }
    refuses(
      // @ts-expect-error -- either a picture or an array
      () => createWriter(ringName(), { format, dtype: 'uint8', shape: [4] }),
      'FORMAT_INVALID',
      /not both/,
    )
    refuses(
      () => createWriter(ringName(), { format, shape: [4] } as never),
      'FORMAT_INVALID',
      /both/,
    )
  })
})

describe('reading refuses', () => {
  test.each<[object, RegExp]>([
    [{ delivery: 'all' }, /delivery is "all"; give 'latest', 'every', 'reliable'/],
    [{ maxFps: 0 }, /maxFps/],
    [{ maxFps: -1 }, /maxFps/],
    [{ maxFps: NaN }, /maxFps/],
    [{ maxAge: 0 }, /maxAge/],
    [{ deadline: 5 }, /deadline and onDeadline/],
    [{ onDeadline: () => undefined }, /deadline and onDeadline/],
    [{ deadline: -5, onDeadline: () => undefined }, /deadline/],
    [{ replay: -1 }, /replay/],
    [{ replay: 0.5 }, /replay/],
    [{ maxLeases: 0 }, /maxLeases is 0; give a whole number from 1 to 1000/],
    [{ views: 'shared' }, /views is "shared"; give 'revoke', 'cached', 'copy'/],
    [{ reliableWait: -1 }, /reliableWait/],
    [{ wait: -1 }, /wait/],
    [{ wait: 'long' }, /wait/],
    [{ signal: 'stop' }, /signal/],
    [{ directory: './x' }, /directory/],
    [{ maxfps: 3 }, /a reader has no option 'maxfps'; did you mean 'maxFps'\?/],
    [{ tolerance: 3 }, /a reader has no option 'tolerance'; it has delivery/],
    [{ reconnect: 'yes' }, /reconnect is "yes"; give true or false/],
    [{ onDeadline: 5 }, /deadline and onDeadline/],
    [{ reliableWait: null }, /reliableWait is null/],
    [{ delivery: null }, /delivery is null/],
  ])('the option %j', (options, message) => {
    const { name } = testWriter()
    refuses(() => openReader(name, options), 'OPTION_INVALID', message)
    refuses(() => frames(name, options), 'OPTION_INVALID', message)
  })

  test('options that are no object', () => {
    for (const options of [5, null, []]) {
      refuses(() => openReader('x', options as never), 'OPTION_INVALID', /object/)
    }
  })

  test.each([[null], [5], [{ signal: 5 }], [{ timeout: 'soon' }], [{ timeOut: 5 }]])(
    'next(%j)',
    async (options) => {
      const writer = testWriter()
      const reader = testReader(writer)
      writer.write(flat(1))
      await expect(reader.next(options as never)).rejects.toEqual(
        failure('OPTION_INVALID', /object|signal|timeout/),
      )
      // No frame was taken for it.
      expect(reader.stats()).toMatchObject({ received: 0, leases: 0 })
    },
  )

  test('but not the options of syncFrames, nor those left undefined', () => {
    const names = [ringName(), ringName()]
    const reading = { tolerance: 5, signal: undefined, wait: true }
    expect(() => syncFrames(names, reading)).not.toThrow()
    refuses(
      () => syncFrames(names, { tolerance: 5, maxfps: 3 } as never),
      'OPTION_INVALID',
      /maxFps/,
    )
  })

  test('a ring that is not there', () => {
    refuses(() => openReader(ringName()), 'NOT_FOUND')
  })

  test('a file that is no ring', () => {
    const directory = mkdtempSync(join(tmpdir(), 'framering-'))
    onTestFinished(() => {
      rmSync(directory, { recursive: true })
    })
    for (const content of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(1 << 16, 'no ring')]) {
      writeFileSync(join(directory, 'framering.front.data'), content)
      writeFileSync(join(directory, 'framering.front.ctl'), content)
      refuses(() => openReader('front', { directory }), 'NOT_A_RING')
    }
  })

  test('one reader more than the ring has room for, until one leaves', () => {
    const writer = testWriter({ ...SMALL, maxReaders: 2 })
    const first = testReader(writer)
    testReader(writer)
    refuses(() => openReader(writer.name), 'READERS_EXHAUSTED', /all 2 reader entries/)
    first.close()
    testReader(writer).close()
  })

  test('one frame more than maxLeases, until one is released', () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxLeases: 2, delivery: 'every', replay: 3 })
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    using first = reader.tryNext()
    using second = reader.tryNext()
    refuses(() => reader.tryNext(), 'LEASES_EXHAUSTED', /maxLeases/)
    refuses(() => reader.waitSync(10), 'LEASES_EXHAUSTED')
    first?.release()
    using third = reader.tryNext()
    expect([second?.sequence, third?.sequence]).toEqual([2, 3])
  })

  test('a timeout that is none', () => {
    const reader = testReader(testWriter())
    refuses(() => reader.waitSync(-1), 'OPTION_INVALID', /timeout/)
    refuses(() => reader.waitSync(NaN), 'OPTION_INVALID', /timeout/)
  })

  test('whatever comes after close', async () => {
    const reader = testReader(testWriter())
    reader.close()
    reader.close()
    refuses(() => reader.tryNext(), 'CLOSED', /open another/)
    refuses(() => reader.waitSync(0), 'CLOSED')
    await expect(reader.next()).rejects.toEqual(failure('CLOSED'))
  })

  // Root may open anything; what others meet then is in permissions.test.ts.
  test.skipIf(process.getuid?.() === 0)(
    'objects of somebody else, naming uid, mode and object',
    () => {
      const writer = testWriter()
      chmodSync(`/dev/shm/framering.${writer.name}.data`, 0)
      refuses(() => openReader(writer.name), 'PERMISSION', /uid \d+.*mode/)
    },
  )
})

describe('sizes are computed, not guessed', () => {
  test('slotsFor: the newest, loans, leases of all readers, history; at least 2', () => {
    expect(slotsFor({ readers: 3, leases: 2 })).toBe(8)
    expect(slotsFor({ readers: 3, leases: 2, loans: 2, history: 5 })).toBe(14)
    expect(slotsFor({ readers: 0, leases: 0, loans: 0 })).toBe(2)
    refuses(() => slotsFor({ readers: 64, leases: 100 }), 'OPTION_INVALID', /at most 1000/)
    refuses(() => slotsFor({ readers: -1, leases: 1 }), 'OPTION_INVALID', /readers/)
    refuses(() => slotsFor({ readers: 1.5, leases: 1 }), 'OPTION_INVALID', /readers/)
    refuses(() => slotsFor(undefined as never), 'OPTION_INVALID', /slotsFor takes an object/)
    refuses(() => slotsFor({ reader: 3 } as never), 'OPTION_INVALID', /'readers'/)
  })

  test('with slotsFor slots no frame is ever dropped, with one less it is', () => {
    const publish = (slots: number): number => {
      const writer = testWriter({ ...SMALL, slots })
      const readers = [1, 2].map(() => testReader(writer, { maxLeases: 2 }))
      const held: (Frame | null)[] = []
      for (const reader of [...readers, ...readers]) {
        writer.write(flat(1))
        held.push(reader.tryNext())
      }
      let sequence = 0
      for (let i = 0; i < 3; i++) sequence = writer.write(flat(9))
      for (const frame of held) frame?.release()
      return sequence
    }
    const enough = slotsFor({ readers: 2, leases: 2 })
    expect(publish(enough)).toBe(7)
    expect(publish(enough - 1)).toBe(0)
  })

  test('ringBytes is what the ring takes', () => {
    const options = {
      format: { fourcc: 'RGB3', width: 64, height: 48 },
      slots: 5,
      maxReaders: 3,
    } as const
    expect(testWriter(options).stats().bytes).toBe(ringBytes(options))
    expect(ringBytes({ ...options, slotBytes: 1 << 20 })).toBeGreaterThan(5 << 20)
  })
})

test('a ring lives in whatever directory is named', () => {
  const directory = mkdtempSync('/dev/shm/framering-test-')
  onTestFinished(() => {
    rmSync(directory, { recursive: true })
  })
  mkdirSync(join(directory, 'rings'))
  const place = { directory: join(directory, 'rings') }
  const writer = testWriter({ ...SMALL, ...place })
  expect(remains(writer.name, place.directory)).not.toEqual([])
  writer.write(flat(1))
  using frame = testReader(writer, place).tryNext()
  expect(frame?.data).toEqual(flat(1))
  refuses(() => openReader(writer.name), 'NOT_FOUND')
  writer.close()
  expect(remains(writer.name, place.directory)).toEqual([])
})
