import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  detach,
  fromArray,
  handleOf,
  open,
  zeros,
  type ArrayHandle,
} from '../../src/sharedmem/index.ts'
import { diskFolder, failure, thrown } from '../shared-array/fixtures.ts'
import { Holder, holders } from './holder.ts'

const ROOT = new URL('../..', import.meta.url)

describe('two processes', () => {
  test('share an array that one has from its start', async () => {
    const array = zeros(4)
    const other = await Holder.start(handleOf(array))
    for (const [i, value] of [1, 2, 3].entries()) await other.does('set', { index: [i], value })
    expect([...array]).toEqual([1, 2, 3, 0])
    array.set(3, 4)
    expect(await other.does('look')).toEqual([1, 2, 3, 4])
  })

  test('share an array whose handle is passed later', async () => {
    const other = await Holder.start()
    const array = zeros(4)
    await other.does('open', { handle: handleOf(array) })
    for (const [i, value] of [1, 2, 3].entries()) await other.does('set', { index: [i], value })
    expect([...array]).toEqual([1, 2, 3, 0])
    array.set(3, 4)
    expect(await other.does('look')).toEqual([1, 2, 3, 4])
  })

  test('share views: part, order and direction arrive', async () => {
    const array = fromArray(
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      'int16',
    )
    const other = await Holder.start(handleOf(array.slice(null, [null, null, -2]).T))
    expect(await other.does('look')).toEqual([
      [4, 8],
      [2, 6],
    ])
    await other.does('fill', { value: 0 })
    expect(array.toNested()).toEqual([
      [1, 0, 3, 0],
      [5, 0, 7, 0],
    ])
  })

  test('and a reader cannot write', async () => {
    const array = zeros([2], 'uint8')
    const other = await Holder.start()
    await other.does('open', { handle: handleOf(array), options: { readOnly: true } })
    array.set(0, 5)
    expect(await other.does('look')).toEqual([5, 0])
    await expect(other.does('fill', { value: 1 })).rejects.toMatchObject({ code: 'READ_ONLY' })
  })
})

test('several processes fill a part each, as a pool does', async () => {
  const array = zeros([6, 4])
  const pool = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((row) => Holder.start(handleOf(array.slice(row, [0, 3])))),
  )
  await Promise.all(pool.map((worker, row) => worker.does('fill', { value: row + 1 })))
  expect(array.toNested()).toEqual([1, 2, 3, 4, 5, 6].map((value) => [value, value, value, 0]))
  expect(holders(handleOf(array)).sort()).toEqual(
    [process.pid, ...pool.map(({ pid }) => pid)].sort(),
  )
})

describe('a handle passes', () => {
  /** A process that runs a module, where `answer` opens a handle and writes into its array. */
  function node(source: string, stdio: 'ignore' | 'ipc') {
    const code = `import { open } from 'framering/sharedmem'
      const answer = (handle) => {
        const array = open(handle)
        array.set(1, 0, array.get(0, 1) + 1)
      }
      ${source}`
    return spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit', stdio],
    })
  }

  test('through child_process with JSON messages', async () => {
    const array = fromArray(
      [
        [0, 41],
        [0, 0],
      ],
      'float64',
    )
    const child = node(
      `process.once('message', (handle) => { answer(handle); process.exit() })`,
      'ipc',
    )
    const ended = once(child, 'exit')
    child.send(handleOf(array))
    expect(await ended).toEqual([0, null])
    expect(array.get(1, 0)).toBe(42)
  })

  test('through worker_threads, whose threads have the memory too', async () => {
    const array = fromArray(
      [
        [0, 41],
        [0, 0],
      ],
      'float64',
    )
    const source = `
      const { parentPort, workerData } = require('node:worker_threads')
      import('framering/sharedmem').then(({ open, handleOf }) => {
        const array = open(workerData)
        array.set(1, 0, array.get(0, 1) + 1)
        parentPort.postMessage(handleOf(array.T))
      })`
    const worker = new Worker(source, { eval: true, workerData: handleOf(array), execArgv: [] })
    const ended = once(worker, 'exit')
    const [back] = (await once(worker, 'message')) as [ArrayHandle]
    expect(open(back).toNested()).toEqual([
      [0, 42],
      [41, 0],
    ])
    await ended
    expect(array.get(1, 0)).toBe(42)
  })

  test('through a socket', async () => {
    const array = fromArray(
      [
        [0, 41],
        [0, 0],
      ],
      'float64',
    )
    const server = createServer((socket) => socket.end(JSON.stringify(handleOf(array))))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const child = node(
      `import { connect } from 'node:net'
       import { text } from 'node:stream/consumers'
       answer(JSON.parse(await text(connect(${port}, '127.0.0.1'))))`,
      'ignore',
    )
    expect(await once(child, 'exit')).toEqual([0, null])
    server.close()
    expect(array.get(1, 0)).toBe(42)
  })

  test('through a file', async () => {
    const array = fromArray(
      [
        [0, 41],
        [0, 0],
      ],
      'float64',
    )
    const path = join(diskFolder(), 'handle.json')
    writeFileSync(path, JSON.stringify(handleOf(array)))
    const child = node(
      `import { readFileSync } from 'node:fs'
       answer(JSON.parse(readFileSync(${JSON.stringify(path)}, 'utf8')))`,
      'ignore',
    )
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(handleOf(array))
    expect(array.get(1, 0)).toBe(42)
  })
})

describe('the memory', () => {
  test('stays when the process that made it is killed, and its handle still opens', async () => {
    const [creator, holder] = [await Holder.start(), await Holder.start()]
    const handle = (await creator.does('create', { shape: [2, 2], dtype: 'int32' })) as ArrayHandle
    await creator.does('set', { index: [0, 1], value: 7 })
    await holder.does('open', { handle })
    await creator.killed()
    const array = open(handle)
    expect(array.toNested()).toEqual([
      [0, 7],
      [0, 0],
    ])
    await holder.does('set', { index: [1, 0], value: 8 })
    expect(array.get(1, 0)).toBe(8)
    expect(open((await holder.does('handle')) as ArrayHandle).get(0, 1)).toBe(7)
  })

  test('is freed when the last that has it is killed, and NOT_FOUND from then on', async () => {
    const [creator, holder] = [await Holder.start(), await Holder.start()]
    const handle = (await creator.does('create', {
      shape: [1 << 20],
      dtype: 'uint8',
    })) as ArrayHandle
    await holder.does('open', { handle })
    expect(holders(handle).sort()).toEqual([creator.pid, holder.pid].sort())
    await creator.killed()
    expect(holders(handle)).toEqual([holder.pid])
    await holder.killed()
    expect(holders(handle)).toEqual([])
    expect(thrown(() => open(handle))).toEqual(failure('NOT_FOUND'))
  })

  test('is freed when the last that has it detaches it', async () => {
    const array = zeros([1 << 20], 'uint8')
    const handle = handleOf(array)
    const other = await Holder.start(handle)
    detach(array)
    expect(holders(handle)).toEqual([other.pid])
    await other.does('detach')
    expect(holders(handle)).toEqual([])
  })

  test('is freed when nothing refers to the array any more', async () => {
    const handle = handleOf(zeros([1 << 20], 'uint8'))
    for (let turns = 0; holders(handle).length > 0 && turns < 100; turns++) {
      await new Promise(setImmediate)
      globalThis.gc!()
    }
    expect(holders(handle)).toEqual([])
  })

  test('is not freed while a view of it is there', async () => {
    const view = zeros([1 << 20], 'uint8').slice([5, 7])
    for (let turns = 0; turns < 5; turns++) {
      await new Promise(setImmediate)
      globalThis.gc!()
    }
    view.fill(3)
    expect(open(handleOf(view)).toNested()).toEqual([3, 3])
  })
})
