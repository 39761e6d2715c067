import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { attach, create, remove } from '../../src/shared-array/index.ts'
import { arrayName } from './fixtures.ts'

const ROOT = new URL('../..', import.meta.url)

/** Runs a module in a process of its own; `name` is its first argument. */
function run(script: string, name: string) {
  const source = `import { attach, create, remove } from 'framering/shared-array'
    const name = process.argv[1]
    ${script}`
  const args = ['--input-type=module', '-e', source, name]
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
}

test('an array outlives the process that made it, killed as it may be', () => {
  const name = arrayName()
  const { signal } = run(
    `create(name, [2, 2], 'int16').fill(-3); process.kill(process.pid, 'SIGKILL')`,
    name,
  )
  expect(signal).toBe('SIGKILL')
  expect(attach(name).toNested()).toEqual([
    [-3, -3],
    [-3, -3],
  ])
})

test('an array that another process removed stays here, and its name is free', () => {
  const name = arrayName()
  const array = create(name, [2], 'uint8')
  const other = run(
    `attach(name).set(1, 4); remove(name); create(name, [1], 'int8').fill(-1)`,
    name,
  )
  expect(other).toMatchObject({ status: 0, stderr: '' })
  expect([...array]).toEqual([0, 4])
  expect([...attach(name)]).toEqual([-1])
})

test('of processes that create the same name at once, one does', async () => {
  const name = arrayName()
  // 16 threads, because processes would hardly meet.
  const script = `
    const { parentPort, workerData } = require('node:worker_threads')
    import('framering/shared-array').then(({ create }) => {
      parentPort.once('message', () => {
        try { create(workerData, [3], 'uint8').fill(1); parentPort.postMessage('created') }
        catch (error) { parentPort.postMessage(error.code) }
      })
      parentPort.postMessage('ready')
    })`
  const workers = Array.from(
    { length: 16 },
    () => new Worker(script, { eval: true, workerData: name, execArgv: [] }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const told = workers.map((worker) => once(worker, 'message'))
  for (const worker of workers) worker.postMessage('go')
  const outcomes = (await Promise.all(told)).flat() as string[]
  await Promise.all(workers.map((worker) => worker.terminate()))
  expect(outcomes.sort()).toEqual([...new Array<string>(15).fill('EXISTS'), 'created'])
  expect([...attach(name)]).toEqual([1, 1, 1])
  remove(name)
})
