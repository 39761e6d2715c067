import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSemaphore, openSemaphore, unlinkSemaphore } from '../../src/semaphore/index.ts'
import {
  failure,
  fresh,
  freshName,
  holder,
  opened,
  pathOf,
  untilAsleep,
  untilWaiters,
} from './fixtures.ts'
import { glibc, semLock } from './peers.ts'
import { hasPython } from '../support/tools.ts'

const EEXIST = 'error 17'
const ENOENT = 'error 2'

describe.each([
  ...(hasPython ? [['Python’s SemLock', semLock] as const] : []),
  ['C’s sem_open', glibc] as const,
])('%s', (_what, other) => {
  test('opens what we made, and both count the same units', async () => {
    const ours = fresh({ value: 3 })
    const theirs = other()
    expect(await theirs.does(`open ${ours.name}`)).toBe('')
    expect(await theirs.does('value')).toBe('3')
    expect(await theirs.does('wait 0')).toBe('1')
    expect(ours.value).toBe(2)
    ours.post()
    expect(await theirs.does('value')).toBe('3')
    await theirs.does('post')
    expect(ours.value).toBe(4)
  })

  test('makes what we open, byte for byte as we would', async () => {
    const name = freshName()
    const theirs = other()
    expect(await theirs.does(`create ${name} 5`)).toBe('')
    expect(opened(name).value).toBe(5)
    const ours = fresh({ value: 5 })
    expect(fs.readFileSync(pathOf(ours.name))).toEqual(fs.readFileSync(pathOf(name)))
    expect(fs.statSync(pathOf(ours.name)).mode).toBe(fs.statSync(pathOf(name)).mode)
  })

  test('finds our name taken, and we find theirs', async () => {
    const ours = fresh()
    const name = freshName()
    const theirs = other()
    expect(await theirs.does(`create ${ours.name} 1`)).toBe(EEXIST)
    expect(await theirs.does(`create ${name} 1`)).toBe('')
    expect(() => createSemaphore(name, { exclusive: true })).toThrow(
      expect.objectContaining(failure('EXISTS')),
    )
  })

  test('removes our name, and we remove theirs', async () => {
    const ours = fresh()
    const name = freshName()
    const theirs = other()
    expect(await theirs.does(`unlink ${ours.name}`)).toBe('')
    expect(() => openSemaphore(ours.name)).toThrow(expect.objectContaining(failure('NOT_FOUND')))
    await theirs.does(`create ${name} 1`)
    unlinkSemaphore(name)
    expect(await theirs.does(`unlink ${name}`)).toBe(ENOENT)
  })

  test('is woken by our post', async () => {
    const ours = fresh()
    const theirs = other()
    await theirs.does(`open ${ours.name}`)
    theirs.say('wait -1')
    await untilWaiters(ours.name, 1)
    ours.post()
    expect(await theirs.line()).toBe('1')
    expect(ours.value).toBe(0)
    await untilWaiters(ours.name, 0)
  })

  test('wakes us: blocked, and on the event loop', async () => {
    const ours = fresh()
    const theirs = other()
    await theirs.does(`open ${ours.name}`)
    const waiting = ours.wait()
    await untilWaiters(ours.name, 1)
    await theirs.does('post')
    expect(await waiting).toBe(true)
    const node = await holder()
    await node.does('open', { name: ours.name })
    const blocked = node.does('waitSync', { timeout: 60_000 })
    await untilWaiters(ours.name, 1)
    await theirs.does('post')
    expect(await blocked).toBe(true)
    expect(ours.value).toBe(0)
  })

  test('times out while we hold the lock, and we while they do', async () => {
    const ours = fresh({ value: 1 })
    const theirs = other()
    await theirs.does(`open ${ours.name}`)
    await ours.withLock(async () => {
      expect(await theirs.does('wait 20')).toBe('0')
    })
    expect(await theirs.does('wait 20')).toBe('1')
    expect(ours.waitSync(20)).toBe(false)
    expect(await ours.wait({ timeout: 20 })).toBe(false)
    await expect(ours.withLock(() => 1, { timeout: 20 })).rejects.toMatchObject(
      failure('TIMED_OUT'),
    )
  })
})

test.skipIf(!hasPython)(
  'a lock keeps out everybody else: Node, C and Python count to the exact sum',
  async () => {
    const times = 2000
    const ours = fresh({ value: 1 })
    // Not in os.tmpdir(), whose path may be more than one word.
    const path = join('/dev/shm', ours.name)
    fs.writeFileSync(path, Buffer.alloc(8))
    onTestFinished(() => {
      fs.rmSync(path)
    })
    const peers = [glibc(), glibc(), semLock(), semLock()]
    const nodes = [await holder(), await holder()]
    for (const peer of peers) await peer.does(`open ${ours.name}`)
    for (const node of nodes) await node.does('open', { name: ours.name })
    const answers = await Promise.all([
      ...peers.map((peer) => peer.does(`count ${path} ${times}`)),
      ...nodes.map((node, i) =>
        node.does('count', { path, times, way: i === 0 ? 'sync' : 'async' }),
      ),
    ])
    expect(answers).toEqual(['', '', '', '', undefined, undefined])
    expect(fs.readFileSync(path).readBigInt64LE()).toBe(BigInt(6 * times))
    expect(ours.value).toBe(1)
  },
)

describe('a waiter that is killed', () => {
  test('after a post woke it leaves the unit to whoever waits with us', async () => {
    const ours = fresh()
    const first = glibc()
    await first.does(`open ${ours.name}`)
    first.say('wait -1')
    await untilWaiters(ours.name, 1)
    await untilAsleep(first.pid)
    const second = ours.wait()
    await untilWaiters(ours.name, 2)
    // Stopped, it is woken but cannot take the unit.
    first.process.kill('SIGSTOP')
    ours.post()
    await first.kill()
    expect(await second).toBe(true)
  })

  test('leaves the unit to glibc’s waiters with the next post, beside that one’s own', async () => {
    const ours = fresh()
    const peers = [glibc(), glibc(), glibc()]
    for (const [i, peer] of peers.entries()) {
      await peer.does(`open ${ours.name}`)
      peer.say('wait -1')
      await untilWaiters(ours.name, i + 1)
      await untilAsleep(peer.pid)
    }
    peers[0]!.process.kill('SIGSTOP')
    ours.post()
    await peers[0]!.kill()
    ours.post()
    expect(await peers[1]!.line()).toBe('1')
    expect(await peers[2]!.line()).toBe('1')
  })

  test.each(['glibc', 'node'])('while it sleeps (%s) costs nobody a wake-up', async (kind) => {
    const ours = fresh()
    for (let round = 0; round < 3; round++) {
      const counted = round + 1
      if (kind === 'glibc') {
        const victim = glibc()
        await victim.does(`open ${ours.name}`)
        victim.say('wait -1')
        await untilWaiters(ours.name, counted)
        await victim.kill()
      } else {
        const victim = await holder()
        await victim.does('open', { name: ours.name })
        void victim.does('wait').catch(() => undefined)
        await untilWaiters(ours.name, counted)
        victim.kill()
        await victim.ended()
      }
      // It stays counted for good.
      const waiting = [ours.wait(), ours.wait()]
      await untilWaiters(ours.name, counted + 1)
      ours.post()
      ours.post()
      expect(await Promise.all(waiting)).toEqual([true, true])
      await untilWaiters(ours.name, counted)
    }
  })
})
