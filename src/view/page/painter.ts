import type { PictureLayout } from '../picture/layout.ts'
import type { Tone } from '../picture/pixels.ts'
import type { View } from '../picture/view-transform.ts'
import { canvasPainter } from './canvas-painter.ts'
import { glPainter } from './gl-painter.ts'

/** What a painter is given. */
export interface Scene {
  readonly layout: PictureLayout
  readonly bytes: Uint8Array<ArrayBuffer>
  /** another number: the bytes are other ones than last time */
  readonly version: number
  readonly tone: Tone
  readonly view: View
}

/** Paints pictures on one canvas. */
export interface Painter {
  readonly name: 'WebGL' | '2D canvas'
  /** Returns when the picture is in the canvas, not merely ordered. Throws RangeError when it cannot. */
  paint(scene: Scene): void
}

/** Browsers take the contexts of the first canvases away when there are more. */
const MAX_CONTEXTS = 12
let contexts = 0

/**
 * The best painter this browser has for a canvas: WebGL, unless the processors would draw it, which takes
 * them longer than to do so without. `?webgl` and `?canvas` in the address choose by hand.
 */
export function painterFor(canvas: HTMLCanvasElement): Painter {
  const asked = new URLSearchParams(location.search)
  const wanted = asked.has('webgl') || (!asked.has('canvas') && !(software ??= drawnBySoftware()))
  if (wanted && contexts < MAX_CONTEXTS) {
    const painter = glPainter(canvas)
    if (painter !== undefined) {
      contexts++
      return painter
    }
  }
  return canvasPainter(canvas)
}

let software: boolean | undefined

/** Of names that drivers without a graphics card have: Chromium's, Mesa's, Windows'. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|swrast|software|basic render/i

function drawnBySoftware(): boolean {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2', { failIfMajorPerformanceCaveat: true })
  // None at all is no matter here: then there is nothing to choose.
  if (gl === null) return true
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL) as string
  // Browsers keep few contexts.
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return SOFTWARE.test(name)
}

/** Behind and beside the picture. */
export const GROUND: readonly [number, number, number] = [13, 15, 18]
