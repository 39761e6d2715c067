// Pictures of a recorded terminal (asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/), drawn by
// xterm.js in Debian's chromium.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { root } from '../native/compile.mjs'

// s. Keys and pieces of one screen that come together are one picture; nobody waits longer than this.
const TOGETHER = 0.06
const LONGEST = 4
const LAST = 4

const THEME = {
  background: '#14171c',
  foreground: '#d6dae0',
  cursor: '#d6dae0',
  red: '#ff6b6b',
  brightRed: '#ff6b6b',
  green: '#7fd17f',
  yellow: '#e8c268',
  cyan: '#66d0e0',
  brightCyan: '#66d0e0',
}

/** The terminal at the marker `name`, as a PNG of twice the size. */
export async function still(castFile, name, file) {
  const { header, events } = read(castFile)
  const marked = events.findIndex(([, kind, data]) => kind === 'm' && data === name)
  if (marked < 0) throw new Error(`${castFile} has no marker '${name}'`)
  await withTerminal(header, 2, async (terminal) => {
    await terminal.write(outputOf(events.slice(0, marked)))
    await sharp(await terminal.shoot())
      .png({ palette: true, effort: 10 })
      .toFile(file)
  })
}

/** The whole of it, as a GIF that begins again at its end. */
export async function animate(castFile, file) {
  const { header, events } = read(castFile)
  await withTerminal(header, 1, async (terminal) => {
    const pictures = []
    const delay = []
    for (const { data, lasts } of scenes(events)) {
      await terminal.write(data)
      const picture = await terminal.shoot()
      const ms = Math.round(lasts * 1000)
      if (pictures.at(-1)?.equals(picture)) delay.push(delay.pop() + ms)
      else {
        pictures.push(picture)
        delay.push(ms)
      }
    }
    await sharp(pictures, { join: { animated: true } })
      .gif({ delay, loop: 0, colours: 64, dither: 0, effort: 10 })
      .toFile(file)
  })
}

function read(castFile) {
  const [header, ...events] = readFileSync(castFile, 'utf8').trimEnd().split('\n').map(JSON.parse)
  return { header, events }
}

function outputOf(events) {
  return events.map(([, kind, data]) => (kind === 'o' ? data : '')).join('')
}

function scenes(events) {
  const groups = []
  for (const event of events.filter(([, kind]) => kind === 'o')) {
    const last = groups.at(-1)
    if (last !== undefined && event[0] - last[0][0] < TOGETHER) last.push(event)
    else groups.push([event])
  }
  return groups.map((group, i) => {
    const next = groups[i + 1]
    const lasts = next === undefined ? LAST : Math.min(next[0][0] - group[0][0], LONGEST)
    return { data: outputOf(group), lasts }
  })
}

async function withTerminal({ width, height }, scale, use) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  try {
    const viewport = { width: 1600, height: 1200 }
    const page = await browser.newPage({ viewport, deviceScaleFactor: scale })
    const folder = join(root, 'node_modules/@xterm/xterm')
    await page.setContent('<body style="margin: 0"><div id="screen"></div>')
    await page.addStyleTag({ path: join(folder, 'css/xterm.css') })
    await page.addStyleTag({
      content: `#screen { display: inline-block; padding: 12px 14px; background: ${THEME.background} }`,
    })
    await page.addScriptTag({ path: join(folder, 'lib/xterm.js') })
    await page.evaluate(
      ({ cols, rows, theme }) => {
        const { Terminal, document } = globalThis
        const font = { fontFamily: 'DejaVu Sans Mono', fontSize: 14 }
        const terminal = new Terminal({ cols, rows, theme, ...font, scrollback: 0 })
        terminal.open(document.getElementById('screen'))
        globalThis.terminal = terminal
      },
      { cols: width, rows: height, theme: THEME },
    )
    await use({
      write: (data) =>
        page.evaluate(async (text) => {
          const { terminal, requestAnimationFrame } = globalThis
          await new Promise((resolve) => terminal.write(text, resolve))
          // Drawn with the next frame of the page; there by the one after.
          await new Promise(requestAnimationFrame)
          await new Promise(requestAnimationFrame)
        }, data),
      shoot: () => page.locator('#screen').screenshot(),
    })
  } finally {
    await browser.close()
  }
}
