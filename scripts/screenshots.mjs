#!/usr/bin/env node
// Takes the pictures of docs/viewer.md with Debian's chromium: node scripts/screenshots.mjs [folder]
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { openViewer } from 'framering/view'
import { root } from '../native/compile.mjs'

const folder = process.argv[2] ?? join(root, 'docs/images')
const rings = ['front', 'left', 'depth', 'heat']

// A process of its own: a camera is none of the viewer's either.
const WRITERS = `
  import { createWriter, now } from 'framering'
  const [width, height] = [640, 480]
  const scene = (x, y, t) => 2 + Math.sin(x / 60 + t) * Math.cos(y / 45 - t / 2) + y / 240
  const picture = (fourcc, paint) => ({ fourcc, paint })
  const rgb = (turn) => picture('RGB3', (data, t) => {
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 3) {
      const s = scene(turn ? height - y : x, turn ? x / 2 : y, t)
      data[i] = Math.min(40 + 38 * s, 255); data[i + 1] = Math.max(60 + 30 * Math.sin(x / 90) + 20 * s, 0); data[i + 2] = Math.max(190 - 35 * s, 0)
    }
  })
  const kinds = {
    front: rgb(false),
    left: rgb(true),
    depth: picture('Z16', (data, t) => {
      const mm = new Uint16Array(data.buffer, data.byteOffset, width * height)
      for (let i = 0; i < mm.length; i++) {
        const [x, y] = [i % width, Math.floor(i / width)]
        mm[i] = (x - 460) ** 2 + (y - 150) ** 2 < 2500 ? 0 : 700 * scene(x, y, t)
      }
    }),
    heat: picture('32FC1', (data, t) => {
      const m = new Float32Array(data.buffer, data.byteOffset, width * height)
      for (let i = 0; i < m.length; i++) m[i] = scene((i % width) * 1.7, Math.floor(i / width), t / 2)
    }),
  }
  const writers = process.argv.slice(1).map((name) => {
    const { fourcc, paint } = kinds[name]
    return { paint, writer: createWriter(name, { format: { fourcc, width, height } }) }
  })
  let n = 0
  setInterval(() => {
    n++
    for (const { writer, paint } of writers) {
      const captureTime = now()
      const loan = writer.loan()
      paint(loan.data, n / 10)
      loan.publish({ captureTime, captureMoment: 'exposure-start', sourceSequence: n })
    }
  }, 100)
  process.once('SIGTERM', () => { for (const { writer } of writers) writer.close(); process.exit() })
  console.log('ready')
`

function startWriters(...names) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITERS, ...names], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child)))
}

function ended(child, signal) {
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill(signal)
  })
}

mkdirSync(folder, { recursive: true })
const front = await startWriters('front')
const others = await startWriters('left', 'depth', 'heat')
const viewer = await openViewer({ rings })
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    // Without a graphics card: WebGL by SwiftShader, the page itself by the quicker software path.
    '--disable-gpu-compositing',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  ],
})
try {
  const visit = async (size, colorScheme, more = {}) => {
    const context = await browser.newContext({ viewport: size, colorScheme, ...more })
    const page = await context.newPage()
    await page.goto(viewer.url)
    await page.locator('.tile[data-state=live]').nth(3).waitFor()
    return page
  }
  const shoot = (page, name) => page.screenshot({ path: join(folder, `viewer-${name}.png`) })
  // The plot fills with time.
  const settle = (page) => page.waitForTimeout(6000)

  const page = await visit({ width: 1280, height: 800 }, 'dark')
  await settle(page)
  await shoot(page, 'grid')
  await page.locator('nav button', { hasText: 'front' }).click()
  await page.keyboard.press('h')
  await settle(page)
  await page.mouse.move(420, 300)
  await page.locator('#panel').evaluate((panel) => panel.scrollTo(0, 0))
  await shoot(page, 'ring')
  await page.keyboard.press('Space')
  for (let i = 0; i < 11; i++) await page.keyboard.press('+')
  await page.mouse.move(500, 340)
  await page.locator('#pixel-card').scrollIntoViewIfNeeded()
  await page.waitForTimeout(1000)
  await shoot(page, 'pixels')
  await page.keyboard.press('0')
  await page.keyboard.press('Space')
  await page.locator('nav button', { hasText: 'depth' }).click()
  await settle(page)
  await page.locator('#tone').scrollIntoViewIfNeeded()
  await page.keyboard.press('t')
  await page.waitForTimeout(500)
  await shoot(page, 'depth')
  await page.keyboard.press('t')
  await page.locator('nav button', { hasText: 'front' }).click()
  await page.waitForTimeout(2000)
  await ended(front, 'SIGKILL')
  await page.locator('.tile[data-state=died]').waitFor()
  await page.waitForTimeout(500)
  await shoot(page, 'no-signal')
  await page.context().close()

  const again = await startWriters('front')
  const phone = await visit({ width: 390, height: 780 }, 'dark', { deviceScaleFactor: 2 })
  await phone.locator('.tile .screen').nth(2).click()
  await settle(phone)
  await shoot(phone, 'phone')
  await ended(again, 'SIGTERM')
} finally {
  await browser.close()
  await viewer.close()
  await ended(others, 'SIGTERM')
}
