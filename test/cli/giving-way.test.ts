import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { flat, testWriter } from '../ring/fixtures.ts'
import { built, watching } from './framering.ts'

built()

test.each([
  ['hz', 10],
  ['top', 10],
  ['cat', 0],
])('%s, which looks at rings or reads them, runs at nice %i', async (command, nice) => {
  const writer = testWriter()
  writer.write(flat(1))
  const timer = setInterval(() => writer.write(flat(2)), 5)
  try {
    const more = command === 'cat' ? ['--npy'] : ['--json']
    const peer = watching(command, writer.name, ...more)
    await peer.line()
    expect(getPriority(peer.pid)).toBe(Math.max(nice, getPriority()))
  } finally {
    clearInterval(timer)
  }
})
