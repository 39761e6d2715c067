import type { Pixels } from '../picture/pixels.ts'
import { fitScale } from '../picture/view-transform.ts'

const UPPER_HALF = '▀'

/**
 * A picture as lines of text: each character two pixels, one above the other, in 24-bit colour (SGR 38;2
 * and 48;2 of ISO 8613-6). As large as fits into so many columns and lines.
 *
 * ```ts
 * process.stdout.write(halfBlocks(pixels, 80, 24).join('\r\n'))
 * ```
 *
 * Colours are written only where they change, which is what the line to a terminal far away has to carry.
 */
export function halfBlocks(pixels: Pixels, columns: number, lines: number): string[] {
  const screen = { width: Math.max(columns, 1), height: 2 * Math.max(lines, 1) }
  const scale = fitScale(pixels, 0, screen)
  const width = Math.max(1, Math.min(Math.round(pixels.width * scale), screen.width))
  const height = Math.max(1, Math.min(Math.round(pixels.height * scale), screen.height))
  const at = (x: number, y: number): number =>
    pixels.rgb(
      Math.min(Math.floor(((x + 0.5) * pixels.width) / width), pixels.width - 1),
      Math.min(Math.floor(((y + 0.5) * pixels.height) / height), pixels.height - 1),
    )
  const text: string[] = []
  for (let y = 0; y < height; y += 2) {
    let line = ''
    let [above, below] = [-1, -1]
    for (let x = 0; x < width; x++) {
      const upper = at(x, y)
      const lower = y + 1 < height ? at(x, y + 1) : 0
      if (upper !== above) line += `\x1b[38;2;${channels((above = upper))}m`
      if (lower !== below) line += `\x1b[48;2;${channels((below = lower))}m`
      line += UPPER_HALF
    }
    text.push(`${line}\x1b[0m`)
  }
  return text
}

function channels(rgb: number): string {
  return `${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}`
}
