import type { News } from '../protocol.ts'
import { Connection } from './connection.ts'
import { find, write } from './dom.ts'
import { Panel } from './panel.ts'
import { followPointers } from './pointer.ts'
import { RingView } from './ring-view.ts'
import { Clip, saveNumbers, savePng } from './save.ts'
import { Tile } from './tile.ts'

const REFRESH = 250

/** The page: tiles, the one that is chosen, and when they are painted. */
export class App {
  readonly #grid = find<HTMLElement>('#grid')
  readonly #tiles = new Map<string, Tile>()
  readonly #panel = new Panel()
  readonly #seen = new Set<Tile>()
  readonly #dirty = new Set<Tile>()
  readonly #connection: Connection
  #chosen: Tile | undefined
  #linked = false
  #frame = 0
  #clip: Clip | undefined
  readonly #sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const tile = this.#tileOf(target)
      if (tile === undefined) continue
      if (isIntersecting) this.#seen.add(tile)
      else this.#seen.delete(tile)
      this.#look()
    }
  })
  readonly #sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const tile = this.#tileOf(target.parentElement)
      if (tile === undefined) continue
      tile.resize(contentRect.width * devicePixelRatio, contentRect.height * devicePixelRatio)
      this.#change(tile)
    }
  })

  constructor() {
    this.#connection = new Connection({
      open: () => {
        this.#link(true)
        for (const { ring } of this.#tiles.values()) ring.reconnected()
      },
      lost: () => {
        this.#link(false)
      },
      news: (news) => {
        this.#hear(news)
      },
      missed: (ring) => {
        this.#tiles.get(ring)?.ring.missed()
      },
      frame: (info, bytes, times) => {
        void this.#tiles.get(info.ring)?.ring.receive(info, bytes, times)
      },
    })
    document.addEventListener('visibilitychange', () => {
      this.#look()
    })
    setInterval(() => {
      if (!document.hidden) this.#refresh()
    }, REFRESH)
  }

  get chosen(): Tile | undefined {
    return this.#chosen
  }

  /** One ring alone with its figures; undefined: all of them. */
  choose(tile: Tile | undefined): void {
    this.#chosen = tile
    document.body.classList.toggle('focused', tile !== undefined)
    for (const other of this.#tiles.values()) {
      other.element.classList.toggle('chosen', other === tile)
    }
    find<HTMLElement>('#back').hidden = tile === undefined || this.#tiles.size < 2
    find<HTMLElement>('#tools').hidden = tile === undefined
    for (const button of document.querySelectorAll<HTMLElement>('#names button')) {
      button.setAttribute('aria-current', String(button.dataset['ring'] === tile?.ring.name))
    }
    // Else the space bar would press the button again that chose it.
    tile?.element.focus({ preventScroll: true })
    this.#panel.show(tile)
    this.#look()
    this.#refresh()
  }

  /** The ring after (or before) the chosen one. */
  chooseNext(by: number): void {
    const tiles = [...this.#tiles.values()]
    if (tiles.length === 0) return
    const at = this.#chosen === undefined ? -1 : tiles.indexOf(this.#chosen)
    this.choose(tiles[(at + by + tiles.length) % tiles.length])
  }

  toggleHistogram(): void {
    this.#panel.histogram = !this.#panel.histogram
    this.#refresh()
  }

  async save(what: 'png' | 'npy'): Promise<void> {
    const ring = this.#chosen?.ring
    if (ring?.picture === undefined) return
    try {
      if (what === 'png') await savePng(ring.picture, ring.tone, ring.view)
      else saveNumbers(ring.picture)
    } catch (error) {
      ring.notice = (error as Error).message
      this.#refresh()
    }
  }

  toggleClip(): void {
    const tile = this.#chosen
    if (this.#clip !== undefined) {
      this.#clip.stop()
      this.#clip = undefined
    } else if (tile !== undefined) {
      try {
        this.#clip = new Clip(tile.canvas, tile.ring.name)
      } catch (error) {
        tile.ring.notice = (error as Error).message
      }
    }
    this.#refresh()
  }

  /** Something of the chosen one is shown in another way. */
  touched(): void {
    if (this.#chosen) this.#change(this.#chosen)
    this.#refresh()
  }

  #hear(news: News): void {
    if (news.type === 'rings') {
      for (const name of news.rings) if (!this.#tiles.has(name)) this.#add(name)
      if (this.#tiles.size === 1 && this.#chosen === undefined) {
        this.choose([...this.#tiles.values()][0])
      }
      this.#refresh()
    } else if (news.type === 'state' || news.type === 'refused') {
      this.#tiles.get(news.ring)?.ring.hear(news)
    }
  }

  #add(name: string): void {
    const ring = new RingView(name, {
      send: (order) => {
        this.#connection.send(order)
      },
      changed: () => {
        this.#change(tile)
      },
    })
    const tile = new Tile(ring)
    this.#tiles.set(name, tile)
    this.#grid.append(tile.element)
    this.#grid.style.setProperty('--columns', String(Math.ceil(Math.sqrt(this.#tiles.size))))
    this.#sight.observe(tile.element)
    this.#sizes.observe(tile.screen)
    followPointers(
      tile,
      () => tile === this.#chosen,
      () => {
        this.#change(tile)
        if (tile === this.#chosen) this.#panel.refresh(this.#connection.clock.trip ?? Number.NaN)
      },
    )
    const choose = (): void => {
      if (this.#chosen === undefined) this.choose(tile)
    }
    tile.screen.addEventListener('click', choose)
    tile.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') choose()
    })
    const button = document.createElement('button')
    button.textContent = name
    button.dataset['ring'] = name
    button.addEventListener('click', () => {
      this.choose(tile)
    })
    find('#names').append(button)
  }

  #tileOf(element: Element | null): Tile | undefined {
    const name = element instanceof HTMLElement ? element.dataset['ring'] : undefined
    return name === undefined ? undefined : this.#tiles.get(name)
  }

  /** Rings that nobody sees are not asked for. */
  #look(): void {
    for (const tile of this.#tiles.values()) {
      const chosen = this.#chosen === undefined || this.#chosen === tile
      tile.ring.visible = !document.hidden && chosen && this.#seen.has(tile)
    }
  }

  #change(tile: Tile): void {
    this.#dirty.add(tile)
    if (this.#frame === 0)
      this.#frame = requestAnimationFrame(() => {
        this.#paint()
      })
  }

  #paint(): void {
    this.#frame = 0
    const painted: RingView[] = []
    for (const tile of this.#dirty) {
      const { ring } = tile
      if (tile.fresh) ring.painting()
      const fresh = tile.paint()
      if (fresh && ring.picture) {
        const { clock } = this.#connection
        const { info, arrived } = ring.picture
        ring.meters.paint(info, clock.at(arrived), clock.at(performance.now()))
        painted.push(ring)
      }
    }
    this.#dirty.clear()
    for (const ring of painted) ring.painted()
  }

  #link(linked: boolean): void {
    this.#linked = linked
    const link = find<HTMLElement>('#link')
    link.dataset['link'] = linked ? 'open' : 'lost'
    write(link, linked ? 'connected' : 'no connection')
    this.#refresh()
  }

  #refresh(): void {
    for (const tile of this.#tiles.values()) tile.caption(this.#linked)
    find<HTMLElement>('#empty').hidden = this.#tiles.size > 0
    this.#panel.refresh(this.#connection.clock.trip ?? Number.NaN)
    const ring = this.#chosen?.ring
    const on = (name: string, value: boolean): void => {
      find(`[data-do=${name}]`).classList.toggle('on', value)
    }
    on('pause', ring?.paused ?? false)
    on('jpeg', ring?.jpeg ?? false)
    on('histogram', this.#panel.histogram)
    on('mirror', ring?.view.mirror ?? false)
    on('clip', this.#clip !== undefined)
  }
}
