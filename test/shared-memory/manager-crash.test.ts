import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { SharedMemory } from '../../src/shared-memory/index.ts'
import { Peer } from '../support/peer.ts'
import { gone, isThere, memoryName } from './names.ts'

function script(name: string): URL {
  return new URL(name, import.meta.url)
}

function peer(name: string, options: object): Peer {
  const made = new Peer(script(name), options)
  onTestFinished(async () => {
    made.kill()
    await made.ended()
  })
  return made
}

/** A process that owns the names through a manager. */
async function owner(names: readonly string[], end = 'exit'): Promise<Peer> {
  const made = peer('owner.mjs', { names, end })
  await made.heard('owns')
  expect(names.every(isThere)).toBe(true)
  return made
}

test.each(['exit', 'throw', 'reject', 'return'])(
  'when the process ends by %s, what its manager made is gone with it',
  async (end) => {
    const names = [memoryName(), memoryName()]
    const process = await owner(names, end)
    process.say('end')
    await process.ended()
    // By its own hand, and not by the guardian's a moment later.
    expect(names.some(isThere)).toBe(false)
    const fails = end === 'throw' || end === 'reject'
    expect(process.stderr.join('') !== '').toBe(fails)
  },
)

test('a process that the owner has started keeps nothing when the owner is killed', async () => {
  const names = [memoryName(), memoryName()]
  const made = peer('owner.mjs', { names, child: ['sleep', '1000'] })
  const { child } = await made.heard('owns')
  onTestFinished(() => {
    process.kill(child as number)
  })
  made.kill()
  await gone(names)
  expect(process.kill(child as number, 0)).toBe(true)
})

test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV'] as const)(
  'when %s ends the process, what its manager made is freed',
  async (signal) => {
    const names = [memoryName(), memoryName(), memoryName(), memoryName()]
    const process = await owner(names)
    process.kill(signal)
    expect(await process.ended()).toEqual({ code: null, signal })
    await gone(names)
  },
)

test('what others have put in the place of a name stays when the owner is killed', async () => {
  const names = [memoryName(), memoryName()] as const
  const process = await owner(names)
  SharedMemory.unlink(names[0])
  const theirs = new SharedMemory({ name: names[0], create: true, size: 9 })
  process.kill()
  await gone([names[1]])
  expect([isThere(names[0]), theirs.size]).toEqual([true, 9])
})

test('the guardian that takes the place of a killed one frees what was made before', async () => {
  const names = [memoryName(), memoryName()]
  const made = await owner(names)
  const guardian = async () => {
    made.say('guardian')
    return (await made.heard('guardian'))['pid'] as number
  }
  const first = await guardian()
  process.kill(first, 'SIGKILL')
  while ((await guardian()) === first);
  expect(names.every(isThere)).toBe(true)
  made.kill()
  await gone(names)
})

test('the guardian frees as many as there are', async () => {
  const names = Array.from({ length: 300 }, memoryName)
  const process = await owner(names)
  process.kill()
  await gone(names)
}, 60_000)

test('killed at any step of making and freeing, a process leaves nothing', async () => {
  const names = [memoryName(), memoryName(), memoryName()]
  const whole = peer('mortal-owner.mjs', { names })
  const steps = (await whole.heard('done'))['steps'] as number
  expect(steps).toBeGreaterThan(20)
  for (let step = 1; step <= steps; step++) {
    const mortal = peer('mortal-owner.mjs', { names, step })
    expect(await mortal.ended()).toEqual({ code: null, signal: 'SIGKILL' })
    await gone(names)
  }
}, 120_000)

test('killed in the middle of making and freeing, a process leaves nothing', async () => {
  const names = Array.from({ length: 5 }, memoryName)
  for (let round = 0; round < 10; round++) {
    const restless = peer('restless-owner.mjs', { names })
    await restless.heard('owns')
    // Some way into it, and never at the same place.
    for (let i = 0; i < 500 * round; i++) isThere(names[0]!)
    restless.kill()
    await restless.ended()
    await gone(names)
  }
}, 60_000)

test.each(['terminate', 'exit'])(
  'when a worker ends by %s, what its manager made is freed',
  async (end) => {
    const names = [memoryName(), memoryName()]
    const worker = new Worker(fileURLToPath(script('owner-worker.mjs')), { workerData: names })
    await once(worker, 'message')
    expect(names.every(isThere)).toBe(true)
    if (end === 'terminate') await worker.terminate()
    else {
      worker.postMessage('exit')
      await once(worker, 'exit')
    }
    await gone(names)
  },
)
