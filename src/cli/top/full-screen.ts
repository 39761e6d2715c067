import type * as TerminalKit from 'terminal-kit'
import { loadPeer } from '../../peers/load-peer.ts'
import type { Io } from '../io.ts'
import type { Line, Tone } from './columns.ts'

type Attributes = TerminalKit.ScreenBuffer.Attributes

const TONES: Readonly<Record<Tone, Attributes>> = {
  plain: {},
  head: { bold: true },
  title: { bold: true, color: 'cyan' },
  dim: { dim: true },
  bad: { color: 'red', bold: true },
  warn: { color: 'yellow' },
  good: { color: 'green' },
  graph: { color: 'cyan' },
}

/**
 * The whole terminal for a while, as it was afterwards: on `Symbol.dispose`, and at the end of the
 * process whatever ends it but SIGKILL.
 */
export class FullScreen implements Disposable {
  readonly #kit: typeof TerminalKit
  readonly #terminal: TerminalKit.Terminal
  readonly #output: Io['terminal']['output']
  readonly #colors: boolean
  #buffer: TerminalKit.ScreenBuffer
  #shown: readonly string[] = []
  #restored = false
  readonly #restore = (): void => {
    this[Symbol.dispose]()
  }

  private constructor(
    kit: typeof TerminalKit,
    io: Io,
    heard: { key(key: string): void; resized(): void },
  ) {
    this.#kit = kit
    this.#terminal = kit.terminal
    this.#output = io.terminal.output
    // The attributes of terminal-kit know nothing of NO_COLOR.
    this.#colors = io.style('red', ' ') !== ' '
    process.once('exit', this.#restore)
    this.#terminal.fullscreen(true)
    this.#terminal.hideCursor()
    this.#terminal.grabInput(true)
    this.#terminal.on('key', (key: string) => {
      heard.key(key)
    })
    this.#terminal.on('resize', () => {
      this.#terminal.clear()
      this.#buffer = this.#blank()
      heard.resized()
    })
    this.#buffer = this.#blank()
  }

  /**
   * Takes the terminal. `key`: names as terminal-kit has them, such as `q`, `UP` and `CTRL_C`. Rejects
   * with `PEER_MISSING` where terminal-kit is not installed.
   */
  static async open(
    io: Io,
    heard: { key(key: string): void; resized(): void },
  ): Promise<FullScreen> {
    const kit = (await loadPeer('terminal-kit', 'framering top')) as typeof TerminalKit
    return new FullScreen(kit, io, heard)
  }

  get width(): number {
    return this.#buffer.width
  }

  get height(): number {
    return this.#buffer.height
  }

  /** Draws the lines that are not what they were. */
  show(lines: readonly Line[]): void {
    const before = this.#shown
    const shown = Array.from({ length: this.height }, (_, y) => JSON.stringify(lines[y] ?? ''))
    this.#shown = shown
    const changed = [...shown.keys()].filter((y) => shown[y] !== before[y])
    if (changed.length === 0) return
    for (const y of changed) this.#write(y, lines[y])
    // In one piece, so that nobody sees half of it.
    this.#output.cork()
    if (before.length === 0) this.#buffer.draw({ delta: true })
    else for (const y of changed) this.#drawLine(y)
    this.#output.uncork()
  }

  [Symbol.dispose](): void {
    if (this.#restored) return
    this.#restored = true
    process.off('exit', this.#restore)
    this.#terminal.styleReset()
    this.#terminal.grabInput(false)
    this.#terminal.hideCursor(false)
    this.#terminal.fullscreen(false)
  }

  #blank(): TerminalKit.ScreenBuffer {
    this.#shown = []
    // A terminal that tells no size is taken for the smallest there was.
    const { width, height } = this.#terminal
    const size = {
      width: Number.isFinite(width) && width > 0 ? width : 80,
      height: Number.isFinite(height) && height > 0 ? height : 24,
    }
    return new this.#kit.ScreenBuffer({ dst: this.#terminal, ...size })
  }

  /** Every character is compared with what it was: most of the time goes there. */
  #drawLine(y: number): void {
    const line = new this.#kit.Rect({ xmin: 0, xmax: this.width - 1, ymin: y, ymax: y })
    this.#buffer.draw({ delta: true, srcClipRect: line })
  }

  #write(y: number, line: Line | undefined): void {
    const { width } = this
    const selected = line?.selected ?? false
    const put = (x: number, text: string, tone: Tone): void => {
      // Bars are no bars when inverse; what is well needs no background to say so.
      const inverse = selected && tone !== 'graph'
      const attr = { ...this.#attributes(inverse && tone === 'good' ? 'plain' : tone), inverse }
      this.#buffer.put({ x, y, attr, wrap: false, dx: 1, dy: 0 }, text)
    }
    put(0, ' '.repeat(width), 'plain')
    for (const { x, width: room, text, tone } of line?.cells ?? []) {
      put(x, this.#shortened(text, Math.min(room, width - x)), tone)
    }
  }

  /** A number without its last digits would be another number. */
  #shortened(text: string, room: number): string {
    const whole = this.#kit.truncateString(text, room)
    return whole === text ? text : `${this.#kit.truncateString(text, room - 1)}…`
  }

  #attributes(tone: Tone): Attributes {
    const { color, ...rest } = TONES[tone]
    const colored = color !== undefined && this.#colors
    return { ...rest, bgDefaultColor: true, ...(colored ? { color } : { defaultColor: true }) }
  }
}
