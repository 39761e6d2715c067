import { beforeAll, describe, expect, test } from 'vitest'
import type { DType, ElementOf } from '../../src/ndarray/index.ts'
import { attach, create, remove } from '../../src/shared-array/index.ts'
import { arrayName, diskFolder, LAYOUTS } from './fixtures.ts'
import { answered, type LinePeer, python } from '../support/line-peer.ts'
import { hasNumpy } from '../support/tools.ts'

/** Six elements of each dtype, the ends of its range among them. */
const ELEMENTS: { readonly [D in DType]: readonly ElementOf<D>[] } = {
  bool: [true, false, true, true, false, true],
  int8: [-128, -1, 0, 1, 2, 127],
  int16: [-32768, -1, 0, 1, 2, 32767],
  int32: [-2147483648, -1, 0, 1, 2, 2147483647],
  int64: [-(2n ** 63n), -1n, 0n, 1n, 2n, 2n ** 63n - 1n],
  uint8: [0, 1, 2, 127, 128, 255],
  uint16: [0, 1, 2, 255, 256, 65535],
  uint32: [0, 1, 2, 65535, 65536, 4294967295],
  uint64: [0n, 1n, 2n, 3n, 2n ** 53n + 1n, 2n ** 64n - 1n],
  float16: [0, 0.5, -1, 65504, 2 ** -24, 1.5],
  float32: [0, 0.5, -1, 3.4028234663852886e38, 2 ** -149, 1.5],
  float64: [0, 0.1, -1, 1.7976931348623157e308, 5e-324, 1.5],
  complex64: [0, 1, 2, 3, 4, 5].map((n) => ({ re: n / 2, im: 1 - n })),
  complex128: [0, 1, 2, 3, 4, 5].map((n) => ({ re: n / 10, im: 1 - n })),
}
const DTYPES = Object.keys(ELEMENTS) as DType[]
const SHAPE = [2, 3]

type Plain = boolean | number | string | [number, number]

/** As JSON carries them to Python and back. */
function plain(value: ElementOf<DType>): Plain {
  if (typeof value === 'object') return [value.re, value.im]
  return typeof value === 'bigint' ? String(value) : value
}

function element(dtype: DType, value: Plain): ElementOf<DType> {
  if (typeof value === 'object') return { re: value[0], im: value[1] }
  if (typeof value !== 'string') return value
  return dtype.endsWith('64') ? BigInt(value) : Number(value)
}

async function looks(peer: LinePeer, name: string, dtype: DType) {
  return ((await answered(peer, { order: 'look', name })) as Plain[]).map((value) =>
    element(dtype, value),
  )
}

describe.runIf(hasNumpy).each(LAYOUTS)('with Python, layout %s', (layout) => {
  test('an array that Python made has its values here, of every dtype', async () => {
    const peer = python('shared_array_peer.py')
    for (const dtype of DTYPES) {
      const name = arrayName()
      const values = ELEMENTS[dtype].map(plain)
      await answered(peer, { order: 'create', name, layout, shape: SHAPE, dtype, values })
      const array = attach(`shm://${name}`)
      expect(array).toMatchObject({ dtype, shape: SHAPE })
      expect([...array]).toEqual(ELEMENTS[dtype])
    }
  })

  test('an array made here has its values in Python, of every dtype', async () => {
    const peer = python('shared_array_peer.py')
    for (const dtype of DTYPES) {
      const name = arrayName()
      const array = create(`shm://${name}`, SHAPE, dtype, { layout })
      ELEMENTS[dtype].forEach((value, i) => array.set(Math.floor(i / 3), i % 3, value))
      expect(
        await answered(peer, { order: 'attach', name: `shm://${name}`, layout }),
      ).toMatchObject({
        dtype,
        shape: SHAPE,
        size: array.nbytes,
      })
      expect(await looks(peer, `shm://${name}`, dtype)).toEqual(ELEMENTS[dtype])
    }
  })

  test('both write into the same memory', async () => {
    const peer = python('shared_array_peer.py')
    const name = arrayName()
    const array = create(name, SHAPE, 'int32', { layout })
    await answered(peer, { order: 'attach', name, layout })
    array.set(1, 2, 42)
    await answered(peer, { order: 'put', name, index: [0, 1], value: '-7' })
    expect(await looks(peer, name, 'int32')).toEqual([0, -7, 0, 0, 0, 42])
    expect([...array]).toEqual([0, -7, 0, 0, 0, 42])
  })

  test('arrays without axes and without elements go both ways', async () => {
    const peer = python('shared_array_peer.py')
    for (const shape of [[], [0], [3, 0, 2]]) {
      const [ours, theirs] = [arrayName(), arrayName()]
      create(ours, shape, 'uint16', { layout })
      expect(await answered(peer, { order: 'attach', name: ours, layout })).toMatchObject({ shape })
      await answered(peer, { order: 'create', name: theirs, layout, shape, dtype: 'uint16' })
      expect(attach(theirs)).toMatchObject({ shape, dtype: 'uint16' })
    }
  })

  test('a file is shared as memory is', async () => {
    const peer = python('shared_array_peer.py')
    const folder = diskFolder()
    const [ours, theirs] = [`file://${folder}/ours`, `file://${folder}/theirs`]
    create(ours, SHAPE, 'float32', { layout }).fill(1.5)
    await answered(peer, { order: 'attach', name: ours, layout })
    expect(await looks(peer, ours, 'float32')).toEqual(new Array(6).fill(1.5))
    const values = [1, 2, 3, 4, 5, 6]
    await answered(peer, {
      order: 'create',
      name: theirs,
      layout,
      shape: SHAPE,
      dtype: 'float32',
      values,
    })
    expect([...attach(theirs)]).toEqual(values)
  })

  test('Python keeps an array that was removed here', async () => {
    const peer = python('shared_array_peer.py')
    const name = arrayName()
    const array = create(name, [2], 'uint8', { layout })
    await answered(peer, { order: 'attach', name, layout })
    remove(name)
    array.set(1, 9)
    expect(await looks(peer, name, 'uint8')).toEqual([0, 9])
    await expect(answered(peer, { order: 'attach', name, layout })).rejects.toThrow(
      'FileNotFoundError',
    )
  })
})

describe.runIf(hasNumpy)('numbers that NumPy has twice, or we do not have', () => {
  test.each([
    ['long', 'int64'],
    ['longlong', 'int64'],
    ['ulong', 'uint64'],
    ['ulonglong', 'uint64'],
  ])("NumPy's %s is %s", async (theirs, ours) => {
    const peer = python('shared_array_peer.py')
    const name = arrayName()
    const dtype = { long: 'l', longlong: 'q', ulong: 'L', ulonglong: 'Q' }[theirs]
    await answered(peer, { order: 'create', name, layout: '3.1', shape: [1], dtype, values: ['7'] })
    expect(attach(name).dtype).toBe(ours)
    expect([...attach(name)]).toEqual([7n])
  })
})

beforeAll(() => {
  // So that one more dtype cannot be forgotten here.
  expect(DTYPES).toHaveLength(14)
})
