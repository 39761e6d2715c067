import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { isRoot } from '../support/actor.ts'
import { diskFolder } from './fixtures.ts'

const ROOT = new URL('../..', import.meta.url)

/** Runs a module where `folder` is a tmpfs of 1 MiB, and gives what it says. `attempt` tells a code. */
function onSmallMemory(script: string): unknown {
  const folder = diskFolder()
  const source = `
    import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
    import { attach, create, detach, remove } from 'framering/shared-array'
    const folder = process.argv[1]
    const name = (file) => 'file://' + folder + '/' + file
    const attempt = (run) => { try { run(); return 'done' } catch (error) { return error.code } }
    const told = []
    ${script}
    console.log(JSON.stringify(told))`
  const mount = `mount -t tmpfs -o size=1m none '${folder}'; exec "$@"`
  const node = [process.execPath, '--input-type=module', '-e', source, folder]
  const under = ['-m', 'sh', '-ec', mount, 'sh', ...node]
  return JSON.parse(execFileSync('unshare', under, { cwd: ROOT, encoding: 'utf8' })) as unknown
}

describe.runIf(isRoot)('without memory there is an error, and never a crash', () => {
  test('SHM_FULL from create, which leaves nothing', () => {
    expect(
      onSmallMemory(`
        told.push(attempt(() => create(name('big'), [2 << 20], 'uint8')), readdirSync(folder).length)
        create(name('most'), [900 << 10], 'uint8').fill(1)
        told.push(attempt(() => create(name('more'), [200 << 10], 'uint8')), readdirSync(folder))`),
    ).toEqual(['SHM_FULL', 0, 'SHM_FULL', ['most']])
  })

  test('SHM_FULL from attach of an array like Python’s, whose memory is not there yet', () => {
    expect(
      onSmallMemory(`
        const bytes = new Uint8Array(160)
        const view = new DataView(bytes.buffer)
        bytes.set(Buffer.from('[SharedArray]'))
        view.setBigUint64(16, BigInt(8 << 20), true)
        view.setInt32(24, 2, true)
        view.setInt32(28, 1, true)
        view.setBigInt64(32, BigInt(8 << 20), true)
        writeFileSync(folder + '/sparse', bytes)
        truncateSync(folder + '/sparse', 160 + (8 << 20))
        told.push(attempt(() => attach(name('sparse'))))
        told.push(attach(name('sparse'), { readOnly: true }).get(0))`),
    ).toEqual(['SHM_FULL', 0])
  })

  test('an array can be removed when nothing is left, and detach gives its memory back', () => {
    expect(
      onSmallMemory(`
        const most = create(name('most'), [900 << 10], 'uint8')
        attempt(() => writeFileSync(folder + '/rest', new Uint8Array(1 << 20)))
        remove(name('most'))
        detach(most)
        told.push(readdirSync(folder))
        told.push(attempt(() => create(name('again'), [800 << 10], 'uint8')))`),
    ).toEqual([['rest'], 'done'])
  })
})
