import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { scraped } from '../metrics/scraped.ts'
import { writerOf } from '../support/live-ring.ts'
import { built, framering, watching } from './framering.ts'

built()

const FRAME = new Uint8Array(16)

function ring() {
  return writerOf({ dtype: 'uint8', shape: [16] })
}

/** `framering metrics`, and where it listens. */
async function serving(...args: string[]) {
  const command = watching('metrics', '--port', '0', '--json', ...args)
  const { url, rings } = JSON.parse(await command.line()) as { url: string; rings: string[] }
  return { command, url, rings }
}

test('a scrape has what the rings named have done, and joins none', async () => {
  const [wanted, other] = [ring(), ring()]
  for (let i = 0; i < 5; i++) wanted.write(FRAME)
  const { command, url, rings } = await serving(wanted.name)
  expect(rings).toEqual([wanted.name])
  expect(new URL(url).hostname).toBe('127.0.0.1')
  const response = await fetch(url)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const figures = scraped(await response.text())
  const published = 'framering_ring_frames_published_total'
  expect(figures.value(published, { ring: wanted.name })).toBe(5)
  expect(figures.all(published, { ring: other.name })).toEqual([])
  wanted.write(FRAME)
  const next = scraped(await (await fetch(url)).text())
  expect(next.value(published, { ring: wanted.name })).toBe(6)
  expect(wanted.stats()).toMatchObject({ readers: 0, dropped: 0 })
  command.process.kill('SIGINT')
  expect(await command.ended()).toBe(0)
  expect(command.stderr).toBe('')
})

test('without names it has all rings, as they come and go', async () => {
  const first = ring()
  const { url } = await serving()
  const up = async (name: string) =>
    scraped(await (await fetch(url)).text()).all('framering_ring_up', { ring: name })
  expect(await up(first.name)).toHaveLength(1)
  const second = ring()
  expect(await up(second.name)).toHaveLength(1)
  first.close()
  expect(await up(first.name)).toEqual([])
})

test('only GET /metrics is answered, and only to whoever asks for this machine', async () => {
  const { url } = await serving()
  expect((await fetch(new URL('/', url))).status).toBe(404)
  expect((await fetch(new URL('/metrics/x', url))).status).toBe(404)
  const post = await fetch(url, { method: 'POST' })
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  // A page of another site whose name was made to point here.
  const request = get(url, { headers: { host: 'evil.example' } })
  const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  expect(response.statusCode).toBe(403)
})

test('a port in use is said in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  expect(await framering('metrics', '--port', String(port))).toEqual({
    code: 1,
    stdout: '',
    stderr: `SYSTEM: port ${port} of 127.0.0.1 is in use; give another, or 0 for any that is free\n`,
  })
})

test('a name that no ring can have makes no sense', async () => {
  const { code, stderr } = await framering('metrics', '../front')
  expect(code).toBe(2)
  expect(stderr).toMatch(/^NAME_INVALID: /)
})
