import { once } from 'node:events'
import type { Io } from '../io.ts'
import { FullScreen } from './full-screen.ts'
import type { RingFigures } from './figures.ts'
import { type Order, ORDERS, sortedRings } from './order.ts'
import { picture } from './picture.ts'
import type { Survey } from './survey.ts'

/** ms between two looks, as + and - go through them */
const INTERVALS = [100, 200, 500, 1000, 2000, 5000, 10_000]

/** Shows what `survey` sees, full screen, until q is pressed or the signal aborts. */
export async function watchFullScreen(io: Io, survey: Survey, interval: number): Promise<void> {
  const top = new Top(survey, interval)
  await top.run(io)
}

class Top {
  readonly #survey: Survey
  #interval: number
  #rings: readonly RingFigures[] = []
  #selected: string | undefined
  #order: Order = 'name'
  #paused = false
  #help = false
  #screen: FullScreen | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #over = new AbortController()
  #failure: Error | undefined

  constructor(survey: Survey, interval: number) {
    this.#survey = survey
    this.#interval = interval
  }

  async run(io: Io): Promise<void> {
    this.#rings = await this.#survey.look()
    const end = (): void => {
      this.#over.abort()
    }
    const heard = {
      key: (key: string) => {
        this.#key(key)
      },
      resized: () => {
        this.#draw()
      },
    }
    const screen = await FullScreen.open(io, heard)
    this.#screen = screen
    io.signal.addEventListener('abort', end, { once: true })
    if (io.signal.aborted) end()
    try {
      this.#draw()
      this.#wait()
      if (!this.#over.signal.aborted) await once(this.#over.signal, 'abort')
    } finally {
      clearTimeout(this.#timer)
      this.#screen = undefined
      io.signal.removeEventListener('abort', end)
      screen[Symbol.dispose]()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#paused || this.#over.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#look().catch((error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error))
        this.#over.abort()
      })
    }, this.#interval)
  }

  async #look(): Promise<void> {
    const rings = await this.#survey.look()
    if (!this.#paused) this.#rings = rings
    this.#wait()
    this.#draw()
  }

  #draw(): void {
    const screen = this.#screen
    if (screen === undefined) return
    const rings = sortedRings(this.#rings, this.#order)
    if (!rings.some(({ ring }) => ring === this.#selected)) this.#selected = rings[0]?.ring
    const view = {
      rings,
      selected: this.#selected,
      order: this.#order,
      interval: this.#interval,
      paused: this.#paused,
      help: this.#help,
      rates: (ring: string) => this.#survey.rates(ring),
    }
    screen.show(picture(view, screen.width, screen.height))
  }

  #key(key: string): void {
    if (key === 'q' || key === 'Q' || key === 'CTRL_C') {
      this.#over.abort()
      return
    }
    if (this.#help) this.#help = false
    else if (key === '?') this.#help = true
    else if (Object.hasOwn(ORDERS, key)) this.#order = ORDERS[key as keyof typeof ORDERS]
    else this.#act(key)
    this.#draw()
  }

  #act(key: string): void {
    switch (key) {
      case 'UP':
      case 'k':
        this.#select(-1)
        break
      case 'DOWN':
      case 'j':
        this.#select(1)
        break
      case 'PAGE_UP':
        this.#select(-10)
        break
      case 'PAGE_DOWN':
        this.#select(10)
        break
      case 'HOME':
      case 'g':
        this.#select(-Infinity)
        break
      case 'END':
      case 'G':
        this.#select(Infinity)
        break
      case 'p':
        this.#paused = !this.#paused
        this.#wait()
        break
      case '+':
        this.#interval = INTERVALS.find((one) => one > this.#interval) ?? this.#interval
        this.#wait()
        break
      case '-':
        this.#interval = INTERVALS.filter((one) => one < this.#interval).at(-1) ?? this.#interval
        this.#wait()
        break
    }
  }

  #select(by: number): void {
    const rings = sortedRings(this.#rings, this.#order)
    const at = rings.findIndex(({ ring }) => ring === this.#selected)
    this.#selected = rings[Math.min(Math.max(0, at + by), rings.length - 1)]?.ring
  }
}
