import { describe, expect, test } from 'vitest'
import type { Line } from '../../src/cli/top/columns.ts'
import type { ReaderFigures, RingFigures } from '../../src/cli/top/figures.ts'
import { type Order, ORDERS, sortedReaders, sortedRings } from '../../src/cli/top/order.ts'
import { picture } from '../../src/cli/top/picture.ts'
import { rateText, sparkline } from '../../src/cli/top/texts.ts'
import type { View } from '../../src/cli/top/view.ts'
import { durationText } from '../../src/cli/watch/figures.ts'

const LOST = { source: 0, noSlot: 0, overrun: 0, skipped: 0, restart: 0 }

function reader(entry: number, more: Partial<ReaderFigures> = {}): ReaderFigures {
  return {
    ...{
      entry,
      joins: 1,
      pid: 1000 + entry,
      command: 'node viewer.js',
      delivery: 'every' as const,
    },
    ...{ rate: 30, lag: 0, leases: 0, maxLeases: 2, p50: 0.1, p99: 1, lost: LOST, heldDrops: 0 },
    ...more,
  }
}

function ring(name: string, more: Partial<RingFigures> = {}): RingFigures {
  return {
    ...{ ring: name, state: 'running' as const, error: null, rate: 30, bytesPerSecond: 1e6 },
    ...{ published: 9, dropped: 0, sourceLost: 0, age: 3, slots: 8, bytes: 1e6, lockedBytes: 0 },
    ...{ writer: { pid: 1, command: 'node camera.js' }, readers: [], heldSlots: [] },
    ...more,
  }
}

function viewOf(rings: readonly RingFigures[], more: Partial<View> = {}): View {
  const rates = () => [1, 2, null, 4]
  const fixed = { order: 'name' as const, interval: 500, paused: false, help: false, rates }
  return { rings, selected: rings[0]?.ring, ...fixed, ...more }
}

/** The texts of a line, in order. */
function texts(line: Line | undefined): string[] {
  return line?.cells.map(({ text }) => text.trim()) ?? []
}

describe('the picture', () => {
  const many = Array.from({ length: 300 }, (_, i) => ring(`camera-${i}`))
  const readers = Array.from({ length: 64 }, (_, i) => reader(i))
  const heldSlots = readers.map(({ entry, pid, command }) => ({
    slot: entry,
    sequence: entry + 1,
    holders: [{ entry, pid, command, held: 3 }],
  }))
  many[7] = ring('camera-7', { readers, heldSlots })

  test('fits every size, and no text reaches into the next or beyond the edge', () => {
    for (const selected of ['camera-0', 'camera-7', 'camera-299', undefined]) {
      for (const help of [false, true]) {
        const view = viewOf(many, { selected, help })
        for (let width = 0; width < 180; width += 13) {
          for (let height = 0; height < 60; height += 5) {
            const lines = picture(view, width, height)
            expect(lines.length).toBeLessThanOrEqual(height)
            for (const { cells } of lines) {
              for (const [i, { x, width: room }] of cells.entries()) {
                const next = cells[i + 1]?.x ?? Math.max(width, x + room)
                expect(x + room).toBeLessThanOrEqual(next)
              }
            }
          }
        }
      }
    }
  })

  test('has the selected ring in it, wherever it stands among hundreds', () => {
    for (const at of [0, 1, 150, 298, 299]) {
      const lines = picture(viewOf(many, { selected: `camera-${at}` }), 100, 20)
      const chosen = lines.filter(({ selected }) => selected)
      expect(chosen).toHaveLength(1)
      expect(texts(chosen[0])[0]).toBe(`camera-${at}`)
    }
  })

  test('leaves the readers half of the screen, and says how much of them is not shown', () => {
    const lines = picture(viewOf(many, { selected: 'camera-7' }), 120, 21)
    expect(lines).toHaveLength(21)
    expect(texts(lines.at(-1))[0]).toMatch(/^… \d+ more lines$/)
    expect(lines.filter((line) => texts(line)[0]?.startsWith('camera-')).length).toBe(10)
  })

  test('keeps the name and what matters most where it is narrow', () => {
    const [, head, row] = picture(viewOf([ring('front')]), 34, 10)
    expect(texts(head)).toEqual(['RING', 'HZ', 'DROPS', 'READERS'])
    expect(texts(row)).toEqual(['front', '30.0', '0', '0'])
    const [, narrow] = picture(viewOf([ring('front')]), 4, 10)
    expect(texts(narrow)).toEqual(['RING'])
  })

  test('has whole command lines of readers on 100 columns, and drops by cause beside them', () => {
    const readers = [reader(0, { command: 'node detector.js', heldDrops: 4 })]
    const lines = picture(viewOf([ring('front', { readers })]), 100, 30)
    const head = lines.find((line) => texts(line)[0] === 'PID')!
    expect(texts(head)).toEqual([
      ...['PID', 'DELIVERY', 'HZ', 'LAG', 'HELD', 'P50', 'P99'],
      ...['NO SLOT', 'OVERRUN', 'COST', 'COMMAND'],
    ])
    expect(head.cells.at(-1)!.width).toBeGreaterThanOrEqual('node detector.js'.length)
  })

  test('has how long a slot is held before a command line of any length', () => {
    const command = 'node '.padEnd(300, 'x')
    const holders = [{ entry: 0, pid: 1000, command, held: 412 }]
    const heldSlots = [{ slot: 3, sequence: 904, holders }]
    const lines = picture(viewOf([ring('front', { readers: [reader(0)], heldSlots })]), 80, 24)
    const [head, row] = lines.slice(-2)
    expect(texts(head)).toEqual(['SLOT', 'FRAME', 'HELD BY'])
    expect(texts(row)).toEqual(['3', '904', `1000 for 412 ms (${command})`])
  })

  test('has slots and memory of a ring before a command line of any length', () => {
    const writer = { pid: 7, command: 'node '.padEnd(300, 'x') }
    const all = picture(viewOf([ring('front', { writer })]), 80, 24).flatMap(texts)
    const [facts] = all.filter((text) => text.includes('writer'))
    expect(facts).toMatch(/^front +8 slots, .* locked +writer 7 \(node x+\)$/)
  })

  test('says why a ring cannot be looked at', () => {
    const error = { code: 'PERMISSION', message: 'ask its owner' }
    const lines = picture(viewOf([ring('front', { state: 'unreadable', error })]), 80, 10)
    expect(lines.flatMap(texts)).toContain('PERMISSION: ask its owner')
  })

  test('says that readers cannot be seen rather than that there are none', () => {
    const lines = picture(viewOf([ring('front', { readers: null })]), 80, 10)
    expect(lines.flatMap(texts).join('\n')).toContain('cannot be seen')
    expect(lines.flatMap(texts)).not.toContain('no readers')
  })
})

test('each order puts the highest first, and names decide where nothing else does', () => {
  const rings = [
    ring('b10'),
    ring('b9', { rate: 60, dropped: 2 }),
    ring('a', { bytesPerSecond: 5e6, age: 90, readers: [reader(0, { lag: 3 })] }),
    ring('c', { state: 'missing', rate: null, dropped: null, age: null, readers: null }),
  ]
  const first = (order: Order) => sortedRings(rings, order).map((one) => one.ring)
  expect(first('name')).toEqual(['a', 'b9', 'b10', 'c'])
  expect(first('rate')).toEqual(['b9', 'a', 'b10', 'c'])
  expect(first('bytes')[0]).toBe('a')
  expect(first('drops')[0]).toBe('b9')
  expect(first('lag')[0]).toBe('a')
  expect(first('age')[0]).toBe('a')
  expect(first('readers')[0]).toBe('a')
  expect(new Set(Object.values(ORDERS)).size).toBe(Object.keys(ORDERS).length)

  const readers = [reader(0, { lost: { ...LOST, skipped: 9 } }), reader(1, { lag: 4, rate: 5 })]
  readers.push(reader(2, { rate: 90, lost: { ...LOST, overrun: 1 } }))
  const entries = (order: Order) => sortedReaders(readers, order).map(({ entry }) => entry)
  expect(entries('name')).toEqual([0, 1, 2])
  expect(entries('lag')).toEqual([1, 0, 2])
  expect(entries('rate')).toEqual([2, 0, 1])
  expect(entries('drops')).toEqual([2, 0, 1])
})

test('figures are as short as they may be', () => {
  expect([0.5, 29.97, 999.6, null].map(rateText)).toEqual(['0.50', '30.0', '1000', '-'])
  expect([0.05, 1.234, 12.34, 999, 3400, 300_000, 9e6, 9e8, null].map(durationText)).toEqual([
    ...['50 µs', '1.23 ms', '12.3 ms', '999 ms', '3.4 s', '5 min', '2 h', '10 d', '-'],
  ])
  expect(sparkline([0, 50, null, 100], 10)).toBe('▁▄ ▇')
  expect(sparkline([1, 2, 3], 2)).toBe('▅▇')
  expect(sparkline([0, 0], 5)).toBe('▁▁')
  expect(sparkline([], 5)).toBe('')
})
