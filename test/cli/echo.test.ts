import { describe, expect, test } from 'vitest'
import { now } from '../../src/index.ts'
import { filterOf } from '../../src/cli/echo/filter.ts'
import type { Seen } from '../../src/cli/echo/fields.ts'
import { failure, flat, SMALL, testReader, testWriter, turn } from '../ring/fixtures.ts'
import { built, framering, watching } from './framering.ts'
import { shell } from './piping.ts'

built()

type Line = Readonly<Record<string, unknown>>

const parsed = (line: string): Line => JSON.parse(line) as Line

test('each frame is a line, from the newest on, with what the writer said of it', async () => {
  const writer = testWriter()
  writer.write(flat(1))
  const captureTime = now() - 7
  writer.write(flat(2), { captureTime, captureMoment: 'received', pts: 90, timeBase: [1, 90000] })
  const echo = watching('echo', writer.name, '--json')
  expect(parsed(await echo.line())).toMatchObject({
    ...{ ring: writer.name, kind: 'frame', sequence: 2, period: null, gap: 0, bytesUsed: 16 },
    ...{ fourcc: null, width: null, dtype: 'uint8', shape: [4, 4], epoch: 1 },
    ...{ captureMoment: 'received', captureClock: 'monotonic', pts: 90, timeBase: [1, 90000] },
    ...{ key: false, corrupt: false, user: [0, 0, 0, 0, 0, 0, 0, 0] },
  })
  for (let sequence = 3; sequence < 20; sequence++) {
    writer.write(flat(3), { corrupt: sequence === 5, user: [sequence] })
    expect(parsed(await echo.line())).toMatchObject({
      ...{ kind: 'frame', sequence, gap: 0, captureAge: null },
      ...{ corrupt: sequence === 5, user: [sequence, 0, 0, 0, 0, 0, 0, 0] },
    })
  }
})

test('frames that were dropped are told of in their place', async () => {
  const writer = testWriter({ ...SMALL, slots: 2 })
  const reader = testReader(writer)
  writer.write(flat(1))
  const echo = watching('echo', writer.name, '--json')
  expect(parsed(await echo.line())).toMatchObject({ sequence: 1 })
  const held = reader.tryNext()
  writer.write(flat(2))
  expect(parsed(await echo.line())).toMatchObject({ sequence: 2 })
  // One slot is held, the other has the newest frame.
  for (let i = 3; i <= 5; i++) writer.write(flat(i))
  held?.release()
  writer.write(flat(6))
  // In one line or more, as it happened to look.
  let next = 3
  while (next < 6) {
    const lost = parsed(await echo.line()) as Line & { readonly last: number }
    const dropped = lost.last - next + 1
    expect(lost).toMatchObject({ kind: 'lost', first: next, dropped, unseen: 0 })
    next = lost.last + 1
  }
  expect(parsed(await echo.line())).toMatchObject({ sequence: 6, gap: 3 })
})

test('frames that left their slots before they were looked at are told of too, and nothing is told twice', async () => {
  const writer = testWriter({ ...SMALL, slots: 4 })
  writer.write(flat(1))
  const echo = watching('echo', writer.name)
  expect(await echo.line()).toMatch(
    /^sequence=1 {2}period=- {2}gap=0 {2}captureAge=- {2}bytesUsed=16$/,
  )
  echo.process.kill('SIGSTOP')
  for (let i = 2; i <= 30; i++) writer.write(flat(i))
  echo.process.kill('SIGCONT')
  // Whatever it saw before it stopped, or began to see: each sequence is in one line.
  let next = 2
  while (next <= 30) {
    const line = await echo.line()
    const lost = /^# (\d+) frames? lost \((\d+)(?: to (\d+))?\): (\d+) passed unseen$/.exec(line)
    if (lost === null) {
      expect(line).toMatch(new RegExp(`^sequence=${next} `))
      next++
    } else {
      const [count, first, unseen] = [lost[1], lost[2], lost[4]].map(Number)
      expect([first, unseen]).toEqual([next, count])
      expect(Number(lost[3] ?? first)).toBe(next + count! - 1)
      next += count!
    }
  }
  expect(next).toBe(31)
})

test('--once ends after the newest frame, --count after so many', async () => {
  const writer = testWriter()
  for (let i = 1; i <= 3; i++) writer.write(flat(i))
  const { code, stdout } = await framering('echo', writer.name, '--once', '--fields', 'sequence')
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'sequence=3\n' })
  const echo = watching('echo', writer.name, '-n', '2', '--fields', 'gap,sequence')
  expect(await echo.line()).toBe('gap=0  sequence=3')
  writer.write(flat(4))
  expect(await echo.line()).toBe('gap=0  sequence=4')
  expect(await echo.ended()).toBe(0)
})

test('--timeout ends with 4 when no frame comes, or none that fits', async () => {
  const writer = testWriter()
  const none = await framering('echo', writer.name, '--once', '--timeout', '50')
  expect(none).toMatchObject({ code: 4, stdout: '' })
  expect(none.stderr).toMatch(/^TIMED_OUT: no frame came from ring .* for 50 ms; see .*\n$/)
  writer.write(flat(1))
  const unfit = await framering(
    ...['echo', writer.name, '--json', '--timeout', '50', '--filter', 'sequence>1'],
  )
  expect(unfit).toMatchObject({ code: 4, stdout: '' })
  expect(parsed(unfit.stderr)).toMatchObject({ error: { code: 'TIMED_OUT' } })
})

test('--timeout passes over a frame that is older: its source may have stopped since', async () => {
  const writer = testWriter()
  writer.write(flat(1))
  const written = now()
  while (now() <= written + 10) await turn()
  const args = ['--once', '--fields', 'sequence', '--timeout'] as const
  const stale = await framering('echo', writer.name, ...args, '10')
  expect(stale).toMatchObject({ code: 4, stdout: '' })
  expect(await framering('echo', writer.name, ...args, '600000')).toMatchObject({
    ...{ code: 0, stdout: 'sequence=1\n' },
  })
})

test('--timeout does not count while nobody reads what it writes', async () => {
  const writer = testWriter({ ...SMALL, slots: 64 })
  const timer = setInterval(() => writer.write(flat(1)), 1)
  try {
    // A pipe holds 64 KiB: full in less than the pause, and what is read then is more.
    const reads = '{ read -r line; sleep 4; head -c 100000 > /dev/null; }'
    const { code, stderr } = await shell(
      `framering echo "$1" --json --timeout 1500 | ${reads}`,
      writer.name,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  } finally {
    clearInterval(timer)
  }
})

test('--filter lets frames pass that fit', async () => {
  const writer = testWriter()
  writer.write(flat(1), { key: true })
  const filter = ['--filter', 'sequence != 3 and key = true'] as const
  const echo = watching('echo', writer.name, '--fields', 'sequence', ...filter)
  expect(await echo.line()).toBe('sequence=1')
  for (let i = 2; i <= 7; i++) writer.write(flat(i), { key: i % 2 === 1 })
  expect([await echo.line(), await echo.line()]).toEqual(['sequence=5', 'sequence=7'])
})

describe('a filter', () => {
  const seen = (figures: { bytesUsed?: number; captureClock?: string; pts?: number }): Seen =>
    ({
      facts: { sequence: 9, key: false, ...figures },
      gap: 2,
      before: undefined,
    }) as unknown as Seen

  test.each([
    ['gap>0', true],
    ['gap > 2', false],
    ['gap>=2 and sequence=9', true],
    ['gap>=2 AND sequence!=9', false],
    ['bytesUsed<=1e3', true],
    ['captureClock=tai', true],
    ['captureClock!=tai', false],
    ['key==false', true],
    // What is unknown fits nothing, not even what is unequal.
    ['pts<1', false],
    ['pts!=1', false],
    ['captureClock=9', false],
  ])('%s', (expression, fits) => {
    expect(filterOf(expression)(seen({ bytesUsed: 1000, captureClock: 'tai' }))).toBe(fits)
  })

  test.each([
    ['', /does not understand ''/],
    ['gap', /does not understand 'gap'/],
    ['gap>0 or gap<0', /does not understand/],
    ['gap>0 and', /does not understand/],
    ['process.exit()>0', /does not understand/],
    ['gab>0', /no field 'gab'; did you mean 'gap'/],
    ['constructor=1', /no field 'constructor'/],
    ['captureClock<tai', /< takes a number/],
  ])('that makes no sense is refused: %s', (expression, message) => {
    expect(() => filterOf(expression)).toThrow(failure('OPTION_INVALID', message))
  })
})

test.each([
  [['--fields', 'sequenze'], /no field 'sequenze'; did you mean 'sequence'\?/],
  [['--filter', 'gap~1'], /--filter does not understand 'gap~1'/],
  [['--timeout', 'x'], /--timeout takes a whole number from 1 to 2147483647/],
  [['--count', '0'], /--count takes a whole number/],
  [['--once', '--count', '3'], /--once.*--count/],
])('a command line that makes no sense ends with 2: %j', async (args, message) => {
  const { code, stderr } = await framering('echo', 'front', ...args)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})
