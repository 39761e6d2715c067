import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeNpy, openReader, resolveFormat } from '../../src/index.ts'
import { fillPattern, verifyPattern } from '../../src/sources/index.ts'
import { WHOLE } from '../../src/view/picture/view-transform.ts'
import { writerOf } from '../support/live-ring.ts'
import { actor, crash } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'
import { hasChromium } from '../support/tools.ts'
import { viewerOf, Visit } from './browser.ts'

const SMALL = { format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 8 } as const
const format = resolveFormat(SMALL)

/** A ring with its first frame on the page. */
async function open(options: Parameters<typeof writerOf>[0] = SMALL) {
  const writer = writerOf(options)
  const write = (fill = 1): Uint8Array => {
    const data = new Uint8Array(writer.format.bytes).fill(fill)
    writer.write(data)
    return data
  }
  write()
  const viewer = await viewerOf({ rings: [writer.name] })
  const visit = await Visit.to(viewer.url)
  await visit.shows('sequence', '1')
  return { writer, write, viewer, visit }
}

describe.skipIf(!hasChromium)('the page', () => {
  test('its figures are the ring’s: every frame is received or counted as missed', async () => {
    const { writer, write, visit } = await open()
    for (let i = 2; i <= 40; i++) write(i)
    await visit.shows('sequence', '40')
    const { published, sequence } = writer.stats()
    await expect
      .poll(async () => (await visit.number('received')) + (await visit.number('gaps')))
      .toBe(published)
    expect(await visit.number('sequence')).toBe(sequence)
    expect(await visit.number('painted')).toBe(await visit.number('received'))
    expect(await visit.number('skipped')).toBe(await visit.number('gaps'))
    await visit.shows('size', '64 × 48')
    await visit.shows('format', 'RGB3')
  })

  test('drops of the writer are told as such', async () => {
    const { writer, write, visit } = await open({ ...SMALL, slots: 3 })
    using reader = openReader(writer.name, { maxLeases: 3 })
    // With the newest frame and these held there is no slot left.
    using first = reader.tryNext()
    write()
    using second = reader.tryNext()
    write()
    using third = reader.tryNext()
    expect([first, second, third]).not.toContain(null)
    for (let i = 0; i < 5; i++) write()
    const { dropped } = writer.stats()
    expect(dropped).toBeGreaterThan(0)
    second?.release()
    write()
    await visit.shows('sequence', String(writer.stats().sequence))
    await visit.shows('no-slot', String(dropped))
  })

  test('a pause keeps the picture, and a step brings one more', async () => {
    const { write, visit } = await open()
    await visit.press(' ')
    await visit.page.locator('.held').waitFor()
    for (let i = 0; i < 3; i++) write()
    await visit.press('.')
    await visit.shows('sequence', '4')
    write()
    await visit.press('.')
    await visit.shows('sequence', '5')
    expect(await visit.number('received')).toBe(3)
    write()
    await visit.press(' ')
    await visit.shows('sequence', '6')
  })

  test('a pixel that is pointed at shows its values as the source has them', async () => {
    const { writer, visit } = await open({ format: { fourcc: 'YUYV', width: 64, height: 48 } })
    const data = new Uint8Array(writer.format.bytes)
    data.set([81, 90, 82, 240], 20 * 128 + 4 * 5)
    writer.write(data)
    await visit.shows('sequence', '2')
    await visit.page.mouse.move(...(await visit.place(writer.format, WHOLE, 11, 20)))
    await visit.shows('pixel', /^11, 20 {2}#\w{6}\nY 82 {2}U 90 {2}V 240$/)
  })

  test('depth is told in metres, floats as they are, and no value as none', async () => {
    const { writer, visit } = await open({ format: { fourcc: 'Z16', width: 64, height: 48 } })
    const depth = new Uint16Array(64 * 48).fill(1234)
    depth[0] = 0
    writer.write(new Uint8Array(depth.buffer))
    await visit.shows('sequence', '2')
    await visit.page.mouse.move(...(await visit.place(writer.format, WHOLE, 9, 9)))
    await visit.shows('pixel', /1\.234 m/)
    await visit.page.mouse.move(...(await visit.place(writer.format, WHOLE, 0, 0)))
    await visit.shows('pixel', /no value/)
  })

  test('zooms to single pixels with their values, and no further', async () => {
    const { visit } = await open()
    await visit.press(...Array<string>(80).fill('+'))
    await visit.shows('zoom', '12800 %')
    const drawn = await visit.page.evaluate(`(() => {
      const canvas = document.querySelector('.overlay')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value) => value > 0)
    })()`)
    expect(drawn).toBe(true)
    await visit.press('0')
    await visit.shows('zoom', /^[89]\d\d %$|^1\d{3} %$/)
  })

  test('the histogram counts every pixel of a small picture', async () => {
    const { visit } = await open()
    await visit.press('h')
    await visit.shows('histogram-note', '3072 of 3072 pixels')
    await visit.shows('histogram-range', '0 … 255')
  })

  test('a range given by hand holds, and colour maps change', async () => {
    const { visit } = await open({ format: { fourcc: 'Z16', width: 64, height: 48 } })
    const low = visit.page.locator('[data-tone=low]')
    await visit.page.locator('[data-tone=high]').fill('5')
    await low.fill('2')
    await low.press('Enter')
    await expect.poll(() => visit.page.locator('[data-tone=auto]').isChecked()).toBe(false)
    expect(await low.inputValue()).toBe('2')
    await visit.page.locator('.chosen').focus()
    await visit.press('m')
    await expect.poll(() => visit.page.locator('[data-tone=map]').inputValue()).toBe('viridis')
  })

  test('a snapshot has every byte of the frame, as PNG and as .npy', async () => {
    const { writer, visit } = await open()
    using loan = writer.loan()
    fillPattern(loan.data, format, 2, 0)
    loan.publish()
    await visit.shows('sequence', '2')
    for (const key of ['s', 'n']) {
      const download = visit.page.waitForEvent('download')
      await visit.press(key)
      const file = await download
      const bytes = await readFile(await file.path())
      expect(file.suggestedFilename()).toBe(`${writer.name}-2.${key === 's' ? 'png' : 'npy'}`)
      const pixels =
        key === 's'
          ? await sharp(bytes).removeAlpha().raw().toBuffer()
          : (decodeNpy(bytes).data as Uint8Array)
      expect(verifyPattern(pixels, format)).toMatchObject({ ok: true, sequence: 2 })
    }
  })

  test('a clip is a film file', async () => {
    const { write, visit } = await open()
    await visit.press('c')
    for (let i = 2; i <= 6; i++) {
      write(40 * i)
      await visit.shows('sequence', String(i))
    }
    const download = visit.page.waitForEvent('download')
    await visit.press('c')
    const bytes = await readFile(await (await download).path())
    expect(bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3') // EBML, of which WebM is a kind
    expect(bytes.length).toBeGreaterThan(500)
  })

  test('a hidden tab asks for nothing', async () => {
    const orders: string[] = []
    const writer = writerOf(SMALL)
    const write = (): unknown => writer.write(new Uint8Array(format.bytes))
    write()
    const viewer = await viewerOf({ rings: [writer.name] })
    const visit = await Visit.to(viewer.url, {
      prepare: (page) => {
        page.on('websocket', (socket) => {
          socket.on('framesent', ({ payload }) => {
            const { type } = JSON.parse(String(payload)) as { type: string }
            if (type !== 'ping') orders.push(type)
          })
        })
      },
    })
    await visit.shows('sequence', '1')
    const hide = (hidden: boolean): Promise<unknown> =>
      visit.page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} })
        document.dispatchEvent(new Event('visibilitychange'))`)
    await hide(true)
    await expect.poll(() => orders.at(-1)).toBe('cancel')
    const before = orders.length
    for (let i = 0; i < 5; i++) write()
    await hide(false)
    await visit.shows('sequence', '6')
    expect(orders[before]).toBe('want')
    expect(await visit.number('received')).toBe(2)
  })

  test('says that there is no ring yet, and shows it when there is', async () => {
    const name = ringName()
    const visit = await Visit.to((await viewerOf({ rings: [name] })).url)
    await visit.state('waiting')
    await expect
      .poll(() => visit.page.locator('.nosignal').innerText())
      .toContain(`No writer has made a ring called '${name}' yet.`)
    writerOf(SMALL, name).write(new Uint8Array(format.bytes))
    await visit.state('live')
    await visit.shows('sequence', '1')
  })

  test('a killed writer shows as no signal, and its return as the picture', async () => {
    const name = ringName()
    const first = await actor()
    await first.does('create', { name, options: SMALL })
    await first.does('write', { frames: 3 })
    const visit = await Visit.to((await viewerOf({ rings: [name] })).url)
    await visit.shows('sequence', '3')
    await crash(first)
    await visit.state('died')
    const said = await visit.page.locator('.nosignal').innerText()
    expect(said).toContain('No signal')
    expect(said).toContain('The writer died without closing the ring.')
    const second = await actor()
    await second.does('create', { name, options: SMALL })
    await second.does('write', { frames: 1 })
    await visit.state('live')
    await visit.shows('received', '2')
    await second.does('closeWriter')
    await visit.state('ended')
  })

  test('connects by itself again after the network was cut', async () => {
    const { write, viewer, visit: own } = await open()
    await own.page.close()
    const target = new URL(viewer.url)
    const links = new Set<Socket>()
    const relay = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const socket of [near, far]) {
        links.add(socket)
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy()
            far.destroy()
          })
      }
      near.pipe(far).pipe(near)
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    onTestFinished(() => {
      relay.close()
      for (const socket of links) socket.destroy()
    })
    const { port } = relay.address() as AddressInfo
    const visit = await Visit.to(`http://127.0.0.1:${port}${target.pathname}`)
    await visit.shows('sequence', '1')
    relay.close()
    for (const socket of links) socket.destroy()
    await visit.state('lost')
    relay.listen(port, '127.0.0.1')
    write()
    await visit.shows('sequence', '2')
    await visit.state('live')
  })

  test('frames that cannot be shown are named, and better ones are shown', async () => {
    const writer = writerOf({ format: { fourcc: 'MJPG', width: 16, height: 16 } })
    writer.write(new Uint8Array(100).fill(7))
    const visit = await Visit.to((await viewerOf({ rings: [writer.name] })).url)
    const notice = visit.page.locator('.notice')
    await expect
      .poll(() => notice.innerText())
      .toBe('Frame 1 is no JPEG that the browser can read.')
    const raw = { width: 16, height: 16, channels: 3 } as const
    writer.write(await sharp(Buffer.alloc(768), { raw }).jpeg().toBuffer())
    await visit.shows('sequence', '2')
    await notice.waitFor({ state: 'hidden' })
    writer.setFormat({ format: { fourcc: 'H264', width: 16, height: 16 }, capacity: 65536 })
    writer.write(new Uint8Array(10))
    await expect
      .poll(() => notice.innerText())
      .toBe(
        'The viewer cannot decode H264. Publish the decoded pictures in another ring, or record this one with ffmpegSink.',
      )
  })

  test('a frame that is refused is told of, and asked for again', async () => {
    const writer = writerOf(SMALL)
    writer.write(new Uint8Array(format.bytes))
    const message = 'a frame of 5000000000 bytes is too large to be looked at'
    let refused = false
    const visit = await Visit.to((await viewerOf({ rings: [writer.name] })).url, {
      prepare: (page) =>
        page.routeWebSocket(/socket$/, (route) => {
          const server = route.connectToServer()
          route.onMessage((order) => {
            const { type } = JSON.parse(String(order)) as { type: string }
            if (type !== 'want' || refused) {
              server.send(order)
              return
            }
            refused = true
            const to = { ring: writer.name, encoding: 'raw' }
            route.send(JSON.stringify({ type: 'refused', ...to, code: 'UNSUPPORTED', message }))
          })
        }),
    })
    await visit.page.locator('.nosignal', { hasText: message }).waitFor()
    await visit.shows('sequence', '1')
    await visit.state('live')
  })

  test('rings stand in a grid, and one can be looked at alone', async () => {
    const writers = [writerOf(SMALL), writerOf(SMALL)]
    for (const writer of writers) writer.write(new Uint8Array(format.bytes))
    const visit = await Visit.to((await viewerOf({ rings: writers.map(({ name }) => name) })).url)
    await expect.poll(() => visit.page.locator('.tile[data-state=live]').count()).toBe(2)
    await visit.page.locator('.tile .screen').last().click()
    await visit.shows('sequence', '1')
    expect(await visit.page.locator('.tile:visible').count()).toBe(1)
    await visit.press('Escape')
    await expect.poll(() => visit.page.locator('.tile:visible').count()).toBe(2)
  })

  test('asks nothing of any other machine', async () => {
    const requests: string[] = []
    const writer = writerOf(SMALL)
    writer.write(new Uint8Array(format.bytes))
    const viewer = await viewerOf({ rings: [writer.name] })
    const visit = await Visit.to(viewer.url, {
      prepare: (page) => {
        page.on('request', (request) => requests.push(request.url()))
      },
    })
    await visit.shows('sequence', '1')
    expect(
      requests.filter((url) => !url.startsWith(viewer.url) && !url.startsWith('data:')),
    ).toEqual([])
  })
})
