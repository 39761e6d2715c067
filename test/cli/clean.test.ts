import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createWriter, type StaleReport } from '../../src/index.ts'
import { deadRing } from '../support/dead-ring.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { built, framering } from './framering.ts'

built()

const SMALL = { dtype: 'uint8', shape: [4, 4] } as const

/** One of its own for each test: a sweep of /dev/shm would clear up after the tests beside this one. */
let directory = ''
beforeEach(() => {
  directory = mkdtempSync('/dev/shm/sweep-test-')
  onTestFinished(() => {
    rmSync(directory, { recursive: true })
  })
})

type Report = StaleReport & { readonly dryRun: boolean; readonly bytes: number }

describe('clean', { timeout: 120_000 }, () => {
  test('only lists, until it is told --yes, and leaves live rings alone', async () => {
    const dead = await deadRing(directory)
    using writer = createWriter(ringName(), { ...SMALL, directory })
    const before = readdirSync(directory).sort()
    const looked = await framering('clean', '--directory', directory)
    expect(looked).toMatchObject({ code: 0, stderr: '' })
    expect(looked.stdout).toMatch(/^RING +MEMORY +FILE\n/)
    for (const file of remains(dead, directory)) expect(looked.stdout).toContain(file)
    expect(looked.stdout).not.toContain(writer.name)
    expect(looked.stdout).toMatch(/\n4 files of dead writers, [\d.]+ KiB\. Remove them: /)
    expect(looked.stdout.endsWith(`: framering clean --yes --directory ${directory}\n`)).toBe(true)
    expect(readdirSync(directory).sort()).toEqual(before)

    const swept = await framering('clean', '--yes', '--directory', directory)
    expect(swept).toMatchObject({ code: 0, stderr: '' })
    expect(swept.stdout).toMatch(/\n4 files of dead writers, [\d.]+ KiB: removed\.\n$/)
    expect(remains(dead, directory)).toEqual([])
    expect(remains(writer.name, directory)).toHaveLength(4)
    expect((await framering('clean', '--directory', directory)).stdout).toBe(
      'Nothing is left of dead writers.\n',
    )
  })

  test('says the same in JSON', async () => {
    const dead = await deadRing(directory)
    using writer = createWriter(ringName(), { ...SMALL, directory })
    const left = remains(dead, directory).map((file) => `${directory}/${file}`)
    for (const yes of [[], ['--yes']]) {
      const { code, stdout } = await framering('clean', '--json', '--directory', directory, ...yes)
      expect(code).toBe(0)
      const report = JSON.parse(stdout) as Report
      expect(report.dryRun).toBe(yes.length === 0)
      expect(report.removed.map(({ path }) => path).sort()).toEqual(left.sort())
      expect(report.removed.every(({ ring }) => ring === dead)).toBe(true)
      expect(report.bytes).toBe(report.removed.reduce((sum, { bytes }) => sum + bytes, 0))
      expect(report.kept).toHaveLength(4)
      expect(report.kept[0]).toMatchObject({ ring: writer.name, code: 'NAME_IN_USE' })
    }
  })

  test('what may not be removed is said, and is a failure with --yes', async () => {
    // Of a kind that no writer makes.
    mkdirSync(`${directory}/framering.odd.data`)
    const looked = await framering('clean', '--directory', directory)
    expect(looked).toMatchObject({ code: 0, stdout: 'Nothing is left of dead writers.\n' })
    const swept = await framering('clean', '--yes', '--directory', directory)
    expect(swept.code).toBe(1)
    expect(swept.stderr).toMatch(/^PERMISSION: .*framering\.odd\.data stays: .*by hand.*\n$/)
    expect(readdirSync(directory)).toEqual(['framering.odd.data'])
  })

  test('a directory that is not there is said in one line', async () => {
    expect(await framering('clean', '--directory', `${directory}/nix`)).toEqual({
      code: 2,
      stdout: '',
      stderr: `OPTION_INVALID: cannot read the directory ${directory}/nix [No such file or directory]\n`,
    })
  })
})

describe('rm', { timeout: 120_000 }, () => {
  test('removes what is left of the rings that are named', async () => {
    const [one, other, third] = [
      await deadRing(directory),
      await deadRing(directory),
      await deadRing(directory),
    ]
    const { code, stdout, stderr } = await framering('rm', one, other, '--directory', directory)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      new RegExp(`^${one}: removed, [\\d.]+ KiB freed\n${other}: removed, [\\d.]+ KiB freed\n$`),
    )
    expect(remains(one, directory)).toEqual([])
    expect(remains(other, directory)).toEqual([])
    expect(remains(third, directory)).toHaveLength(4)
  })

  test('refuses a ring whose writer lives', async () => {
    using writer = createWriter(ringName(), { ...SMALL, directory })
    expect(await framering('rm', writer.name, '--directory', directory)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^NAME_IN_USE: .*live writer.*end it.*\n$/) as string,
    })
    expect(remains(writer.name, directory)).toHaveLength(4)
  })

  test('knows no ring of that name: 3, and the others are removed all the same', async () => {
    const dead = await deadRing(directory)
    const { code, stdout, stderr } = await framering(
      ...['rm', 'nix\u001b[2J', dead, '--json', '--directory', directory],
    )
    expect(code).toBe(3)
    const [missing, removed] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(missing).toEqual({
      ring: 'nix\u001b[2J',
      removed: [],
      bytes: 0,
      error: { code: 'NOT_FOUND', message: expect.stringContaining('framering ls') as string },
    })
    expect(removed).toMatchObject({ ring: dead, error: null })
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect(remains(dead, directory)).toEqual([])
  })
})
