import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import sharp from 'sharp'
import { afterAll, expect, onTestFinished } from 'vitest'
import type { FrameFormat } from '../../src/index.ts'
import { screenToPicture, type View, WHOLE } from '../../src/view/picture/view-transform.ts'
import { openViewer, type Viewer, type ViewerOptions } from '../../src/view/index.ts'
import { CHROMIUM } from '../support/tools.ts'

/** ms that something on the page may take on a machine that is busy with other things */
export const PATIENCE = 20_000

let browser: Promise<Browser> | undefined

afterAll(async () => {
  await (await browser)?.close()
})

/** Headless Chromium, the one of this file; WebGL is drawn by its software renderer. */
async function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: CHROMIUM,
    // It has a socket there, and a socket's path is 107 bytes at most.
    env: { ...process.env, TMPDIR: '/tmp' },
    args: [
      '--no-sandbox',
      // Without a graphics card: WebGL by SwiftShader, the page itself by the quicker software path.
      '--disable-gpu-compositing',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  })
  return browser
}

export async function viewerOf(options: ViewerOptions): Promise<Viewer> {
  const viewer = await openViewer(options)
  onTestFinished(() => viewer.close())
  return viewer
}

/** The page of a viewer as somebody sees it, with what he can do there. */
export class Visit {
  readonly page: Page
  readonly errors: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.setDefaultTimeout(PATIENCE)
    page.on('pageerror', (error) => this.errors.push(error.message))
  }

  static async to(
    url: string,
    given: { size?: { width: number; height: number }; prepare?: (page: Page) => unknown } = {},
  ): Promise<Visit> {
    const context: BrowserContext = await (
      await theBrowser()
    ).newContext({
      viewport: given.size ?? { width: 900, height: 620 },
      acceptDownloads: true,
    })
    const page = await context.newPage()
    const visit = new Visit(page)
    onTestFinished(async () => {
      await context.close()
      expect(visit.errors).toEqual([])
    })
    await given.prepare?.(page)
    await page.goto(url)
    return visit
  }

  figure(name: string): Locator {
    return this.page.locator(`[data-figure=${name}]`)
  }

  /** What a figure shows, once that is what it is waited for. */
  async shows(name: string, expected: string | RegExp): Promise<void> {
    const figure = this.figure(name)
    const shown = expect.poll(() => figure.textContent(), { timeout: PATIENCE })
    await (typeof expected === 'string' ? shown.toBe(expected) : shown.toMatch(expected))
  }

  async number(name: string): Promise<number> {
    return Number(await this.figure(name).textContent())
  }

  async state(expected: string): Promise<void> {
    await this.page.locator(`.tile[data-state=${expected}]`).waitFor()
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** Where the picture's pixels are on the screen: seen under `view`. */
  async place(format: FrameFormat, view: View, x: number, y: number): Promise<[number, number]> {
    const box = await this.#area()
    const at = screenToPicture(view, format, box)
    // The inverse of a scaling by whole pixels, unturned.
    return [box.x + (x + 0.5 - at.x0) / at.xx, box.y + (y + 0.5 - at.y0) / at.yy]
  }

  /** The picture as the screen shows it, pixel for pixel: RGB, row by row. */
  async picture(width: number, height: number): Promise<Buffer> {
    const box = await this.#area()
    const view = { ...WHOLE, scale: 1, x: width / 2, y: height / 2 }
    const at = screenToPicture(view, { width, height }, box)
    const shot = await this.page.screenshot({
      clip: { x: box.x - at.x0, y: box.y - at.y0, width, height },
    })
    return sharp(shot).removeAlpha().raw().toBuffer()
  }

  /** Where the canvas is on the screen, in whole pixels. */
  async #area(): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = (await this.page.locator('.chosen .picture').boundingBox())!
    return { ...box, width: Math.round(box.width), height: Math.round(box.height) }
  }
}
