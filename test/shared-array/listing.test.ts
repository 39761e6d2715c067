import { chmodSync, mkdirSync, rmdirSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { attach, create, list, remove } from '../../src/shared-array/index.ts'
import { isRoot } from '../support/actor.ts'
import { fifo } from './fifo.ts'
import { arrayName, diskFolder, fileOf, LAYOUTS, shmFile } from './fixtures.ts'
import { answered, python } from '../support/line-peer.ts'
import { hasNumpy } from '../support/tools.ts'

/** What is listed of these names. */
function listed(...names: string[]) {
  return list().filter(({ name }) => names.includes(name))
}

describe('list', () => {
  test('has name, dtype and shape of every array, of every layout, sorted by name', () => {
    const names = LAYOUTS.map((layout) => {
      const name = arrayName()
      create(name, [4, 5, 3], 'complex64', { layout })
      return name
    })
    expect(listed(...names)).toEqual(
      [...names].sort().map((name) => ({ name, dtype: 'complex64', shape: [4, 5, 3] })),
    )
  })

  test('gives names that attach and remove take', () => {
    const name = arrayName()
    create(name, [2], 'uint8').fill(3)
    const [entry] = listed(name)
    expect([...attach(entry!.name)]).toEqual([3, 3])
    remove(entry!.name)
    expect(listed(name)).toEqual([])
  })

  test.runIf(hasNumpy)('has arrays that Python made', async () => {
    const peer = python('shared_array_peer.py')
    const name = arrayName()
    await answered(peer, { order: 'create', name, layout: '2.0', shape: [3, 2], dtype: 'int16' })
    expect(listed(name)).toEqual([{ name, dtype: 'int16', shape: [3, 2] }])
  })

  test('skips what is no array, is cut off, or leads elsewhere, and waits at no FIFO', () => {
    const [whole, short, link, pipe, folder] = [1, 2, 3, 4, 5].map(arrayName) as [
      string,
      string,
      string,
      string,
      string,
    ]
    create(whole, [9], 'uint8')
    create(short, [9], 'uint8')
    truncateSync(shmFile(short), 200)
    symlinkSync(shmFile(whole), shmFile(link))
    fifo(shmFile(pipe))
    mkdirSync(shmFile(folder))
    onTestFinished(() => {
      rmdirSync(shmFile(folder))
    })
    const other = [fileOf(new Uint8Array()), fileOf(new Uint8Array(4096).fill(91))]
    expect(listed(whole, short, link, pipe, folder, ...other).map(({ name }) => name)).toEqual([
      whole,
    ])
  })

  test('leaves out arrays in files', () => {
    const path = `${diskFolder()}/array`
    create(`file://${path}`, [9], 'uint8')
    expect(list().filter(({ name }) => name.includes('array') && path.endsWith(name))).toEqual([])
  })

  test.runIf(isRoot)('leaves out what this user may not read', () => {
    const name = arrayName()
    create(name, [9], 'uint8')
    chmodSync(shmFile(name), 0o600)
    expect(listed(name)).toHaveLength(1)
    const euid = process.geteuid!()
    process.seteuid!(65534)
    try {
      expect(listed(name)).toEqual([])
    } finally {
      process.seteuid!(euid)
    }
  })

  test.runIf(hasNumpy)('does not mind names that come and go meanwhile', async () => {
    const stays = arrayName()
    create(stays, [1])
    const names = Array.from({ length: 20 }, () => arrayName())
    const busy = python('shared_array_peer.py')
    const waiting = new Set(names)
    const told = names.map(async (name) => {
      await answered(busy, { order: 'create', name, layout: '3.1', shape: [1], dtype: 'uint8' })
      unlinkSync(shmFile(name))
      waiting.delete(name)
    })
    const seen: number[] = []
    while (waiting.size > 0) {
      seen.push(listed(stays).length)
      await Promise.race([Promise.all(told), new Promise(setImmediate)])
    }
    expect(new Set(seen)).toEqual(new Set([1]))
  })
})
