import { pixelsOf } from '../picture/pixels.ts'
import { apply, screenToPicture } from '../picture/view-transform.ts'
import { GROUND, type Painter } from './painter.ts'

/** Paints pixel by pixel, for browsers without WebGL. */
export function canvasPainter(canvas: HTMLCanvasElement): Painter {
  const context = canvas.getContext('2d', { alpha: false })
  if (context === null) throw new Error('this browser has no canvas')
  let image: ImageData | undefined
  return {
    name: '2D canvas',
    paint({ layout, bytes, tone, view }) {
      const { width, height } = canvas
      if (image?.width !== width || image.height !== height) {
        image = context.createImageData(width, height)
      }
      const pixels = pixelsOf(layout, bytes, tone)
      const to = screenToPicture(view, layout, canvas)
      const words = new Uint32Array(image.data.buffer)
      const ground = word((GROUND[0] << 16) | (GROUND[1] << 8) | GROUND[2])
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const [px, py] = apply(to, x + 0.5, y + 0.5)
          const inside = px >= 0 && py >= 0 && px < layout.width && py < layout.height
          words[i] = inside ? word(pixels.rgb(Math.floor(px), Math.floor(py))) : ground
        }
      }
      context.putImageData(image, 0, 0)
    },
  }
}

/** As it lies in the memory of an ImageData, on the little-endian machines there are. */
function word(rgb: number): number {
  return (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0
}
