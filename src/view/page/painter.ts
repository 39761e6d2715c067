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

/** The best painter this browser has for a canvas. `?canvas` in the address does without WebGL. */
export function painterFor(canvas: HTMLCanvasElement): Painter {
  if (contexts < MAX_CONTEXTS && !new URLSearchParams(location.search).has('canvas')) {
    const painter = glPainter(canvas)
    if (painter !== undefined) {
      contexts++
      return painter
    }
  }
  return canvasPainter(canvas)
}

/** Behind and beside the picture. */
export const GROUND: readonly [number, number, number] = [13, 15, 18]
