import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RingFigures } from '../../src/cli/top/figures.ts'
import { now, openReader, type ReaderOptions } from '../../src/index.ts'
import { writerOf } from '../support/live-ring.ts'
import { hasPython } from '../support/tools.ts'
import { built, framering, watching } from './framering.ts'
import { inTestTerminal } from './terminal.ts'

built()

const FRAME = new Uint8Array(16)

function ring(slots = 8) {
  return writerOf({ dtype: 'uint8', shape: [16], slots })
}

function readerOf(name: string, options: ReaderOptions) {
  const reader = openReader(name, options)
  onTestFinished(() => {
    reader.close()
  })
  return reader
}

/** The next look of `top --json`. */
async function look(command: ReturnType<typeof watching>): Promise<readonly RingFigures[]> {
  const { time, rings } = JSON.parse(await command.line()) as { time: number; rings: RingFigures[] }
  // Of the clock of `now()`, which no clock is ahead of.
  expect(time).toBeGreaterThan(0)
  expect(time).toBeLessThan(now())
  return rings
}

describe('with --json', () => {
  test('a look is a line with what writer and readers have done since the first one', async () => {
    const writer = ring(3)
    const reader = readerOf(writer.name, { delivery: 'every', maxLeases: 3 })
    writer.write(FRAME)
    const held = [reader.tryNext()]
    const command = watching('top', writer.name, '--json', '--interval', '100')
    const [before] = await look(command)
    expect(before).toMatchObject({
      ring: writer.name,
      state: 'running',
      error: null,
      published: 0,
      dropped: 0,
      slots: 3,
      bytes: writer.stats().bytes,
      lockedBytes: writer.stats().lockedBytes,
      readers: [{ pid: process.pid, delivery: 'every', leases: 1, maxLeases: 3, lag: 0 }],
      heldSlots: [{ sequence: 1, holders: [{ pid: process.pid }] }],
    })
    for (let i = 0; i < 2; i++) {
      writer.write(FRAME)
      held.push(reader.tryNext())
    }
    // No slot is left.
    for (let i = 0; i < 4; i++) writer.write(FRAME)
    let after = before!
    while (after.published !== 2 || after.dropped !== 4)
      [after] = (await look(command)) as [typeof after]
    expect(after.readers).toMatchObject([{ leases: 3, lag: 4, heldDrops: 4 }])
    expect(after.heldSlots).toHaveLength(3)
    expect(after.readers![0]!.p99).toBeGreaterThanOrEqual(after.readers![0]!.p50!)
    for (const frame of held) frame?.release()
    while (after.heldSlots!.length > 0) [after] = (await look(command)) as [typeof after]
    command.process.kill('SIGTERM')
    expect(await command.ended()).toBe(0)
  })

  test('a thousand frames pass by ten looks: none is dropped, nobody joins', async () => {
    const writer = ring()
    const reader = readerOf(writer.name, { delivery: 'every' })
    const command = watching('top', '--json', '--interval', '100')
    const mine = async () => (await look(command)).find((one) => one.ring === writer.name)!
    await mine()
    let received = 0
    for (let looks = 0; looks < 10; looks++) {
      for (let i = 0; i < 100; i++) {
        writer.write(FRAME)
        const frame = reader.tryNext()
        if (frame !== null) received++
        frame?.release()
      }
      await mine()
    }
    let last = await mine()
    while (last.published !== 1000) last = await mine()
    expect(received).toBe(1000)
    expect(last).toMatchObject({ dropped: 0, readers: [{ lag: 0, lost: { overrun: 0 } }] })
    expect(writer.stats()).toMatchObject({ readers: 1, published: 1000, dropped: 0 })
    reader.close()
    await mine()
    expect(writer.stats().readers).toBe(0)
  })

  test('what cannot be looked at is told, and keeps nothing else from being looked at', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'framering-top-'))
    onTestFinished(() => {
      rmSync(directory, { recursive: true })
    })
    writeFileSync(join(directory, 'framering.broken.data'), 'no ring')
    const all = watching('top', '--json', '--directory', directory)
    expect(await look(all)).toMatchObject([
      {
        ring: 'broken',
        state: 'unreadable',
        error: { code: 'NOT_A_RING' },
        rate: null,
        readers: null,
        heldSlots: null,
      },
    ])
    const named = watching('top', 'absent', 'broken', '--json', '--directory', directory)
    expect(await look(named)).toMatchObject([
      { ring: 'absent', state: 'missing', error: { code: 'NOT_FOUND' } },
      { ring: 'broken', state: 'unreadable' },
    ])
  })
})

test('without a terminal it says what to do instead', async () => {
  expect(await framering('top')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'OPTION_INVALID: there is no terminal to show it in; --json gives a line for each look\n',
  })
})

test('it never looks more often than ten times a second', async () => {
  const { code, stderr } = await framering('top', '--json', '--interval', '99')
  expect(code).toBe(2)
  expect(stderr).toContain('--interval takes a whole number from 100')
})

describe.skipIf(!hasPython)('in a terminal', () => {
  test('the figures are those of the ring and its readers', async () => {
    const writer = ring(3)
    const reader = readerOf(writer.name, { delivery: 'every', maxLeases: 3 })
    const terminal = inTestTerminal(['top', writer.name, '--interval', '100'], { columns: 160 })
    await terminal.line(new RegExp(`${writer.name} +running`))
    const held = []
    for (let i = 0; i < 3; i++) {
      writer.write(FRAME)
      held.push(reader.tryNext())
    }
    for (let i = 0; i < 4; i++) writer.write(FRAME)
    // Ring, state, rate, data, drops, lost, readers.
    await terminal.line(new RegExp(`^${writer.name} +running +\\S+ +\\S+ \\S+/s +4 +0 +1 `))
    // Process, delivery, rate, lag, held of those it may hold.
    await terminal.line(new RegExp(`^ *${process.pid} +every +\\S+ +4 +3/3 `))
    const holds = new RegExp(`^ +\\d +[123] +${process.pid} for \\S+ m?s \\(\\S`)
    await terminal.until((lines) => lines.filter((line) => holds.test(line)).length === 3, 'slots')
    await terminal.line(new RegExp(`^${writer.name}  3 slots, .* writer ${process.pid} \\(\\S`))
    expect(writer.stats().readers).toBe(1)
    for (const frame of held) frame?.release()
    await terminal.line(new RegExp(`^ *${process.pid} +every +\\S+ +4 +0/3 `))
  })

  test('keys choose the ring and the order, show help, pause, and set the interval', async () => {
    const [first, second] = [ring(), ring()]
    const names = [first.name, second.name]
    const terminal = inTestTerminal(['top', ...names, '--interval', '100'])
    await terminal.line(new RegExp(`^${first.name} .* writer`))
    terminal.type('j')
    await terminal.line(new RegExp(`^${second.name} .* writer`))
    terminal.type('k')
    await terminal.line(new RegExp(`^${first.name} .* writer`))
    terminal.type('\x1b[B')
    await terminal.line(new RegExp(`^${second.name} .* writer`))
    for (let i = 0; i < 3; i++) second.write(FRAME)
    terminal.type('r')
    await terminal.line(/by rate/)
    await terminal.until((lines) => {
      const shown = lines.filter((line) => line.includes('running'))
      return shown.map((line) => line.split(' ')[0]).join() === [second.name, first.name].join()
    }, 'the faster one came first')
    terminal.type('?')
    await terminal.line(/Counts are since top started/)
    terminal.type('x')
    await terminal.without(/Counts are since top started/)
    terminal.type('+')
    await terminal.line(/every 200 ms/)
    terminal.type('--')
    await terminal.line(/every 100 ms/)
    terminal.type('p')
    await terminal.line(/paused/)
    terminal.type('p')
    await terminal.line(/every 100 ms/)
    terminal.type('q')
    expect(await terminal.ended()).toEqual({ code: 0, same: true })
  })

  test.each([
    [
      'q',
      (terminal: ReturnType<typeof inTestTerminal>) => {
        terminal.type('q')
      },
    ],
    [
      'Ctrl-C',
      (terminal: ReturnType<typeof inTestTerminal>) => {
        terminal.type('\x03')
      },
    ],
    [
      'SIGTERM',
      (terminal: ReturnType<typeof inTestTerminal>) => {
        terminal.kill('SIGTERM')
      },
    ],
    [
      'SIGHUP',
      (terminal: ReturnType<typeof inTestTerminal>) => {
        terminal.kill('SIGHUP')
      },
    ],
  ])('%s ends it with 0, and the terminal is as it was', async (_, end) => {
    const terminal = inTestTerminal(['top'])
    await terminal.line(/^framering top/)
    expect(terminal.full).toBe(true)
    end(terminal)
    expect(await terminal.ended()).toEqual({ code: 0, same: true })
    expect(terminal.full).toBe(false)
    expect(terminal.text.trim()).toBe('')
    expect(terminal.sent.lastIndexOf('\x1b[?25h')).toBeGreaterThan(
      terminal.sent.lastIndexOf('\x1b[?25l'),
    )
  })

  // Node 20 aborts in its own exit code where it ends by itself then.
  test('a window that is closed ends it as it ends any program', async () => {
    const terminal = inTestTerminal(['top'])
    await terminal.line(/^framering top/)
    terminal.close()
    expect((await terminal.ended()).code).toBe(-constants.signals.SIGHUP)
  })

  test('a ring that ends is shown as ended, and then no more', async () => {
    const [stays, goes] = [ring(), ring()]
    const terminal = inTestTerminal(['top', '--interval', '100'], { lines: 60 })
    await terminal.line(new RegExp(`^${goes.name} +running`))
    goes.close()
    await terminal.line(new RegExp(`^${goes.name} +ended`))
    await terminal.without(new RegExp(`^${goes.name} `))
    await terminal.line(new RegExp(`^${stays.name} +running`))
  })

  test('it fits any size, follows when that changes, and shows where a text is cut', async () => {
    const writer = ring()
    const terminal = inTestTerminal(['top', writer.name, '--interval', '100'])
    await terminal.line(/^framering top .* q quit/)
    for (const [lines, columns, title] of [
      [8, 70, /^framering top .* q quit *$/],
      [3, 24, /^framering top +1 ring +…$/],
      [1, 2, /^f…$/],
    ] as const) {
      terminal.resize(lines, columns)
      await terminal.line(title)
    }
    terminal.resize(30, 120)
    await terminal.line(/^framering top .* q quit/)
    await terminal.line(new RegExp(`^${writer.name} +running`))
    terminal.type('q')
    expect(await terminal.ended()).toEqual({ code: 0, same: true })
  })

  test('what a process calls itself does nothing to the terminal', async () => {
    const { title } = process
    onTestFinished(() => {
      process.title = title
    })
    process.title = '\x1b[2Jevil \x1b]0;x\x07'
    const writer = ring()
    readerOf(writer.name, {})
    const terminal = inTestTerminal(['top', writer.name])
    await terminal.line(/writer \d+ \(\\x1b\[2Jevil/)
    expect(terminal.sent).not.toContain('\x1b[2Jevil')
    expect(terminal.sent).not.toContain('\x1b]0;')
  })

  test('without colours where NO_COLOR asks for none', async () => {
    const writer = ring()
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    const COLOR = /\x1b\[(?:\d+;)*3[0-8](?:;\d+)*m/
    const colored = inTestTerminal(['top', writer.name])
    await colored.line(/running/)
    expect(colored.sent).toMatch(COLOR)
    const plain = inTestTerminal(['top', writer.name], { env: { NO_COLOR: '1' } })
    await plain.line(/running/)
    expect(plain.sent).not.toMatch(COLOR)
  })
})
