import { on } from 'node:events'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { fillPattern, verifyPattern } from '../../src/sources/index.ts'
import { parseFrameMessage } from '../../src/view/protocol.ts'
import { writerOf } from '../support/live-ring.ts'
import { viewerOf } from './browser.ts'
import { get, socket } from './requests.ts'

const LARGE = { format: { fourcc: 'RGB3', width: 400, height: 300 }, slots: 4 } as const

/** A viewer of a ring of large frames, and a page's socket to it. */
async function page() {
  const writer = writerOf(LARGE)
  const write = (sequence: number): void => {
    using loan = writer.loan()
    fillPattern(loan.data, writer.format, sequence, 0)
    loan.publish()
  }
  const { url } = await viewerOf({ rings: [writer.name] })
  const link = (await socket(`${url.replace('http', 'ws')}socket`)) as WebSocket
  const messages = on(link, 'message') as AsyncIterableIterator<[Buffer, boolean]>
  return {
    writer,
    write,
    url,
    order: (type: 'want' | 'cancel'): void => {
      link.send(JSON.stringify({ type, ring: writer.name, encoding: 'raw' }))
    },
    /** Number of the next frame that is announced. */
    announced: async (): Promise<number> => {
      for (;;) {
        const { value } = (await messages.next()) as IteratorYieldResult<[Buffer, boolean]>
        const [data, binary] = value
        expect(binary).toBe(false)
        const news = JSON.parse(String(data)) as { type: string; ring?: string; id?: number }
        if (news.type !== 'frame') continue
        expect(news.ring).toBe(writer.name)
        return news.id!
      }
    },
    close: () => {
      link.close()
    },
  }
}

test('a large frame is announced, and fetched byte for byte, once', async () => {
  const { writer, write, url, order, announced } = await page()
  write(7)
  order('want')
  const id = await announced()
  const { status, body } = await get(`${url}frame/${id}`)
  expect(status).toBe(200)
  const { info, bytes } = parseFrameMessage(new Uint8Array(body).buffer)
  expect(info).toMatchObject({ ring: writer.name, sequence: 1, encoding: 'raw' })
  expect(verifyPattern(bytes, writer.format)).toMatchObject({ ok: true, sequence: 7 })
  expect((await get(`${url}frame/${id}`)).status).toBe(404)
  for (const none of ['0', '-1', 'x', '1e9', '', '../frame']) {
    expect((await get(`${url}frame/${none}`)).status).toBe(404)
  }
  expect((await get(`${new URL(url).origin}/frame/${id}`)).status).toBe(403)
})

test('orders wait while a frame is there to be fetched; the newest comes then', async () => {
  const { write, url, order, announced } = await page()
  write(1)
  order('want')
  const first = await announced()
  for (let i = 2; i <= 5; i++) {
    write(i)
    order('want')
  }
  const sequenceOf = async (id: number): Promise<number> => {
    const { body } = await get(`${url}frame/${id}`)
    return parseFrameMessage(new Uint8Array(body).buffer).info.sequence
  }
  expect(await sequenceOf(first)).toBe(1)
  const second = await announced()
  expect(second).toBe(first + 1)
  expect(await sequenceOf(second)).toBe(5)
})

test('what is taken back, or whose page has gone, cannot be fetched any more', async () => {
  const { write, url, order, announced, close } = await page()
  write(1)
  order('want')
  const first = await announced()
  order('cancel')
  order('want')
  const second = await announced()
  expect((await get(`${url}frame/${first}`)).status).toBe(404)
  close()
  await expect.poll(async () => (await get(`${url}frame/${second}`)).status).toBe(404)
})
