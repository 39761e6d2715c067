import { describe, expect, test } from 'vitest'
import { ringBytes, slotsFor } from '../../src/index.ts'
import { built, framering } from './framering.ts'

built()

interface Answer {
  readonly frameBytes: number | null
  readonly slots: number
  readonly rings: number
  readonly ringBytes: number | null
  readonly totalBytes: number | null
  readonly shmBytes: number | null
  readonly memlockBytes: number | null
}

async function size(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await framering('size', '--json', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Answer
}

describe('size', () => {
  test('is what createWriter takes, in bytes', async () => {
    const format = { fourcc: 'RGB3', width: 1920, height: 1080 }
    const bytes = ringBytes({ format, slots: 8 })
    const answer = await size('--format', 'RGB3', '--size', '1920x1080')
    expect(answer).toEqual({
      frameBytes: 1920 * 1080 * 3,
      slots: 8,
      rings: 1,
      ringBytes: bytes,
      totalBytes: bytes,
      shmBytes: answer.shmBytes,
      memlockBytes: bytes,
    })
    // Room for the small files beside it, and what Docker and Kubernetes can be told.
    expect(answer.shmBytes).toBeGreaterThanOrEqual(bytes + 65_536)
    expect(answer.shmBytes! % 2 ** 20).toBe(0)
    expect(answer.shmBytes! - bytes).toBeLessThanOrEqual(2 ** 21)
  })

  test('counts slots from readers and what they hold', async () => {
    const need = { readers: 3, leases: 4, loans: 2, history: 5 }
    const words = Object.entries(need).flatMap(([flag, n]) => [`--${flag}`, String(n)])
    const slots = slotsFor(need)
    expect(await size(...words)).toEqual({
      ...{ frameBytes: null, slots, rings: 1, ringBytes: null },
      ...{ totalBytes: null, shmBytes: null, memlockBytes: null },
    })
    const answer = await size(...words, '--dtype', 'float32', '--shape', '480x640', '--rings', '3')
    const bytes = ringBytes({ dtype: 'float32', shape: [480, 640], slots })
    expect(answer).toMatchObject({ slots, rings: 3, ringBytes: bytes, totalBytes: 3 * bytes })
  })

  test('takes bytes of a frame, alone or as the longest of a compressed one', async () => {
    const alone = await size('--bytes', '100000', '--slots', '4', '--max-readers', '64')
    const array = { dtype: 'uint8', shape: [100_000], slots: 4, maxReaders: 64 } as const
    expect(alone).toMatchObject({ frameBytes: 100_000, ringBytes: ringBytes(array) })
    const jpeg = await size('--format', 'MJPG', '--size', '640x480', '--bytes', '200000')
    expect(jpeg.frameBytes).toBe(200_000)
  })

  test('tells people the same, with the flags to type', async () => {
    const { stdout } = await framering(
      'size',
      '--format',
      'YUYV',
      '--size',
      '640x480',
      '--rings',
      '2',
    )
    const {
      ringBytes: ring,
      totalBytes,
      shmBytes,
    } = await size(...['--format', 'YUYV', '--size', '640x480', '--rings', '2'])
    const mebibytes = shmBytes! / 2 ** 20
    expect(stdout).toMatch(/^frame +600\.0 KiB {2}YUYV 640 × 480\nslots +8\nring /)
    expect(stdout).toContain(`${ring!} bytes\n`)
    expect(stdout).toContain(`--shm-size=${mebibytes}m --ulimit memlock=${totalBytes!}\n`)
    expect(stdout).toContain(`{medium: Memory, sizeLimit: ${mebibytes}Mi}`)
  })

  test.each([
    [['--format', 'RGB3'], '--format needs --size'],
    [['--size', '0x480'], 'width'],
    [['--size', '640'], '--size takes width and height in pixels, as in 640x480'],
    [['--format', 'RGB9', '--size', '1x1'], 'Allowed choices are'],
    [['--dtype', 'uint8'], '--dtype needs --shape'],
    [['--dtype', 'uint8', '--shape', '4', '--size', '4x4'], 'or --dtype and --shape for an array'],
    [['--dtype', 'uint8', '--shape', '4', '--bytes', '4'], '--bytes goes without'],
    [['--format', 'RGB3', '--size', '4x4', '--bytes', '4'], 'capacity is for compressed formats'],
    [['--slots', '4', '--readers', '2'], '--slots goes without --readers'],
    [['--readers', '64', '--leases', '100'], 'a ring has at most 1000'],
    [['--bytes', '9007199254740991'], 'fewer or smaller'],
  ])('refuses what no ring can be: %j', async (args, message) => {
    const { code, stdout, stderr } = await framering('size', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^OPTION_INVALID: [^\n]*\n$/)
    expect(stderr).toContain(message)
  })
})
