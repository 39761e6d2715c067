import { describe, expect, test } from 'vitest'
import { table } from '../../src/cli/table.ts'

const COLUMNS = [
  { head: 'RING' },
  { head: 'WHO' },
  { head: 'FRAMES', right: true },
  { head: 'DROPS', right: true },
] as const
const ROWS = [
  ['front', 'publish → lease by 4312 (node viewer.js)', '123456', '7'],
  ['a-camera-on-the-left', '\u001b[33mnobody\u001b[39m', '1', '12345'],
]

describe('a table', () => {
  test('has a column below its head, numbers at the right, and as much room as it needs', () => {
    expect(table(COLUMNS, ROWS)).toEqual([
      'RING                  WHO                                       FRAMES  DROPS',
      'front                 publish → lease by 4312 (node viewer.js)  123456      7',
      'a-camera-on-the-left  \u001b[33mnobody\u001b[39m                                         1  12345',
    ])
  })

  test('that is too wide has its texts cut, the longest first', () => {
    expect(table(COLUMNS, ROWS, 50)).toEqual([
      'RING                  WHO            FRAMES  DROPS',
      'front                 publish → le…  123456      7',
      'a-camera-on-the-left  \u001b[33mnobody\u001b[39m              1  12345',
    ])
    expect(table(COLUMNS, ROWS, 33)).toEqual([
      'RING      WHO       FRAMES  DROPS',
      'front     publish…  123456      7',
      'a-camer…  \u001b[33mnobody\u001b[39m         1  12345',
    ])
  })

  test('and where that is not enough goes without its last columns: no number is cut', () => {
    expect(table(COLUMNS, ROWS, 32)).toEqual([
      'RING            WHO       FRAMES',
      'front           publish…  123456',
      'a-camera-on-t…  \u001b[33mnobody\u001b[39m         1',
    ])
    for (let room = 8; room < 90; room++) {
      const lines = table(COLUMNS, ROWS, room)
      // eslint-disable-next-line no-control-regex -- styles take no room
      const plain = lines.map((line) => line.replace(/\u001b\[\d+m/g, ''))
      for (const line of plain) expect(line.length).toBeLessThanOrEqual(room)
      expect(plain[0]!.includes('FRAMES')).toBe(plain[1]!.includes('123456'))
      expect(plain[0]!.includes('DROPS')).toBe(plain[2]!.includes('12345'))
    }
  })
})
