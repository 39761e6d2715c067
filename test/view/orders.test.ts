import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocket } from 'ws'
import { MessagePool } from '../../src/view/frame-message.ts'
import { PageSession } from '../../src/view/page-session.ts'
import { Parcels } from '../../src/view/parcels.ts'
import { type Order, parseFrameMessage } from '../../src/view/protocol.ts'
import { Rings } from '../../src/view/rings.ts'
import { until } from '../ring/fixtures.ts'
import { writerOf } from '../support/live-ring.ts'
import { feedOf, SMALL, writePattern } from './requests.ts'

const NEWS = { rings: () => undefined, state: () => undefined }

/** A page's socket that takes what is sent only when it is told to. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  /** sequences of the frames that were sent */
  readonly frames: number[] = []
  readonly said: unknown[] = []
  readonly #taken: (() => void)[] = []

  send(data: Buffer | string, _options?: object, taken?: () => void): void {
    if (typeof data === 'string') {
      this.said.push(JSON.parse(data))
      return
    }
    this.frames.push(parseFrameMessage(new Uint8Array(data).buffer).info.sequence)
    if (taken) this.#taken.push(taken)
  }

  take(): void {
    this.#taken.shift()?.()
  }

  order(order: Order): void {
    this.emit('message', Buffer.from(JSON.stringify(order)), false)
  }
}

/** A page on one ring. */
async function page(ring: string): Promise<SlowSocket> {
  const rings = new Rings([ring], undefined, NEWS)
  onTestFinished(() => {
    rings.close()
  })
  await rings.enter()
  const socket = new SlowSocket()
  new PageSession(socket as unknown as WebSocket, rings, new Parcels())
  return socket
}

const want = (ring: string, encoding: 'raw' | 'jpeg' = 'raw'): Order => ({
  type: 'want',
  ring,
  encoding,
})

test('a page that asks on without taking gets one frame for all its orders, the last as it was given', async () => {
  const writer = writerOf(SMALL)
  const socket = await page(writer.name)
  writePattern(writer, 1)
  socket.order(want(writer.name))
  await until(() => socket.frames.length === 1)
  for (let i = 2; i <= 9; i++) {
    writePattern(writer, i)
    socket.order(want(writer.name, i === 9 ? 'raw' : 'jpeg'))
  }
  expect(socket.frames).toEqual([1])
  socket.take()
  await until(() => socket.frames.length === 2)
  expect(socket.frames).toEqual([1, 9])
  // Nothing is left of the orders before.
  socket.take()
  writePattern(writer, 10)
  socket.order(want(writer.name))
  await until(() => socket.frames.length === 3)
  expect(socket.frames).toEqual([1, 9, 10])
})

test('an order that is taken back while it waits is not carried out', async () => {
  const writer = writerOf(SMALL)
  const socket = await page(writer.name)
  writePattern(writer, 1)
  socket.order(want(writer.name))
  await until(() => socket.frames.length === 1)
  writePattern(writer, 2)
  socket.order(want(writer.name))
  socket.order({ type: 'cancel', ring: writer.name })
  socket.take()
  writePattern(writer, 3)
  socket.order({ type: 'want', ring: writer.name, encoding: 'raw' })
  await until(() => socket.frames.length === 2)
  expect(socket.frames).toEqual([1, 3])
})

test('a page that is gone gets nothing for the order that waited', async () => {
  const writer = writerOf(SMALL)
  const socket = await page(writer.name)
  writePattern(writer, 1)
  socket.order(want(writer.name))
  await until(() => socket.frames.length === 1)
  socket.order(want(writer.name))
  socket.readyState = 3
  socket.emit('close')
  socket.take()
  writePattern(writer, 2)
  const { want: other } = feedOf(writer)
  const [message] = await other('raw')
  message.release()
  expect(socket.frames).toEqual([1])
})

test('a frame that is too large is refused in words, and a smaller one is sent after it', async () => {
  const writer = writerOf({ dtype: 'uint8', shape: [200, 100], slots: 4 })
  writer.write(new Uint8Array(20_000))
  const { want: ask } = feedOf(writer, { pool: new MessagePool(3, 5000) })
  const refusal = { code: 'UNSUPPORTED', message: expect.stringMatching(/too large/) as string }
  await expect(ask('raw')).rejects.toMatchObject(refusal)
  await expect(ask('raw')).rejects.toMatchObject(refusal)
  writer.setFormat({ dtype: 'uint8', shape: [20, 10] })
  writer.write(new Uint8Array(200).fill(7))
  const [first, { headBytes }] = await ask('raw')
  expect(new Set(first.bytes.subarray(headBytes))).toEqual(new Set([7]))
  // The message was given back once: its room is not another's while it is read.
  writer.setFormat({ dtype: 'uint8', shape: [200, 100] })
  writer.write(new Uint8Array(20_000))
  await expect(ask('raw')).rejects.toMatchObject(refusal)
  writer.setFormat({ dtype: 'uint8', shape: [20, 10] })
  writer.write(new Uint8Array(200).fill(9))
  const [second, { headBytes: from }] = await ask('raw')
  expect(new Set(second.bytes.subarray(from))).toEqual(new Set([9]))
  expect(new Set(first.bytes.subarray(headBytes))).toEqual(new Set([7]))
  first.release()
  second.release()
})
