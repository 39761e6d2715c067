import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Segment, shmPath, unlinkFile } from '../../src/segment/index.ts'
import { array, i32, i64, string, struct } from '../../src/struct/index.ts'
import { build, samples, SCALARS, type Sample, type ScalarName, type Spec } from './definitions.ts'
import { hasPython, PYTHON } from '../support/tools.ts'

const SCRIPT = new URL('../python/structs.py', import.meta.url).pathname

/** What Python says, a line for each of its JSON answers. */
function python(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.trim()
}

interface Answer {
  size: number
  alignment: number
  offsets: Record<string, number>
  bytes: string
  value: Record<string, unknown>
}

/** As Python's repr says it, so that no digit is lost in JSON. */
function say(spec: Spec, value: unknown): unknown {
  switch (spec.kind) {
    case 'scalar':
      if (spec.name === 'bool') return value
      return Object.is(value, -0) ? '-0' : String(value)
    case 'string':
      return value
    case 'bytes':
      return [...(value as Uint8Array)]
    case 'array':
      return (value as unknown[]).map((element) => say(spec.element, element))
    case 'struct':
      return Object.fromEntries(
        spec.fields.map((field, i) => [
          `f${i}`,
          say(field, (value as Record<string, unknown>)[`f${i}`]),
        ]),
      )
  }
}

function hear(spec: Spec, said: unknown): unknown {
  switch (spec.kind) {
    case 'scalar':
      if (spec.name === 'bool') return said
      if (spec.name.endsWith('64') && spec.name !== 'f64') return BigInt(said as string)
      return Number((said as string).replace('inf', 'Infinity'))
    case 'string':
      return said
    case 'bytes':
      return Uint8Array.from(said as number[])
    case 'array':
      return (said as unknown[]).map((element) => hear(spec.element, element))
    case 'struct':
      return Object.fromEntries(
        spec.fields.map((field, i) => [
          `f${i}`,
          hear(field, (said as Record<string, unknown>)[`f${i}`]),
        ]),
      )
  }
}

/** Bytes that hold the value, with anything at all where nothing lies. */
function oursOf({ spec, value }: Sample): Uint8Array {
  const bytes = new Uint8Array(build(spec).size).fill(0xa5)
  build(spec).write(bytes, value)
  return bytes
}

test.skipIf(!hasPython)(
  'what ctypes writes into any struct reads the same here, and the other way round',
  () => {
    const seed = Date.now()
    // ctypes has no 16 bit floats.
    const scalars = (Object.keys(SCALARS) as ScalarName[]).filter((name) => name !== 'f16')
    const all = fc.sample(samples(scalars), { numRuns: 300, seed })
    const asked = all.map((sample) => ({
      spec: sample.spec,
      value: say(sample.spec, sample.value),
      bytes: Buffer.from(oursOf(sample)).toString('hex'),
    }))
    const answers = python([SCRIPT], JSON.stringify(asked)).split('\n')
    expect(answers).toHaveLength(all.length)
    all.forEach(({ spec, value }, i) => {
      const answer = JSON.parse(answers[i]!) as Answer
      const type = build(spec)
      const { size, alignment, offsets } = type
      const where = `seed ${seed}, sample ${i}: ${JSON.stringify(spec)}`
      expect({ size, alignment, offsets }, where).toEqual({
        size: answer.size,
        alignment: answer.alignment,
        offsets: answer.offsets,
      })
      expect(type.read(Buffer.from(answer.bytes, 'hex')), where).toEqual(value)
      expect(hear(spec, answer.value), where).toEqual(value)
    })
  },
  120_000,
)

const SHARED = `
import ctypes, mmap, sys
class Meta(ctypes.Structure):
    _fields_ = [('shape', ctypes.c_int32 * 3), ('size', ctypes.c_int64), ('count', ctypes.c_int64),
                ('source', ctypes.c_char * 8)]
with open(sys.argv[1], 'r+b') as file:
    memory = mmap.mmap(file.fileno(), 0)
meta = Meta.from_buffer(memory)
print(list(meta.shape), meta.size, meta.count, meta.source.decode(), ctypes.sizeof(Meta))
meta.shape[:] = [720, 1280, 4]
meta.size = 720 * 1280 * 4
meta.count = -(2 ** 63)
meta.source = b'rear'
`

test.skipIf(!hasPython)('a struct over shared memory is the struct that ctypes has there', () => {
  const path = shmPath(`framering-struct-test-${process.pid}`)
  const Meta = struct({ shape: array(i32, 3), size: i64, count: i64, source: string(8) })
  const segment = Segment.create({ directory: '/dev/shm', bytes: Meta.size })
  segment.link(path)
  onTestFinished(() => {
    unlinkFile(path)
    segment.close()
  })
  const meta = Meta.at(segment.buffer)
  meta.shape.set([1080, 1920, 3])
  meta.size = 6220800n
  meta.count = 2n ** 63n - 1n
  meta.source = 'front'
  expect(python(['-c', SHARED, path])).toBe('[1080, 1920, 3] 6220800 9223372036854775807 front 40')
  expect(meta.toObject()).toEqual({
    shape: [720, 1280, 4],
    size: 3686400n,
    count: -(2n ** 63n),
    source: 'rear',
  })
})
