import { statSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { NdArray } from '../../src/ndarray/index.ts'
import { attach, create, detach, nameOf, remove } from '../../src/shared-array/index.ts'
import { isRoot } from '../support/actor.ts'
import {
  arrayName,
  bytesOf,
  diskFolder,
  failure,
  LAYOUTS,
  RECORD,
  shmFile,
  thrown,
} from './fixtures.ts'

describe('create', () => {
  test('gives zeros in C order, float64 unless another dtype is asked for', () => {
    const array = create(arrayName(), [4, 5, 6])
    expectTypeOf(array).toEqualTypeOf<NdArray<'float64'>>()
    expect(array).toMatchObject({ dtype: 'float64', shape: [4, 5, 6], strides: [30, 6, 1] })
    expect([...array].every((value) => value === 0)).toBe(true)
  })

  test('takes a number for the length of a vector', () => {
    expect(create(arrayName(), 7, 'uint8').shape).toEqual([7])
  })

  test('has elements that start on a page, the first of the file', () => {
    for (const layout of LAYOUTS.filter((layout) => layout !== '0.3')) {
      const name = arrayName()
      const array = create(name, [3], 'uint8', { layout })
      array.set(0, 77)
      expect(bytesOf(name)[0]).toBe(77)
      expect(array.data.byteOffset).toBe(0)
    }
  })

  test('is exclusive: a name that is taken is EXISTS, and what has it is as it was', () => {
    const name = arrayName()
    create(name, [2], 'uint8').set(1, 5)
    expect(thrown(() => create(name, [2], 'uint8'))).toEqual(failure('EXISTS', /remove it/))
    expect(thrown(() => create(`shm://${name}`, [9]))).toEqual(failure('EXISTS'))
    expect([...attach(name)]).toEqual([0, 5])
  })

  test.each(LAYOUTS)(
    'in layout %s takes as many bytes as its elements and its record',
    (layout) => {
      const name = arrayName()
      create(name, [10, 10], 'int16', { layout })
      expect(statSync(shmFile(name)).size).toBe(200 + RECORD[layout].bytes)
    },
  )

  test.each(LAYOUTS)('in layout %s goes up to the axes that it has room for', (layout) => {
    const name = arrayName()
    const shape = new Array<number>(RECORD[layout].maxDims).fill(1)
    create(name, shape, 'uint8', { layout })
    expect(attach(name).shape).toEqual(shape)
    expect(thrown(() => create(arrayName(), [...shape, 1], 'uint8', { layout }))).toEqual(
      failure('OPTION_INVALID', /room for no more/),
    )
  })

  test('lets nobody but its user in, unless a mode says so, whatever the umask', () => {
    const [own, shared] = [arrayName(), arrayName()]
    const before = process.umask(0o077)
    try {
      create(own, 1)
      create(shared, 1, 'uint8', { mode: 0o664 })
    } finally {
      process.umask(before)
    }
    expect(statSync(shmFile(own)).mode & 0o777).toBe(0o600)
    expect(statSync(shmFile(shared)).mode & 0o777).toBe(0o664)
  })
})

describe('names', () => {
  test('shm://NAME, shm:///NAME, /NAME and NAME are one array', () => {
    const name = arrayName()
    create(`shm://${name}`, [1], 'uint8').set(0, 3)
    for (const other of [
      name,
      `/${name}`,
      `//${name}`,
      `shm:///${name}`,
      `file:///dev/shm/${name}`,
    ]) {
      expect([...attach(other)]).toEqual([3])
    }
  })

  test('file:// takes an absolute path and one relative to the current directory', () => {
    const folder = diskFolder()
    const near = relative(process.cwd(), folder)
    create(`file://${folder}/a b%20c`, [2], 'uint8').fill(1)
    expect([...attach(`file://${near}/a b%20c`)]).toEqual([1, 1])
    create(`file://${near}/d`, [2], 'uint8').fill(2)
    expect([...attach(`file://${folder}/d`)]).toEqual([2, 2])
    remove(`file://${near}/d`)
    expect(thrown(() => attach(`file://${folder}/d`))).toEqual(failure('NOT_FOUND'))
  })

  test('nameOf gives the name back, of an array and of its views', () => {
    const name = `shm://${arrayName()}`
    const array = create(name, [2, 2])
    expect(nameOf(array)).toBe(name)
    expect(nameOf(attach(name).T.slice(1))).toBe(name)
  })
})

describe('attach', () => {
  test('gives the same memory, as often as one likes', () => {
    const name = arrayName()
    const [first, second] = [create(name, [2, 2], 'int32'), attach(name)]
    first.set(0, 1, 5)
    expect(second.get(0, 1)).toBe(5)
    second.set(1, 1, -6)
    expect(first.toNested()).toEqual([
      [0, 5],
      [0, -6],
    ])
  })

  test('readOnly reads what others write, and writes nothing', () => {
    const name = arrayName()
    const array = create(name, [3], 'uint8')
    const reader = attach(name, { readOnly: true })
    array.set(0, 1)
    expect(reader.get(0)).toBe(1)
    expect(thrown(() => reader.set(0, 9))).toEqual(failure('READ_ONLY'))
    expect(thrown(() => reader.slice([1]).fill(9))).toEqual(failure('READ_ONLY'))
    // Past the array it is this process's own copy of the page that changes.
    reader.data[1] = 9
    expect([...array]).toEqual([1, 0, 0])
    expect([...bytesOf(name).subarray(0, 3)]).toEqual([1, 0, 0])
  })

  test.runIf(isRoot)('of a file that may only be read takes readOnly, and says so', () => {
    const name = arrayName()
    create(name, [1], 'uint8', { mode: 0o444 & 0o664 })
    const euid = process.geteuid!()
    process.seteuid!(65534)
    try {
      expect(thrown(() => attach(name))).toEqual(failure('PERMISSION', /readOnly/))
      expect(attach(name, { readOnly: true }).get(0)).toBe(0)
    } finally {
      process.seteuid!(euid)
    }
  })
})

describe('remove', () => {
  test('takes the name, and the attachments stay', () => {
    const name = arrayName()
    const [first, second] = [create(name, [2], 'uint8'), attach(name)]
    remove(name)
    expect(thrown(() => attach(name))).toEqual(failure('NOT_FOUND'))
    first.set(0, 8)
    expect(second.get(0)).toBe(8)
    create(name, [5]).fill(1)
    expect([...first]).toEqual([8, 0])
  })

  test('a second time is NOT_FOUND', () => {
    const name = arrayName()
    create(name, 1)
    remove(name)
    expect(
      thrown(() => {
        remove(name)
      }),
    ).toEqual(failure('NOT_FOUND', /no array/))
  })

  test('needs no permission beyond reading, nor that anybody has it attached', () => {
    const name = arrayName()
    detach(create(name, [2], 'uint8', { mode: 0o400 }))
    remove(name)
    expect(thrown(() => attach(name, { readOnly: true }))).toEqual(failure('NOT_FOUND'))
  })
})
