import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameringError } from '../../src/errors/framering-error.ts'
import {
  decodeNpy,
  DTYPES,
  encodeNpy,
  fromBytes,
  itemsizeOf,
  NdArray,
  npyHeader,
  zeros,
} from '../../src/ndarray/index.ts'
import { counted } from './model.ts'

/** A file put together by hand: version, header text, elements. */
function file(version: 1 | 2 | 3, header: string, payload: readonly number[] = []): Uint8Array {
  const text = Buffer.from(header, version === 3 ? 'utf8' : 'latin1')
  const size = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) size.writeUInt16LE(text.length)
  else size.writeUInt32LE(text.length)
  const start = Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0])])
  return new Uint8Array(Buffer.concat([start, size, text, Buffer.from(payload)]))
}

const dict = (descr: string, fortran: string, shape: string) =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`

function failure(bytes: Uint8Array): string {
  try {
    decodeNpy(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(FrameringError)
    expect((error as FrameringError).code).toBe('NPY_INVALID')
    return (error as FrameringError).message
  }
  return expect.fail('was read')
}

describe('writing .npy', () => {
  it('makes the header NumPy makes: version 1.0, padded with spaces to 64, a newline last', () => {
    const bytes = encodeNpy(fromBytes('uint16', [2, 1], new Uint8Array([1, 2, 3, 4])))
    const text = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 1), }"
    const expected = file(1, `${text}${' '.repeat(128 - 10 - text.length - 1)}\n`, [1, 2, 3, 4])
    expect(Buffer.from(bytes)).toEqual(Buffer.from(expected))
  })

  it.each([
    [[], '()'],
    [[3], '(3,)'],
    [[0, 2], '(0, 2)'],
  ])('writes shape %j as %s', (shape, tuple) => {
    const header = npyHeader('bool', shape)
    expect(Buffer.from(header).toString('latin1')).toContain(`'shape': ${tuple}, }`)
    expect(header.length % 64).toBe(0)
  })

  it('goes to version 2.0 only for a header that 1.0 cannot hold', () => {
    const deep = new Array<number>(30_000).fill(1)
    expect(npyHeader('uint8', [1])[6]).toBe(1)
    expect(npyHeader('uint8', deep)[6]).toBe(2)
    expect(npyHeader('uint8', deep).length % 64).toBe(0)
    expect(decodeNpy(encodeNpy(zeros('uint8', deep))).shape).toEqual(deep)
  })

  it('refuses dtypes and shapes that are none', () => {
    expect(() => npyHeader('text' as never, [1])).toThrow(/use one of/)
    expect(() => npyHeader('uint8', [-1])).toThrow(/shape\[0\]/)
  })
})

describe('.npy there and back', () => {
  const arrays = fc
    .tuple(
      fc.constantFrom(...DTYPES),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
    )
    .map(([dtype, shape, stream]) => {
      const size = shape.reduce((a, b) => a * b, 1) * itemsizeOf(dtype)
      const bytes = Uint8Array.from({ length: size }, () => stream.next().value as number)
      return fromBytes(dtype, shape, bytes.buffer)
    })

  it('keeps every bit, also of transposed and reversed arrays', () => {
    fc.assert(
      fc.property(arrays, fc.boolean(), (array, turn) => {
        const source: NdArray = turn ? array.T.step(...array.shape.map(() => -1)) : array
        const back = decodeNpy(encodeNpy(source))
        expect([back.dtype, back.shape]).toEqual([source.dtype, source.shape])
        const bits = ({ data }: NdArray) =>
          Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
        expect(bits(back)).toBe(bits(source.copy()))
      }),
    )
  })

  it('reads in place where alignment allows, and copies where it does not', () => {
    const bytes = encodeNpy(counted([2, 3]).array)
    expect(decodeNpy(bytes).data.buffer).toBe(bytes.buffer)
    const shifted = new Uint8Array(new ArrayBuffer(bytes.length + 1), 1)
    shifted.set(bytes)
    const array = decodeNpy(shifted)
    expect(array.data.buffer).not.toBe(shifted.buffer)
    expect([...array]).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('reading .npy', () => {
  it.each([1, 2, 3] as const)('understands version %i.0', (version) => {
    const bytes = file(version, dict("'|i1'", 'False', '(2,)') + '\n', [1, 255])
    expect([...decodeNpy(bytes)]).toEqual([1, -1])
  })

  it('swaps big-endian elements, complex numbers by their parts', () => {
    const big = (descr: string, payload: number[]) =>
      decodeNpy(file(1, dict(`'${descr}'`, 'False', '(1,)'), payload)).get(0)
    expect(big('>u2', [1, 2])).toBe(0x0102)
    expect(big('>i4', [255, 255, 255, 254])).toBe(-2)
    expect(big('>i8', [0, 0, 0, 0, 0, 0, 1, 2])).toBe(258n)
    expect(big('>f2', [0x3c, 0])).toBe(1)
    expect(big('>c8', [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0])).toEqual({ re: 1, im: -2 })
    expect(big('>u1', [7])).toBe(7)
  })

  it('keeps Fortran order in the strides', () => {
    const bytes = file(1, dict("'|u1'", 'True', '(2, 3)'), [1, 2, 3, 4, 5, 6])
    const array = decodeNpy(bytes)
    expect(array.toNested()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ])
    expect(array.strides).toEqual([1, 2])
    expect(array.data.buffer).toBe(bytes.buffer)
  })

  it('takes whatever Python would: order of keys, quotes, spaces, long numbers, no last comma', () => {
    const text = `{ "shape" : (2L,1L) ,'fortran_order':False,\n'descr':"=u1"}  \n`
    expect(decodeNpy(file(1, text, [5, 6, 0, 0])).toNested()).toEqual([[5], [6]])
    expect(decodeNpy(file(1, dict("'b1'", 'False', '()'), [2])).get()).toBe(true)
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /this with nothing/],
    ['a PNG', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /89504e470d0a/],
    ['version 4', file(1, '').fill(4, 6, 7), /version 4\.0 is unknown/],
    ['a cut header', file(1, dict("'|u1'", 'False', '(1,)')).subarray(0, 40), /after 40/],
    ['no dict', file(1, '[]'), /not a dict/],
    ['a missing key', file(1, "{'descr': '|u1', 'shape': ()}"), /keys \[descr, shape\]/],
    ['one key too many', file(1, dict("'|u1'", 'False', '()').replace('}', "'x': 1}")), /x\]/],
    ['an expression', file(1, dict("'|u1'", 'False', '(1+1,)'), [0]), /expected ","/],
    ['a call', file(1, dict("'|u1'", 'False', 'exit()'), [0]), /expected a value, found "exit/],
    ['an open string', file(1, "{'descr: 1}"), /expected a closing '/],
    ['more after the dict', file(1, dict("'|u1'", 'False', '()') + 'x', [0]), /the end, found "x"/],
    ['a negative length', file(1, dict("'|u1'", 'False', '(-1,)')), /shape is not/],
    ['a bare length', file(1, dict("'|u1'", 'False', '(3)'), [1, 2, 3]), /shape is not a tuple/],
    ['a huge length', file(1, dict("'|u1'", 'False', `(${'9'.repeat(20)},)`)), /smaller number/],
    ['huge lengths', file(1, dict("'|u1'", 'False', '(0, 9999999999, 9999999999)')), /counted/],
    ['no flag', file(1, dict("'|u1'", '1', '()'), [0]), /fortran_order is not/],
    ['too few elements', file(1, dict("'<f4'", 'False', '(2, 2)'), [0]), /needs 16.*and 1 follow/],
    ['objects', file(1, dict("'|O'", 'False', '(1,)'), [0]), /"\|O" \(Python objects\)/],
    ['text', file(1, dict("'<U5'", 'False', '(1,)'), [0]), /"<U5" \(text\)/],
    ['dates', file(1, dict("'<M8[ns]'", 'False', '(1,)'), [0]), /\(dates\)/],
    ['long doubles', file(1, dict("'<f16'", 'False', '(1,)'), [0]), /"<f16", and only b1/],
    [
      'a struct',
      file(3, dict("[('größe', '<f4'), ('b', [('c', '|u1')], (2,))]", 'False', '(1,)')),
      /structured dtype \(fields \[größe, b\]\)/,
    ],
    ['an abyss', file(2, '('.repeat(100_000)), /nesting deeper than 32/],
  ])('refuses %s and says what is wrong', (_, bytes, message) => {
    expect(failure(bytes)).toMatch(message)
  })

  it('refuses damaged files with NPY_INVALID and nothing else', () => {
    const whole = encodeNpy(counted([2, 3]).array)
    const damage = fc.array(
      fc.tuple(fc.nat({ max: 127 }), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...DAMAGE))),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(damage, fc.nat({ max: whole.length }), (bytes, keep) => {
        const broken = whole.slice(0, keep > 100 ? whole.length : keep)
        for (const [at, byte] of bytes) if (at < broken.length) broken[at] = byte
        let array: NdArray | undefined
        try {
          array = decodeNpy(broken)
        } catch (error) {
          expect(error).toMatchObject({ name: 'FrameringError', code: 'NPY_INVALID' })
        }
        if (array) expect([...array]).toHaveLength(array.size)
      }),
      { numRuns: 3000 },
    )
  })
})

const DAMAGE = [...Buffer.from('0123456789()[]{},:\'"\\<>|=LTF-bifuc ')]

const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

describe.skipIf(!numpy)('NumPy itself', () => {
  it('reads what is written here and writes what is read here, for every dtype and order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'framering-npy-'))
    try {
      for (const dtype of DTYPES) {
        const bits = new Uint8Array(6 * itemsizeOf(dtype)).map((_, i) => (i * 37) & 0x3f)
        if (dtype === 'bool') bits.forEach((byte, i) => (bits[i] = byte & 1))
        const array = fromBytes(dtype, [2, 3], bits.buffer)
        writeFileSync(join(folder, `${dtype}.npy`), encodeNpy(array))
      }
      execFileSync('python3', ['-c', NUMPY_SCRIPT, folder, ...DTYPES])
      for (const dtype of DTYPES) {
        const ours = decodeNpy(readFileSync(join(folder, `${dtype}.npy`)))
        for (const way of ['c', 'fortran', 'big', 'v2', 'v3']) {
          const theirs = decodeNpy(readFileSync(join(folder, `${dtype}.${way}.npy`)))
          expect([way, theirs.dtype, theirs.toNested()]).toEqual([way, dtype, ours.toNested()])
        }
        const [plain, listed] = ['c', 'v1bytes'].map((way) =>
          readFileSync(join(folder, `${dtype}.${way}.npy`)),
        )
        expect(plain?.subarray(-ours.nbytes)).toEqual(listed?.subarray(-ours.nbytes))
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const NUMPY_SCRIPT = `
import sys, numpy as np
folder, dtypes = sys.argv[1], sys.argv[2:]
for name in dtypes:
    path = f'{folder}/{name}'
    a = np.load(path + '.npy', allow_pickle=False)
    assert a.dtype == np.dtype(name) and a.shape == (2, 3), (a.dtype, a.shape)
    size = a.dtype.itemsize
    bits = bytes((i * 37) & 0x3f for i in range(6 * size))
    if name == 'bool': bits = bytes(b & 1 for b in bits)
    assert a.tobytes() == bits, name
    np.save(path + '.c.npy', a)
    open(path + '.v1bytes.npy', 'wb').write(a.tobytes())
    np.save(path + '.fortran.npy', np.asfortranarray(a))
    np.save(path + '.big.npy', a.astype(a.dtype.newbyteorder('>')))
    for v in (2, 3):
        with open(f'{path}.v{v}.npy', 'wb') as f:
            np.lib.format.write_array(f, a, version=(v, 0))
`
