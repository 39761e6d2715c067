// Random sequences of calls, once on shared memory and once on the heap: what can be seen is the same.
// A failure prints the seed and the shortest sequence that shows it.
//
//   FRAMERING_PROPERTY_RUNS=20000 npx vitest run test/conformance/model.test.ts

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { useMemoryTransport } from '../../src/testing/index.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'

const RUNS = Number(process.env['FRAMERING_PROPERTY_RUNS'] ?? 400)

test(
  'a ring in shared memory and one on the heap show the same',
  () => {
    const name = ringName()
    fc.assert(
      fc.property(commands, (steps) => {
        const shared = run(name, steps)
        // Not a time that a command names.
        using memory = useMemoryTransport({ start: 1234.567 })
        expect(run(name, steps)).toEqual(shared)
        expect(memory.now).toBe(1234.567)
      }),
      { numRuns: RUNS },
    )
    expect(remains(name)).toEqual([])
  },
  30_000 + RUNS * 50,
)
