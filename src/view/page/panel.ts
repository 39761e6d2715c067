import { COLOR_MAPS, type ColorMap, colorTable } from '../picture/color-maps.ts'
import { histogramOf } from '../picture/statistics.ts'
import { digits, find, write } from './dom.ts'
import { percentile, type Trip } from './meters.ts'
import { drawHistogram, drawTrips } from './plots.ts'
import { formatText, sizeText, type Tile } from './tile.ts'

const panel = find<HTMLElement>('#panel')
const BINS = 256

/** The figures beside the chosen ring. */
export class Panel {
  histogram = false
  #tile: Tile | undefined
  readonly #map = find<HTMLSelectElement>('[data-tone=map]')
  readonly #auto = find<HTMLInputElement>('[data-tone=auto]')
  readonly #low = find<HTMLInputElement>('[data-tone=low]')
  readonly #high = find<HTMLInputElement>('[data-tone=high]')

  constructor() {
    for (const map of COLOR_MAPS) this.#map.add(new Option(map, map))
    this.#map.addEventListener('change', () => {
      this.#tile?.ring.setTone({ map: this.#map.value as ColorMap })
    })
    this.#auto.addEventListener('change', () => {
      this.#tile?.ring.setTone({ auto: this.#auto.checked })
    })
    for (const input of [this.#low, this.#high]) {
      input.addEventListener('change', () => {
        const [low, high] = [this.#low.valueAsNumber, this.#high.valueAsNumber]
        if (high > low) this.#tile?.ring.setTone({ low, high, auto: false })
      })
    }
  }

  show(tile: Tile | undefined): void {
    this.#tile = tile
    panel.hidden = tile === undefined
    this.refresh(Number.NaN)
  }

  /** `trip`: ms of the shortest way to the server and back */
  refresh(trip: number): void {
    const tile = this.#tile
    if (tile === undefined) return
    const { ring, painter } = tile
    const { sourceFps, receivedFps, paintedFps, received, painted, gaps, lost } =
      ring.meters.figures()
    const { trips } = ring.meters
    const half = (pick: (trip: Trip) => number): string => digits(percentile(trips.map(pick), 0.5))
    const total = trips.map(all)
    const figures: Record<string, string | number> = {
      'source-fps': digits(sourceFps),
      'received-fps': digits(receivedFps),
      'painted-fps': digits(paintedFps),
      'capture-ms': half(({ capture }) => capture),
      'publish-ms': half(({ publish }) => publish),
      'receive-ms': half(({ receive }) => receive),
      'total-ms': digits(percentile(total, 0.5)),
      'p99-ms': digits(percentile(total, 0.99)),
      'clock-ms': Number.isNaN(trip) ? '–' : (trip / 2).toFixed(1),
      received,
      painted,
      gaps,
      skipped: lost.skipped,
      'no-slot': lost.noSlot,
      overrun: lost.overrun,
      restart: lost.restart,
      source: lost.source,
      sequence: ring.picture?.info.sequence ?? '–',
      size: sizeText(ring),
      format: formatText(ring),
      encoding: ring.picture?.info.encoding ?? '–',
      zoom: `${digits(100 * tile.scale)} %`,
      painter: painter.name,
      pixel: this.#pixelText(tile),
    }
    for (const [name, value] of Object.entries(figures)) {
      write(find(`[data-figure=${name}]`, panel), String(value))
    }
    drawTrips(find<HTMLCanvasElement>('#plot'), trips)
    this.#refreshTone(tile)
    this.#refreshHistogram(tile)
  }

  #pixelText({ pointed, ring }: Tile): string {
    const { pixels } = ring
    if (pointed === undefined || pixels === undefined) return 'point at the picture'
    const [x, y] = pointed
    if (x >= pixels.width || y >= pixels.height) return 'point at the picture'
    const rgb = pixels.rgb(x, y).toString(16).padStart(6, '0')
    return `${x}, ${y}  #${rgb}\n${pixels.values(x, y).join('  ')}`
  }

  #refreshTone({ ring }: Tile): void {
    const layout = ring.picture?.layout
    const scalar = layout?.kind === 'scalar'
    find<HTMLElement>('#tone').hidden = !scalar
    if (!scalar) return
    const { map, low, high } = ring.tone
    if (this.#map.value !== map || !this.#map.dataset['drawn']) {
      this.#map.value = map
      this.#map.dataset['drawn'] = 'yes'
    }
    const context = find<HTMLCanvasElement>('#scale').getContext('2d')!
    const strip = context.createImageData(256, 8)
    for (let y = 0; y < 8; y++) strip.data.set(colorTable(map), 1024 * y)
    context.putImageData(strip, 0, 0)
    this.#auto.checked = ring.autoTone
    for (const [input, value] of [
      [this.#low, low],
      [this.#high, high],
    ] as const) {
      if (document.activeElement !== input) input.value = String(Number(value.toPrecision(4)))
    }
    write(find('[data-tone=unit]'), layout.unit)
  }

  #refreshHistogram({ ring }: Tile): void {
    const card = find<HTMLElement>('#histogram-card')
    card.hidden = !this.histogram
    const { pixels, tone } = ring
    if (!this.histogram || pixels === undefined) return
    const histogram = histogramOf(pixels, BINS, [tone.low, tone.high])
    drawHistogram(find<HTMLCanvasElement>('#histogram'), histogram)
    const { low, high, samples, outside } = histogram
    write(
      find('[data-figure=histogram-range]'),
      `${Number(low.toPrecision(3))} … ${Number(high.toPrecision(3))}`,
    )
    const { width, height } = pixels
    const beyond = outside > 0 ? `, ${outside} beyond` : ''
    write(find('[data-figure=histogram-note]'), `${samples} of ${width * height} pixels${beyond}`)
  }
}

function all({ capture, publish, receive }: Trip): number {
  return (Number.isNaN(capture) ? 0 : capture) + publish + receive
}
