import type { Histogram } from '../picture/statistics.ts'
import type { Trip } from './meters.ts'

const KEPT = 240
const PARTS = ['capture', 'publish', 'receive'] as const

/** Each frame a column: ms from capture to publish, to receipt, to paint, one on top of the other. */
export function drawTrips(canvas: HTMLCanvasElement, trips: readonly Trip[]): void {
  const { context, width, height } = prepare(canvas)
  const style = getComputedStyle(document.documentElement)
  const parts = trips.map((trip) => PARTS.map((part) => Math.max(trip[part] || 0, 0)))
  const totals = parts
    .map((part) => part.reduce((sum, value) => sum + value, 0))
    .sort((a, b) => a - b)
  // So that one bad frame does not flatten all others: it is cut off at the top.
  const most = 1.25 * (totals[Math.floor(0.98 * (totals.length - 1))] ?? 0) || 1
  const column = width / KEPT
  const first = KEPT - parts.length
  for (const [i, part] of parts.entries()) {
    let y = height
    for (const [k, name] of PARTS.entries()) {
      const tall = (part[k]! / most) * height
      context.fillStyle = style.getPropertyValue(`--${name}`)
      context.fillRect((first + i) * column, y - tall, Math.ceil(column), tall)
      y -= tall
    }
  }
  context.fillStyle = style.getPropertyValue('--dim')
  context.font = `${10 * devicePixelRatio}px system-ui`
  context.textBaseline = 'top'
  context.fillText(`${most.toFixed(most < 10 ? 1 : 0)} ms`, 0, 0)
}

const COLORS = ['#ff5b5b', '#4fd36b', '#5b9bff'] as const

/** Channels over each other; the tallest bin but the two outermost fills the height. */
export function drawHistogram(canvas: HTMLCanvasElement, { channels }: Histogram): void {
  const { context, width, height } = prepare(canvas)
  const grey = getComputedStyle(document.documentElement).getPropertyValue('--text')
  // The outermost bins hold all that is over- and underexposed, and would flatten the rest.
  const most = Math.max(1, ...channels.map((counts) => Math.max(...counts.subarray(1, -1))))
  context.globalCompositeOperation = 'source-over'
  context.globalAlpha = channels.length === 1 ? 0.85 : 0.55
  for (const [i, counts] of channels.entries()) {
    context.fillStyle = channels.length === 1 ? grey : COLORS[i]!
    const column = width / counts.length
    for (const [bin, count] of counts.entries()) {
      const tall = Math.min(count / most, 1) * height
      context.fillRect(bin * column, height - tall, Math.ceil(column), tall)
    }
  }
  context.globalAlpha = 1
}

function prepare(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D
  width: number
  height: number
} {
  const width = Math.max(Math.round(canvas.clientWidth * devicePixelRatio), 1)
  const height = Math.max(Math.round(canvas.clientHeight * devicePixelRatio), 1)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}
