import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { attach, create, list, nameOf, remove } from '../../src/shared-array/index.ts'
import { zeros } from '../../src/ndarray/index.ts'
import type { LayoutName } from '../../src/shared-array/index.ts'
import {
  arrayName,
  bytesOf,
  diskFolder,
  failure,
  fileOf,
  LAYOUTS,
  RECORD,
  remains,
  shmFile,
  thrown,
} from './fixtures.ts'
import { fifo } from './fifo.ts'

/** An array of 2 × 3 uint16 in a layout, its record changed by `change`. */
function damaged(layout: LayoutName, change: (record: DataView) => void): string {
  const whole = arrayName()
  create(whole, [2, 3], 'uint16', { layout })
  const bytes = Uint8Array.from(bytesOf(whole))
  change(new DataView(bytes.buffer, layout === '0.3' ? 0 : 12, RECORD[layout].bytes))
  return fileOf(bytes)
}

/** What attach says; the file can be removed all the same. */
function refused(name: string): unknown {
  const error = thrown(() => attach(name))
  expect(thrown(() => attach(name, { readOnly: true }))).toEqual(error)
  expect(list().filter((listed) => listed.name === name)).toEqual([])
  remove(name)
  return error
}

describe.each(LAYOUTS)('a record of layout %s is FORMAT_INVALID', (layout) => {
  const { ndims, maxDims, itemsize } = RECORD[layout]

  test('when its size is less than the file has', () => {
    const name = damaged(layout, (record) => {
      record.setBigUint64(16, 11n, true)
    })
    expect(refused(name)).toEqual(failure('FORMAT_INVALID', /11 bytes of elements.*room for 12/))
  })

  test('when its size is the file’s and its shape has another', () => {
    const name = damaged(layout, (record) => {
      record.setBigInt64(ndims + 4, 3n, true)
    })
    expect(refused(name)).toEqual(failure('FORMAT_INVALID', /\[3, 3\] has 18 bytes.*says 12/))
  })

  test('when it has a negative number of axes, or too many', () => {
    for (const count of [-1, maxDims + 1, 0x7fffffff, -0x80000000]) {
      const name = damaged(layout, (record) => {
        record.setInt32(ndims, count, true)
      })
      expect(refused(name)).toEqual(failure('FORMAT_INVALID', new RegExp(`says ${count} dim`)))
    }
  })

  test('when it has a negative number of axes, and the bytes of a single element', () => {
    const whole = arrayName()
    create(whole, [], 'uint16', { layout })
    const bytes = Uint8Array.from(bytesOf(whole))
    new DataView(bytes.buffer).setInt32((layout === '0.3' ? 0 : 2) + ndims, -1, true)
    expect(refused(fileOf(bytes))).toEqual(failure('FORMAT_INVALID', /says -1 dim/))
  })

  test('when a length is negative', () => {
    const name = damaged(layout, (record) => {
      record.setBigInt64(ndims + 4, -2n, true)
      record.setBigInt64(ndims + 12, -3n, true)
    })
    expect(refused(name)).toEqual(failure('FORMAT_INVALID', /dimension 0 has length -2/))
  })

  test('when the lengths multiply to more than can be counted, even round to the right size', () => {
    // 2^32 × 2^32 × 2 bytes are 0 in 64 bits.
    for (const lengths of [
      [2n ** 32n, 2n ** 32n],
      [2n ** 62n, 6n],
      [2n ** 63n - 1n, 2n],
    ]) {
      const name = damaged(layout, (record) => {
        record.setBigInt64(ndims + 4, lengths[0]!, true)
        record.setBigInt64(ndims + 12, lengths[1]!, true)
      })
      expect(refused(name)).toEqual(failure('FORMAT_INVALID', /more bytes than can be counted/))
    }
  })

  test('when a length of 0 hides lengths that cannot be', () => {
    const whole = arrayName()
    create(whole, [0, 3], 'uint16', { layout })
    const bytes = Uint8Array.from(bytesOf(whole))
    new DataView(bytes.buffer).setBigInt64(ndims + 12, 2n ** 60n, true)
    expect(refused(fileOf(bytes))).toEqual(failure('FORMAT_INVALID', /more bytes than can be/))
  })

  test('when axes that it does not have have lengths', () => {
    const name = damaged(layout, (record) => {
      record.setBigInt64(ndims + 4 + 8 * (maxDims - 1), 1n, true)
    })
    expect(refused(name)).toEqual(
      failure('FORMAT_INVALID', /2 dimensions and has lengths for more/),
    )
  })

  test('when its dtype is none that NumPy has', () => {
    for (const number of [24, 25, -1, 0x7fffffff]) {
      const name = damaged(layout, (record) => {
        record.setInt32(24, number, true)
      })
      expect(refused(name)).toEqual(failure('FORMAT_INVALID', new RegExp(`number ${number}`)))
    }
  })

  test.each([
    [13, 'longdouble', 16],
    [16, 'clongdouble', 32],
    [17, 'object', 8],
    [18, 'bytes', 5],
    [19, 'str', 8],
    [20, 'void', 3],
    [21, 'datetime64', 8],
    [22, 'timedelta64', 8],
    [2056, 'StringDType', 16],
  ])('for dtype %i, by its name %s; it is listed and can be removed', (number, dtype, bytes) => {
    const whole = arrayName()
    create(whole, [3 * bytes], 'uint8', { layout })
    const file = Uint8Array.from(bytesOf(whole))
    const start = layout === '0.3' ? 0 : 3 * bytes
    const record = new DataView(file.buffer, start, RECORD[layout].bytes)
    record.setInt32(24, number, true)
    record.setBigInt64(ndims + 4, 3n, true)
    if (itemsize !== undefined) record.setInt32(itemsize, bytes, true)
    const name = fileOf(file)
    expect(thrown(() => attach(name))).toEqual(failure('FORMAT_INVALID', new RegExp(dtype)))
    expect(list()).toContainEqual({ name, dtype, shape: [3] })
    remove(name)
    expect(existsSync(shmFile(name))).toBe(false)
  })
})

test.each(['3.1', '3.1-numpy2'] as const)(
  'a record of layout %s is FORMAT_INVALID when its itemsize is not that of its dtype',
  (layout) => {
    const [uint16, structured] = [4, 20]
    for (const [bytes, typenum] of [
      [1, uint16],
      [4, uint16],
      [0, uint16],
      [-2, uint16],
      [-2, structured],
      [3, structured],
    ] as const) {
      const name = damaged(layout, (record) => {
        record.setInt32(24, typenum, true)
        record.setInt32(RECORD[layout].itemsize, bytes, true)
      })
      const message = bytes === 3 ? /has 18 bytes.*says 12/ : new RegExp(`says ${bytes} bytes an`)
      expect(refused(name)).toEqual(failure('FORMAT_INVALID', message))
    }
  },
)

describe('a file that was cut off', () => {
  test('is TRUNCATED where that can be seen', () => {
    const old = arrayName()
    create(old, [100], 'uint8', { layout: '0.3' })
    for (const bytes of [259, 161, 160, 159, 20, 16]) {
      truncateSync(shmFile(old), bytes)
      expect(thrown(() => attach(old))).toEqual(failure('TRUNCATED', /was cut off/))
    }
    for (const layout of LAYOUTS.filter((layout) => layout !== '0.3')) {
      const name = arrayName()
      create(name, [100], 'uint8', { layout })
      for (const bytes of [1, RECORD[layout].bytes - 24]) {
        truncateSync(shmFile(name), 100 + RECORD[layout].bytes - bytes)
        expect(thrown(() => attach(name))).toEqual(failure('TRUNCATED', /too few for its record/))
      }
    }
  })

  test('before its record, is NOT_AN_ARRAY: nothing in it says what it was', () => {
    for (const layout of LAYOUTS) {
      const name = arrayName()
      create(name, [100], 'uint8', { layout })
      for (const bytes of layout === '0.3' ? [15, 1] : [100, 99, 1]) {
        truncateSync(shmFile(name), bytes)
        expect(thrown(() => attach(name))).toEqual(failure('NOT_AN_ARRAY'))
        expect(
          thrown(() => {
            remove(name)
          }),
        ).toEqual(failure('NOT_AN_ARRAY'))
      }
    }
  })

  test('to nothing, is TRUNCATED: so an array is while Python creates it', () => {
    const name = fileOf(new Uint8Array())
    expect(thrown(() => attach(name))).toEqual(failure('TRUNCATED'))
    expect(thrown(() => attach(name, { readOnly: true }))).toEqual(failure('TRUNCATED'))
  })

  test('while it is attached, reads as zeros, and nothing crashes', () => {
    const name = arrayName()
    const array = create(name, [3 * 4096], 'uint8').fill(7)
    truncateSync(shmFile(name), 0)
    expect(array.get(2 * 4096)).toBe(0)
    array.set(2 * 4096, 1)
    expect(array.get(2 * 4096)).toBe(1)
  })
})

describe('what is no array is NOT_AN_ARRAY, to attach and to remove, and stays', () => {
  const refusals = (name: string): unknown[] => [
    thrown(() => attach(name)),
    thrown(() => attach(name, { readOnly: true })),
    thrown(() => {
      remove(name)
    }),
  ]

  test.each([
    ['one byte', new Uint8Array(1)],
    ['a page of zeros', new Uint8Array(4096)],
    ['a page of text', new Uint8Array(4096).fill(97)],
    [
      'the magic in the middle',
      Buffer.from(`${'x'.repeat(2000)}[SharedArray]\0\0\0${'x'.repeat(2000)}`),
    ],
    [
      'the magic near the end, and no size that fits',
      Buffer.from(`[SharedArray]\0\0\0${'x'.repeat(90)}`.padStart(300, 'y')),
    ],
    ['the magic without its last byte', Buffer.from(`[SharedArray]\0\0`)],
    ['the magic with other bytes behind it', Buffer.from(`[SharedArray]...${'\0'.repeat(144)}`)],
  ])('%s', (_, bytes) => {
    const name = fileOf(bytes)
    for (const refusal of refusals(name)) expect(refusal).toEqual(failure('NOT_AN_ARRAY'))
    expect(bytesOf(name).equals(bytes)).toBe(true)
  })

  test('a directory, a FIFO, which nobody waits at, and a device', () => {
    const folder = diskFolder()
    mkdirSync(join(folder, 'directory'))
    const pipe = fifo(join(folder, 'fifo'))
    for (const path of [join(folder, 'directory'), pipe, '/dev/null']) {
      for (const refusal of refusals(`file://${path}`))
        expect(refusal).toEqual(failure('NOT_AN_ARRAY'))
      expect(existsSync(path)).toBe(true)
    }
  })

  test('a symbolic link in shared memory', () => {
    const [name, link] = [arrayName(), arrayName()]
    create(name, [1])
    symlinkSync(shmFile(name), shmFile(link))
    for (const refusal of refusals(link)) expect(refusal).toEqual(failure('NOT_AN_ARRAY'))
  })

  test('a symbolic link elsewhere is followed to attach, and not to remove', () => {
    const folder = diskFolder()
    create(`file://${folder}/array`, [1], 'uint8')
    symlinkSync(join(folder, 'array'), join(folder, 'link'))
    expect(attach(`file://${folder}/link`).shape).toEqual([1])
    expect(
      thrown(() => {
        remove(`file://${folder}/link`)
      }),
    ).toEqual(failure('NOT_AN_ARRAY'))
    expect(existsSync(join(folder, 'link'))).toBe(true)
  })

  test('a huge sparse file gets no memory by being looked at', () => {
    const path = join(diskFolder(), 'sparse')
    writeFileSync(path, '')
    truncateSync(path, 2 ** 40)
    for (const refusal of refusals(`file://${path}`))
      expect(refusal).toEqual(failure('NOT_AN_ARRAY'))
  })
})

test('of two records that both fit, the one at the end counts', () => {
  const name = arrayName()
  const inner = create(name, [160], 'uint8', { layout: '1.0' })
  const old = arrayName()
  create(old, [40], 'uint32', { layout: '0.3' })
  inner.data.set(bytesOf(old).subarray(0, 160))
  expect(attach(name)).toMatchObject({ dtype: 'uint8', shape: [160] })
})

test('a record of 0.3 whose array ends in what looks like another is read as 0.3', () => {
  const name = arrayName()
  const array = create(name, [400], 'uint8', { layout: '0.3' })
  const other = arrayName()
  create(other, [3], 'uint8')
  array.data.set(bytesOf(other).subarray(3), 400 - RECORD['3.1'].bytes)
  expect(attach(name)).toMatchObject({ dtype: 'uint8', shape: [400] })
})

describe('names that cannot be are NAME_INVALID, everywhere', () => {
  test.each([
    [''],
    ['shm://'],
    ['/'],
    ['.'],
    ['..'],
    ['a/b'],
    ['shm://a/b'],
    ['a\0b'],
    ['shm://a\0b'],
    ['x'.repeat(256)],
    ['é'.repeat(128)],
    ['http://x'],
    ['SHM://x'],
    ['file://'],
    ['file:///'],
    ['file://x/'],
    ['file://..'],
    ['file://a\0b'],
    [`file:///tmp/${'x'.repeat(256)}`],
    [7 as never],
    [null as never],
  ])('%j', (name: string) => {
    for (const run of [
      () => create(name, 1),
      () => attach(name),
      () => {
        remove(name)
      },
    ]) {
      expect(thrown(run)).toEqual(failure('NAME_INVALID'))
    }
  })

  test('another prefix is told from a slash', () => {
    expect(thrown(() => attach('http://x'))).toEqual(failure('NAME_INVALID', /prefix that nobody/))
  })

  test('255 bytes are a name', () => {
    const name = arrayName().padEnd(255, 'x')
    create(name, 1)
    remove(name)
  })
})

describe('what cannot be created leaves nothing', () => {
  test.each([
    ['a negative length', [-1]],
    ['a fraction', [1.5]],
    ['NaN', [NaN]],
    ['a length that is no number', ['3' as never]],
    ['no shape', undefined as never],
    ['a shape that is a string', '3' as never],
    ['a negative number', -1],
    ['more elements than can be counted', [2 ** 40, 2 ** 40]],
    ['the same behind a length of 0', [0, 2 ** 40, 2 ** 40]],
    ['more bytes than can be counted', [2 ** 51]],
  ])('OPTION_INVALID: %s', (_, shape: number | number[]) => {
    expect(thrown(() => create(arrayName(), shape))).toEqual(failure('OPTION_INVALID'))
    expect(remains()).toEqual([])
  })

  test.each([
    ['a dtype by another name', 'float', {}],
    ['no dtype', null, {}],
    ['an object dtype', 'object', {}],
    ['a layout that is not', 'uint8', { layout: '3.0' }],
    ['a mode that is executable', 'uint8', { mode: 0o700 }],
    ['a mode that lets everybody write', 'uint8', { mode: 0o666 }],
    ['a mode that is none', 'uint8', { mode: '600' }],
    ['an option that is not', 'uint8', { layuot: '2.0' }],
    ['options that are none', 'uint8', 7],
  ])('OPTION_INVALID: %s', (_, dtype, options) => {
    const run = () => create(arrayName(), [1], dtype as 'uint8', options as object)
    expect(thrown(run)).toEqual(failure('OPTION_INVALID'))
    expect(remains()).toEqual([])
  })

  test('SHM_FULL: more than there is', () => {
    const error = thrown(() => create(arrayName(), [2 ** 44], 'uint8'))
    expect(error).toEqual(failure('SHM_FULL'))
    expect(error).toMatchObject({ needed: 2 ** 44 + 292, available: expect.any(Number) as number })
    expect(remains()).toEqual([])
  })

  test('NOT_FOUND: a directory that is not there', () => {
    const name = `file://${diskFolder()}/no/array`
    expect(thrown(() => create(name, 1))).toEqual(failure('NOT_FOUND', /no directory/))
  })

  test('EXISTS, not SHM_FULL, when both are so', () => {
    const name = arrayName()
    create(name, 1)
    expect(thrown(() => create(name, [2 ** 44], 'uint8'))).toEqual(failure('EXISTS'))
  })
})

test('attach takes no option that is not', () => {
  const name = arrayName()
  create(name, 1)
  expect(thrown(() => attach(name, { readonly: true } as object))).toEqual(
    failure('OPTION_INVALID', /readOnly/),
  )
  expect(thrown(() => attach(name, { readOnly: 1 as never }))).toEqual(failure('OPTION_INVALID'))
})

test('nameOf of an array that is nobody’s is OPTION_INVALID', () => {
  expect(thrown(() => nameOf(zeros('uint8', [1])))).toEqual(failure('OPTION_INVALID', /create or/))
})
