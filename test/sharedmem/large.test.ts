import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { detach, handleOf, open, zeros, type ArrayHandle } from '../../src/sharedmem/index.ts'
import { Holder, holders, meminfo } from './holder.ts'

const ELEMENTS = 2 ** 26
const BYTES = ELEMENTS * 8
const MIB = 2 ** 20

interface Resident {
  readonly own: number
  readonly shared: number
}

/** Bytes that the kernel has given the memory. */
function allocated({ name }: ArrayHandle): number {
  const [pid, fd] = name.split('.') as [string, string]
  return statSync(`/proc/${pid}/fd/${fd}`).blocks * 512
}

// Half a gigabyte of real memory, for a moment.
describe.runIf(meminfo('MemAvailable') >= 1.5e9)('2^26 uint64, 512 MiB', () => {
  test('are made, attached and freed, and nothing is copied', { timeout: 120_000 }, async () => {
    const other = await Holder.start()
    const before = (await other.does('resident')) as Resident
    const array = zeros([ELEMENTS], 'uint64')
    const handle = handleOf(array)
    expect(array.nbytes).toBe(BYTES)
    expect(allocated(handle)).toBe(BYTES)
    array.set(ELEMENTS - 1, 2n ** 64n - 1n)

    await other.does('open', { handle })
    expect(await other.does('get', { index: [ELEMENTS - 1] })).toBe(2n ** 64n - 1n)
    await other.does('set', { index: [0], value: 5n })
    expect(array.get(0)).toBe(5n)
    // Two pages of it were touched there. A copy would be the process's own, or all of it be mapped.
    const after = (await other.does('resident')) as Resident
    expect(after.own - before.own).toBeLessThan(64 * MIB)
    expect(after.shared - before.shared).toBeLessThan(64 * MIB)

    detach(array)
    expect(holders(handle)).toEqual([other.pid])
    await other.killed()
    expect(holders(handle)).toEqual([])
  })

  test('can all be written and read', { timeout: 120_000 }, () => {
    const array = zeros([ELEMENTS], 'uint64')
    array.fill(7n)
    const same = open(handleOf(array))
    for (let i = 0; i < ELEMENTS; i += ELEMENTS / 64) expect(same.get(i)).toBe(7n)
    expect(same.get(ELEMENTS - 1)).toBe(7n)
    detach(same)
    detach(array)
  })
})
