import { on, once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { verifyPattern } from '../../src/sources/index.ts'
import { parseFrameMessage } from '../../src/view/protocol.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'
import { viewerOf } from './browser.ts'
import { feedOf, format, get, SMALL, socket, writePattern } from './requests.ts'

const UPGRADE =
  'GET /0/socket HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'

test('who is turned away at the door can neither end the viewer nor keep it from closing', async () => {
  const viewer = await viewerOf({ rings: ['nobody'] })
  const port = Number(new URL(viewer.url).port)
  for (let i = 0; i < 20; i++) {
    const rude = connect(port, '127.0.0.1').on('error', () => undefined)
    await once(rude, 'connect')
    rude.write(UPGRADE)
    rude.resetAndDestroy()
  }
  const patient = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  patient.on('error', () => undefined).write(UPGRADE)
  const [said] = (await once(patient, 'data')) as [Buffer]
  expect(said.toString()).toMatch(/^HTTP\/1\.1 403/)
  expect((await get(viewer.url)).status).toBe(200)
  await viewer.close()
  patient.destroy()
})

test('a still ring gives its frame in a second kind while somebody waits in the first', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 1)
  const { url } = await viewerOf({ rings: [writer.name] })
  const opened = (await socket(`${url.replace('http', 'ws')}socket`)) as WebSocket
  const want = (after?: object): void => {
    opened.send(JSON.stringify({ type: 'want', ring: writer.name, encoding: 'raw', after }))
  }
  const frames = on(opened, 'message') as AsyncIterableIterator<[Buffer, boolean]>
  want()
  for await (const [data, binary] of frames) {
    if (!binary) continue
    const { info } = parseFrameMessage(new Uint8Array(data).buffer)
    want({ session: info.session, sequence: info.sequence })
    break
  }
  // By then the viewer has looked whether the ring stands still for those who wait already.
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect((await get(`${url}snapshot.png`)).status).toBe(200)
})

test('only who has the token gets in, and no foreign page', async () => {
  const { url } = await viewerOf({ rings: ['nobody'] })
  const { origin, host } = new URL(url)
  expect((await get(url)).status).toBe(200)
  expect((await get(`${origin}/`)).status).toBe(403)
  expect((await get(`${origin}/${'0'.repeat(32)}/`)).status).toBe(403)
  expect((await get(`${url}rings.json`, { host: 'evil.example' })).status).toBe(403)
  expect((await get(`${url}rings.json`, { origin: 'http://evil.example' })).status).toBe(403)
  expect((await get(`${url}nothing`)).status).toBe(404)
  const link = `ws://${host}${new URL(url).pathname}socket`
  expect(await socket(link, { origin })).toBeInstanceOf(WebSocket)
  expect(await socket(link, { origin: 'http://evil.example' })).toBe(403)
  expect(await socket(link, { headers: { host: 'evil.example' } })).toBe(403)
  expect(await socket(`ws://${host}/socket`)).toBe(403)
})

test('a port in use is a clear error', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await expect(viewerOf({ port })).rejects.toMatchObject({
    code: 'SYSTEM',
    message: `port ${port} of 127.0.0.1 is in use; give another, or 0 for any that is free`,
  })
})

test('options that make no sense are refused', async () => {
  await expect(viewerOf({ port: 70_000 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(viewerOf({ prot: 1 } as object)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(viewerOf({ rings: [1] } as never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
  await expect(viewerOf({ rings: ['a/b'] })).rejects.toMatchObject({ code: 'NAME_INVALID' })
})

test('a snapshot has every byte of the frame', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 5)
  const { url } = await viewerOf({ rings: [writer.name] })
  const { status, body, headers } = await get(`${url}snapshot.png?ring=${writer.name}`)
  expect([status, headers['x-sequence']]).toEqual([200, '1'])
  const pixels = await sharp(body).removeAlpha().raw().toBuffer()
  expect(verifyPattern(pixels, format)).toMatchObject({ ok: true, sequence: 5 })
  expect((await get(`${url}snapshot.png?ring=other`)).status).toBe(404)
  expect((await get(`${url}stream.mjpg?quality=900`)).status).toBe(400)
})

test('the MJPEG stream gives each frame at most once', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 1)
  const { url } = await viewerOf({ rings: [writer.name] })
  const asked = request(`${url}stream.mjpg?ring=${writer.name}`).end()
  onTestFinished(() => {
    asked.destroy()
  })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  expect(response.headers['content-type']).toContain('multipart/x-mixed-replace')
  let text = ''
  const seen: number[] = []
  for await (const part of response) {
    text += (part as Buffer).toString('latin1')
    const numbers = [...text.matchAll(/X-Sequence: (\d+)/g)].map(([, number]) => Number(number))
    if (numbers.length === seen.length) continue
    seen.splice(0, seen.length, ...numbers)
    if (numbers.at(-1) === 3) break
    writePattern(writer, numbers.at(-1)! + 1)
  }
  expect(seen).toEqual([1, 2, 3])
})

test('without names all rings of a directory are shown, new ones too', async () => {
  const name = ringName()
  const { url } = await viewerOf({})
  const link = (await socket(`${url.replace('http', 'ws')}socket`)) as WebSocket
  const writer = writerOf(SMALL, name)
  expect(writer.name).toBe(name)
  for await (const [data] of on(link, 'message') as AsyncIterable<[Buffer]>) {
    const news = JSON.parse(String(data)) as { type: string; rings?: string[] }
    if (news.type === 'rings' && news.rings?.includes(name)) break
  }
})

test('what is no order of the page ends the connection', async () => {
  const { url } = await viewerOf({ rings: ['nobody'] })
  for (const order of [
    '{',
    '[]',
    'null',
    '{"type":"want"}',
    `{"type":"want","ring":"${'x'.repeat(300)}"}`,
    '{"type":"want","ring":"a","encoding":"raw","quality":1e9}',
    '{"type":"want","ring":"a","encoding":"raw","after":5}',
    Buffer.from([1, 2, 3]),
    ' '.repeat(5000),
  ]) {
    const link = (await socket(`${url.replace('http', 'ws')}socket`)) as WebSocket
    link.send(order)
    const [code] = (await once(link, 'close')) as [number]
    expect([1008, 1009]).toContain(code)
  }
})

test('a frame comes over the socket as it is in the ring', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 9)
  const { url } = await viewerOf({ rings: [writer.name] })
  const link = (await socket(`${url.replace('http', 'ws')}socket`)) as WebSocket
  link.binaryType = 'arraybuffer'
  link.send(JSON.stringify({ type: 'want', ring: writer.name, encoding: 'raw' }))
  const message = await new Promise<ArrayBuffer>((resolve) => {
    link.on('message', (data, binary) => {
      if (binary) resolve(data as ArrayBuffer)
    })
  })
  const { info, bytes } = parseFrameMessage(message)
  expect(info).toMatchObject({ ring: writer.name, sequence: 1, encoding: 'raw' })
  expect(bytes.byteOffset % 8).toBe(0)
  expect(verifyPattern(bytes, format)).toMatchObject({ ok: true, sequence: 9 })
})

test('ten viewers of a ring cost one reader, one copy and one encoding', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 1)
  const { feed, want } = feedOf(writer)
  const ten = Array.from({ length: 10 })
  const jpegs = await Promise.all(ten.map(() => want('jpeg')))
  expect(new Set(jpegs.map(([message]) => message)).size).toBe(1)
  const raws = await Promise.all(ten.map(() => want('raw')))
  expect([feed.encodes, writer.stats().readers]).toEqual([1, 1])
  writePattern(writer, 2)
  const next = await Promise.all(ten.map(() => want('raw')))
  expect(new Set(next.map(([message]) => message)).size).toBe(1)
  expect(next[0]![1].sequence).toBe(2)
  for (const [message] of [...jpegs, ...raws, ...next]) message.release()
  expect(feed.taken).toBe(2)
})

test('a frame that stands still can be had in every way, by all who come', async () => {
  const writer = writerOf(SMALL)
  writePattern(writer, 1)
  const { want } = feedOf(writer)
  for (const as of ['raw', 'jpeg', 'raw', 'jpeg'] as const) {
    const [message, { sequence }] = await want(as)
    expect(sequence).toBe(1)
    message.release()
  }
})

test('a viewer that takes for ever never costs the writer a slot', async () => {
  const writer = writerOf({ ...SMALL, slots: 2 })
  writePattern(writer, 1)
  const { want } = feedOf(writer)
  const [message] = await want('raw')
  const kept = message.bytes.toString('hex')
  for (let i = 2; i <= 50; i++) {
    writePattern(writer, i)
    const [other] = await want('raw')
    other.release()
  }
  expect(writer.stats().dropped).toBe(0)
  expect(message.bytes.toString('hex')).toBe(kept)
  message.release()
})
