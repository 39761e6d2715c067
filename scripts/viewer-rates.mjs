#!/usr/bin/env node
// What the viewer's page paints in Debian's headless chromium, where the processors draw:
//   node scripts/viewer-rates.mjs [--seconds N] [FOURCC:WIDTHxHEIGHT@FPS[?QUERY] …]
// QUERY is the page's: `?canvas`, `?webgl`. One line of JSON a case.
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { openViewer } from 'framering/view'
import { root } from '../native/compile.mjs'

const USUAL = ['RGB3:640x480@30', 'RGB3:640x480@60', 'RGB3:1920x1080@30']

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '8' } },
  allowPositionals: true,
})

// A process of its own: a camera is none of the viewer's either.
const WRITER = `
  import { createWriter, now } from 'framering'
  const [name, fourcc, width, height, fps] = process.argv.slice(1)
  const writer = createWriter(name, { format: { fourcc, width: Number(width), height: Number(height) } })
  const pictures = [0, 1, 2, 3].map((n) => Uint8Array.from({ length: writer.format.bytes }, (_, i) => (i * 7 + 50 * n) & 255))
  const begin = now()
  let n = 0
  const next = () => {
    const loan = writer.loan()
    loan.data.set(pictures[n % pictures.length])
    loan.publish({ captureTime: now(), captureMoment: 'exposure-start', sourceSequence: n })
    n++
    setTimeout(next, Math.max(begin + (1000 * n) / fps - now(), 0))
  }
  next()
  process.once('SIGTERM', () => {
    console.log(JSON.stringify({ fps: (1000 * (n - 1)) / (now() - begin), dropped: writer.stats().dropped }))
    writer.close()
    process.exit()
  })
  console.log('ready')
`

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu-compositing',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  ],
})
try {
  for (const wanted of positionals.length > 0 ? positionals : USUAL) await measure(wanted)
} finally {
  await browser.close()
}

async function measure(wanted) {
  const parts = /^(\w+):(\d+)x(\d+)@(\d+)(\?\w+)?$/.exec(wanted)
  if (parts === null) throw new Error(`no case: '${wanted}'; give one as in RGB3:640x480@60?canvas`)
  const [, fourcc, width, height, fps, query = ''] = parts
  const name = `rates-${process.pid}`
  const args = ['--input-type=module', '-e', WRITER, name, fourcc, width, height, fps]
  const writer = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  await new Promise((resolve) => writer.stdout.once('data', resolve))
  const viewer = await openViewer({ rings: [name] })
  const context = await browser.newContext({ viewport: { width: 1024, height: 640 } })
  try {
    const page = await context.newPage()
    await page.goto(viewer.url + query)
    await page.locator('.tile[data-state=live]').waitFor()
    // The first frames compile shaders and code.
    await page.waitForTimeout(1000 * Number(values.seconds))
    const figures = await page.locator('[data-figure]').evaluateAll((all) => {
      return Object.fromEntries(all.map((one) => [one.dataset.figure, one.textContent]))
    })
    const area = await page.locator('.chosen .picture').boundingBox()
    const ended = new Promise((resolve) => writer.once('exit', resolve))
    writer.kill('SIGTERM')
    await ended
    const source = JSON.parse(said.trim().split('\n').at(-1))
    console.log(
      JSON.stringify({ case: wanted, area: `${area.width}x${area.height}`, ...figures, source }),
    )
  } finally {
    await context.close()
    await viewer.close()
    writer.kill('SIGTERM')
  }
}
