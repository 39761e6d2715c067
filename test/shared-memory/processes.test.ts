import { expect, onTestFinished, test } from 'vitest'
import { ShareableList, SharedMemory } from '../../src/shared-memory/index.ts'
import { Peer } from '../support/peer.ts'
import { isThere, memoryName } from './names.ts'

function peer(script: string, options: object): Peer {
  const made = new Peer(new URL(script, import.meta.url), options)
  onTestFinished(async () => {
    made.kill()
    await made.ended()
  })
  return made
}

test('another process attaches with what JSON makes of memory and lists', async () => {
  const memory = new SharedMemory({ name: memoryName(), create: true, size: 512 })
  memory.buf.set(Buffer.from('howdy'))
  const list = new ShareableList(['howdy', 1, null], { name: memoryName() })
  const attacher = peer('attacher.mjs', { memory, list })
  const { memory: bytes, items } = await attacher.heard('seen')
  expect([bytes, items]).toEqual(['howdy', ['howdy', 1, null]])
  await attacher.heard('changed')
  expect(Buffer.from(memory.buf.subarray(0, 5)).toString()).toBe('HELLO')
  expect(list.toArray()).toEqual(['changed', 1, null])
})

test.each(['SIGKILL', 'exit'])(
  'a process that attached takes nothing with it at its %s',
  async (end) => {
    const memory = new SharedMemory({ name: memoryName(), create: true, size: 512 })
    const list = new ShareableList([1], { name: memoryName() })
    const attacher = peer('attacher.mjs', { memory, list })
    await attacher.heard('changed')
    if (end === 'SIGKILL') attacher.kill()
    else attacher.say('end')
    await attacher.ended()
    expect([isThere(memory.name), isThere(list.shm.name)]).toEqual([true, true])
  },
)

test.each(['SIGKILL', 'exit'])(
  'memory made without a manager stays at its process’s %s',
  async (end) => {
    const names = [memoryName(), memoryName()] as const
    const maker = peer('maker.mjs', { names })
    await maker.heard('made')
    if (end === 'SIGKILL') maker.kill()
    else maker.say('end')
    await maker.ended()
    expect(Buffer.from(new SharedMemory(names[0]).buf).toString()).toBe('howdy')
    expect(new ShareableList(undefined, { name: names[1] }).toArray()).toEqual(['howdy', 1])
  },
)
