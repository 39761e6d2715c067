import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { flat, testWriter } from '../ring/fixtures.ts'
import { built, watching } from './framering.ts'

built()

test.each([
  ['hz', 10],
  ['top', 10],
  ['cat', 0],
])(
  '%s, which looks at rings or reads them, runs at nice %i with all its threads',
  async (command, nice) => {
    const writer = testWriter()
    writer.write(flat(1))
    const timer = setInterval(() => writer.write(flat(2)), 5)
    try {
      const more = command === 'cat' ? ['--npy'] : ['--json']
      const peer = watching(command, writer.name, ...more)
      await peer.line()
      const threads = readdirSync(`/proc/${peer.pid}/task`).map(Number)
      expect(threads.length).toBeGreaterThan(1)
      const expected = Math.max(nice, getPriority())
      expect(threads.map((thread) => getPriority(thread))).toEqual(threads.map(() => expected))
    } finally {
      clearInterval(timer)
    }
  },
)
