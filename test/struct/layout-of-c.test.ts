import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { array, i32, i64, struct, u8, f64 } from '../../src/struct/index.ts'
import { cProgram } from './c-program.ts'
import { build, samples, SCALARS, type Sample, type ScalarName } from './definitions.ts'
import { hasGcc } from '../support/tools.ts'

/** What the compiler has to say of each sample, as a line of words. */
function askC(all: readonly Sample[]): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'framering-struct-'))
  onTestFinished(() => {
    rmSync(directory, { recursive: true })
  })
  const source = join(directory, 'structs.c')
  const program = join(directory, 'structs')
  writeFileSync(source, cProgram(all))
  // Other compilers have no scalar_storage_order, which makes C itself the judge of either byte order.
  const made = spawnSync(
    'gcc',
    ['-std=c11', '-Werror', '-Wno-scalar-storage-order', '-o', program, source],
    {
      encoding: 'utf8',
    },
  )
  expect(made.stderr, 'gcc').toBe('')
  const said = spawnSync(program, { encoding: 'utf8' })
  expect(said.status).toBe(0)
  return said.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
}

test.skipIf(!hasGcc)(
  'size, alignment, offsets and bytes of any struct are those that C gives it',
  () => {
    const seed = Date.now()
    const all = fc.sample(samples(Object.keys(SCALARS) as ScalarName[]), { numRuns: 250, seed })
    const lines = askC(all)
    expect(lines).toHaveLength(all.length)
    all.forEach(({ spec, value }, i) => {
      const type = build(spec)
      const [size, alignment, ...rest] = lines[i]!
      const hex = rest.pop()!
      const where = `seed ${seed}, sample ${i}: ${JSON.stringify(spec)}`
      const ours = [type.size, type.alignment, ...Object.values(type.offsets)]
      expect(ours, where).toEqual([size, alignment, ...rest].map(Number))
      const bytes = new Uint8Array(type.size)
      type.write(bytes, value)
      expect(Buffer.from(bytes).toString('hex'), where).toBe(hex)
      expect(type.read(Buffer.from(hex, 'hex')), where).toEqual(value)
    })
  },
  120_000,
)

test('the meta of the demo lies as ctypes.Structure of write.py has it', () => {
  const Meta = struct({ shape: array(i32, 3), size: i64, count: i64 })
  expect(Meta).toMatchObject({ size: 32, alignment: 8, offsets: { shape: 0, size: 16, count: 24 } })
})

test('offsets beyond 4 GiB are exact', () => {
  const Huge = struct({ head: array(u8, 2 ** 32 - 1), tail: f64, last: u8 })
  expect(Huge).toMatchObject({ size: 2 ** 32 + 16, offsets: { tail: 2 ** 32, last: 2 ** 32 + 8 } })
})
