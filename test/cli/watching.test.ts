import { truncateSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { actor, crash } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'
import { flat, SMALL, testWriter } from '../ring/fixtures.ts'
import { built, framering, watching } from './framering.ts'

built()

const COMMANDS = [
  { command: 'hz', flags: ['--every', '20', '--json'] },
  { command: 'bw', flags: ['--every', '20', '--json'] },
  { command: 'delay', flags: ['--every', '20', '--json'] },
  { command: 'echo', flags: ['--json'] },
]

describe.each(COMMANDS)('$command', ({ command, flags }) => {
  test('ends with 3 when the writer closes the ring', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    const watcher = watching(command, writer.name, ...flags)
    await watcher.line()
    writer.close()
    expect(await watcher.ended()).toBe(3)
    expect(JSON.parse(watcher.stderr)).toEqual({
      error: {
        code: 'NOT_FOUND',
        message: `ring '${writer.name}' was closed by its writer; start it again`,
      },
    })
  })

  test('ends with 3 when the writer dies, and refuses to begin with what it left', async () => {
    const name = ringName()
    const writer = await actor()
    await writer.does('create', { name, options: SMALL })
    await writer.does('write')
    const watcher = watching(command, name, ...flags)
    await watcher.line()
    await crash(writer)
    expect(await watcher.ended()).toBe(3)
    expect(JSON.parse(watcher.stderr)).toMatchObject({ error: { code: 'WRITER_DIED' } })
    const again = await framering(command, name)
    expect(again).toMatchObject({ code: 3, stdout: '' })
    expect(again.stderr).toMatch(/^WRITER_DIED: .*pid \d+.*framering info .*\n$/)
  })

  test('ends at once at Ctrl-C, with 0', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    const watcher = watching(command, writer.name, ...flags)
    await watcher.line()
    watcher.process.kill('SIGINT')
    expect(await watcher.ended()).toBe(0)
    expect(watcher.stderr).toBe('')
  })

  test('of a ring that is not there says so', async () => {
    expect(await framering(command, ringName(), ...flags)).toMatchObject({ code: 3, stdout: '' })
  })

  test('joins nothing: the writer does not know of it, and drops nothing', async () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    writer.write(flat(1))
    const watcher = watching(command, writer.name, ...flags)
    await watcher.line()
    for (let i = 0; i < 100; i++) writer.write(flat(2))
    await watcher.line()
    expect(writer.stats()).toMatchObject({ readers: 0, dropped: 0, bells: 0, published: 101 })
  })
})

test('a restart of the writer goes on, and is told of', async () => {
  const writer = testWriter()
  for (let i = 1; i <= 3; i++) writer.write(flat(i))
  const echo = watching('echo', writer.name, '--json', '--fields', 'sequence')
  const hz = watching('hz', writer.name, '--json', '--every', '20')
  await hz.line()
  expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'frame', sequence: 3 })
  writer.close()
  const again = createWriter(writer.name, { ...SMALL, slots: 4 })
  try {
    again.write(flat(1))
    expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'restarted', pid: process.pid })
    expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'frame', sequence: 1 })
    while (hz.stderr === '') await hz.line()
    expect(hz.stderr).toMatch(/has another writer now, pid \d+: its sequences begin at 1 again\n$/)
  } finally {
    again.close()
  }
})

test('what the old writer did after the last look is told of before the new one', async () => {
  const writer = testWriter({ ...SMALL, slots: 3 })
  writer.write(flat(1))
  const echo = watching('echo', writer.name, '--json', '--fields', 'sequence')
  expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'frame', sequence: 1 })
  // Stopped, so that all of it falls between two looks.
  echo.process.kill('SIGSTOP')
  for (let i = 2; i <= 9; i++) writer.write(flat(i))
  writer.close()
  const again = createWriter(writer.name, SMALL)
  try {
    again.write(flat(1))
    echo.process.kill('SIGCONT')
    // It may have looked once more before it stopped: each sequence is in one line all the same.
    let next = 2
    while (next <= 9) {
      const line = JSON.parse(await echo.line()) as Record<string, unknown>
      if (line['kind'] === 'lost') {
        expect(line).toMatchObject({ first: next, dropped: 0 })
        next = Number(line['last']) + 1
      } else expect(line).toMatchObject({ kind: 'frame', sequence: next++ })
    }
    expect(next).toBe(10)
    expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'restarted' })
    expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'frame', sequence: 1 })
  } finally {
    again.close()
  }
})

test('larger slots of the same writer are no restart', async () => {
  const writer = testWriter()
  writer.write(flat(1))
  const echo = watching('echo', writer.name, '--json', '--fields', 'sequence,shape')
  expect(JSON.parse(await echo.line())).toMatchObject({ sequence: 1, shape: [4, 4] })
  writer.setFormat({ dtype: 'uint8', shape: [100_000] })
  writer.write(new Uint8Array(100_000))
  expect(JSON.parse(await echo.line())).toMatchObject({ kind: 'moved' })
  expect(JSON.parse(await echo.line())).toMatchObject({ sequence: 2, shape: [100_000] })
})

test('one of several rings that ends leaves the others, and shows in the exit code', async () => {
  const [a, b] = [testWriter(), testWriter()]
  b.write(flat(1))
  const hz = watching('hz', a.name, b.name, '--json', '--every', '20')
  await hz.line()
  a.close()
  while (hz.stderr === '') await hz.line()
  const message = `ring '${a.name}' was closed by its writer; start it again`
  expect(JSON.parse(hz.stderr)).toEqual({ error: { code: 'NOT_FOUND', message } })
  b.write(flat(2))
  let line = JSON.parse(await hz.line()) as { ring: string; frames: number }
  while (line.frames < 2) line = JSON.parse(await hz.line()) as { ring: string; frames: number }
  expect(line.ring).toBe(b.name)
  b.close()
  expect(await hz.ended()).toBe(3)
})

test('memory that is cut off under it is an error, not a signal', async () => {
  const name = ringName()
  const writer = await actor()
  await writer.does('create', { name, options: SMALL })
  await writer.does('write')
  const hz = watching('hz', name, '--json', '--every', '20')
  await hz.line()
  truncateSync(`/dev/shm/framering.${name}.data`, 0)
  expect(await hz.ended()).toBe(1)
  expect(JSON.parse(hz.stderr)).toMatchObject({ error: { code: 'TRUNCATED' } })
})
