import { once } from 'node:events'
import { FrameringError } from '../../errors/framering-error.ts'
import type { Frame } from '../../ring/index.ts'
import { now } from '../../ring/clock.ts'
import { listRings } from '../../inspect/index.ts'
import { layoutOf } from '../picture/layout.ts'
import { pixelsOf, type Tone } from '../picture/pixels.ts'
import { autoRange } from '../picture/statistics.ts'
import type { RingState } from '../protocol.ts'
import { RingSignal } from '../ring-signal.ts'
import { halfBlocks } from './half-blocks.ts'
import { Terminal } from './terminal.ts'

/** What is watched. */
export interface TerminalOptions {
  /** left out: the only ring there is */
  readonly ring?: string | undefined
  /** frames a second at most, 15 unless said */
  readonly fps?: number | undefined
  readonly directory?: string | undefined
}

const USUAL_FPS = 15
const ENDS = new Set(['q', 'Q', '\x03', '\x1b'])

/**
 * Paints a ring in this terminal until q is pressed or the process is told to end. Works over ssh: a
 * slow line skips frames.
 *
 * Rejects with `NOT_FOUND` without a `ring` when there is none or more than one, and `UNSUPPORTED` when
 * stdout is no terminal.
 */
export async function watchInTerminal(options: TerminalOptions): Promise<void> {
  const { fps = USUAL_FPS, directory } = options
  const ring = options.ring ?? (await onlyRing(directory))
  if (!process.stdout.isTTY) {
    throw new FrameringError(
      'UNSUPPORTED',
      'stdout is no terminal to paint in; leave out --tty for the page',
    )
  }
  const stop = new AbortController()
  const end = (): void => {
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)
  let state: RingState = { state: 'opening', code: '', message: '' }
  let picture: string[] = []
  const signal = new RingSignal(ring, { directory }, (changed) => {
    state = changed
    if (changed.state !== 'live') void terminal.show([...picture, `no signal: ${changed.message}`])
  })
  using terminal = new Terminal(process.stdin, process.stdout, {
    key: (key) => {
      if (ENDS.has(key)) end()
    },
    resized: () => {
      terminal.clear()
    },
  })
  stop.signal.addEventListener('abort', () => {
    signal.close()
  })
  let count = 0
  const begin = now()
  while (!stop.signal.aborted) {
    const frame = await signal.next()
    if (frame === null) break
    const started = now()
    {
      using held = frame
      picture = paint(held, terminal.columns, terminal.lines - 1)
      const { width, height } = held.format
      const rate = ((1000 * ++count) / (now() - begin || 1)).toFixed(1)
      const what = held.format.fourcc.trim() || held.format.dtype
      const caption = `${ring}  ${width} × ${height} ${what}  #${held.sequence}  ${rate} fps  ${held.latency.toFixed(1)} ms  q quits`
      picture.push(caption.slice(0, terminal.columns))
    }
    if (state.state === 'live') await terminal.show(picture)
    picture.pop()
    await pause(1000 / fps - (now() - started), stop.signal)
  }
}

function paint(frame: Frame, columns: number, lines: number): string[] {
  const layout = layoutOf(frame.format)
  if (typeof layout === 'string') return [layout.slice(0, columns)]
  const [low, high] = layout.kind === 'scalar' ? (layout.range ?? [0, 1]) : [0, 255]
  let tone: Tone = { map: layout.kind === 'scalar' ? layout.map : 'grey', low, high }
  if (layout.kind === 'scalar' && layout.range === undefined) {
    const [least, most] = autoRange(pixelsOf(layout, frame.data, tone))
    tone = { ...tone, low: least, high: most }
  }
  return halfBlocks(pixelsOf(layout, frame.data, tone), columns, lines)
}

async function onlyRing(directory: string | undefined): Promise<string> {
  const rings = await listRings(directory)
  if (rings.length === 1) return rings[0]!
  throw new FrameringError(
    'NOT_FOUND',
    rings.length === 0
      ? 'there is no ring to show; start a writer, or name the ring to wait for'
      : `there is more than one ring; name one of ${rings.join(', ')}`,
  )
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  const over = new AbortController()
  const timer = setTimeout(() => {
    over.abort()
  }, ms)
  await once(over.signal, 'abort', { signal }).catch(() => undefined)
  clearTimeout(timer)
}
