import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { RingSignal } from '../../src/view/ring-signal.ts'
import { Rings } from '../../src/view/rings.ts'
import { ringName } from '../support/ring-name.ts'
import { until } from '../ring/fixtures.ts'
import { writerOf } from '../support/live-ring.ts'
import { viewerOf } from './browser.ts'
import { SMALL, writePattern } from './requests.ts'

const NEWS = { rings: () => undefined, state: () => undefined }

test('who leaves while the rings are being listed leaves no reader, nor a look at them every second', async () => {
  const writer = writerOf(SMALL)
  let listed = 0
  let finish = (): void => undefined
  const rings = new Rings([], undefined, NEWS, () => {
    listed++
    return new Promise((resolve) => {
      finish = () => {
        resolve([writer.name])
      }
    })
  })
  onTestFinished(() => {
    rings.close()
  })
  const entering = rings.enter()
  rings.leave()
  finish()
  await entering
  expect(rings.names).toEqual([writer.name])
  // Whoever still has a request in hand finds no feed that nobody would close.
  expect(rings.feed(writer.name)).toBeUndefined()

  const again = rings.enter()
  finish()
  await again
  const demand = { as: 'raw', quality: 70, after: undefined, refuse: () => undefined } as const
  rings.feed(writer.name)?.want({ ...demand, deliver: () => undefined })
  await until(() => writer.stats().readers === 1)
  rings.leave()
  expect(writer.stats().readers).toBe(0)
  const before = listed
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(listed).toBe(before)
})

test('a request that waits its turn on a connection that breaks leaves no reader', async () => {
  const writer = writerOf(SMALL)
  const { url } = await viewerOf({ rings: [writer.name] })
  const { host, port, pathname } = new URL(url)
  const client = connect(Number(port), '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
  })
  await once(client, 'connect')
  const ask = (what: string): string => `GET ${pathname}${what} HTTP/1.1\r\nhost: ${host}\r\n\r\n`
  client.write(ask('stream.mjpg') + ask('snapshot.png'))
  await until(() => writer.stats().readers === 1)
  client.destroy()
  await until(() => writer.stats().readers === 0)
})

test('requests one behind the other on a connection are all answered', async () => {
  const { url } = await viewerOf({ rings: ['nobody'] })
  const { host, port, pathname } = new URL(url)
  const client = connect(Number(port), '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
  })
  client.write(`GET ${pathname}rings.json HTTP/1.1\r\nhost: ${host}\r\n\r\n`.repeat(3))
  let said = ''
  client.on('data', (part: Buffer) => (said += part.toString()))
  await until(() => said.split('{"rings":["nobody"]}').length === 4)
})

test('a signal that is closed as the writer ends does not join the next one', async () => {
  const name = ringName()
  const first = createWriter(name, SMALL)
  writePattern(first, 1)
  const signal = new RingSignal(name, {}, () => undefined)
  ;(await signal.next())?.release()
  const next = signal.next()
  first.close()
  // Sees the end, which the waiting `next` has not been told of.
  expect(signal.tryNext()).toBeNull()
  const second = writerOf(SMALL, name)
  writePattern(second, 1)
  signal.close()
  expect(await next).toBeNull()
  expect(second.stats().readers).toBe(0)
})
