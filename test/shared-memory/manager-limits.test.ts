import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isRoot } from '../support/actor.ts'
import { Peer } from '../support/peer.ts'
import { memoryName } from './names.ts'

/** A package without its native part: what a manager's constructor comes to there. */
async function refusal(prepare: (root: string) => void = () => undefined): Promise<unknown> {
  const root = mkdtempSync(join(tmpdir(), 'framering-unbuilt-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  cpSync(fileURLToPath(new URL('../../dist', import.meta.url)), join(root, 'dist'), {
    recursive: true,
  })
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  prepare(root)
  const url = pathToFileURL(join(root, 'dist/shared-memory/index.js')).href
  const { SharedMemoryManager } = (await import(url)) as { SharedMemoryManager: new () => unknown }
  const open = readdirSync('/proc/self/fd').length
  try {
    return new SharedMemoryManager()
  } catch (error) {
    expect(readdirSync('/proc/self/fd').length).toBe(open)
    return error
  }
}

test('without its guardian there is no manager, and the error says what to type', async () => {
  const error = await refusal()
  expect(error).toMatchObject({ code: 'UNSUPPORTED' })
  expect((error as Error).message).toContain('native/build.mjs')
})

test('a guardian that cannot be started is an error of the constructor', async () => {
  const error = await refusal((root) => {
    mkdirSync(join(root, 'native/build'), { recursive: true })
    writeFileSync(join(root, 'native/build/framering-guardian'), '', { mode: 0o644 })
  })
  expect(error).toMatchObject({ code: 'SYSTEM' })
  expect((error as Error).message).toContain('framering-guardian')
})

test.runIf(isRoot)('memory that a full /dev/shm has no journal for is not made', async () => {
  // Room for one page: the memory's, and none for the journal's.
  const mount = 'mount -t tmpfs -o size=4k none /dev/shm; exec "$@"'
  const script = new URL('cramped-owner.mjs', import.meta.url)
  const under = `exec unshare -m sh -ec '${mount}' sh "$@"`
  const owner = new Peer(script, { name: memoryName() }, [], {}, under)
  onTestFinished(async () => {
    owner.kill()
    await owner.ended()
  })
  const { code, message, left, small } = await owner.heard('refused')
  expect([code, left, small]).toEqual(['SHM_FULL', [], 'CLOSED'])
  expect(message).toContain('journal')
})
