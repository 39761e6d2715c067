import { listRings } from '../inspect/index.ts'
import type { RingState } from './protocol.ts'
import { RingFeed } from './ring-feed.ts'

const LOOK = 1000

/** What is told of the rings. */
export interface RingNews {
  rings(names: readonly string[]): void
  state(ring: string, state: RingState): void
}

/** The rings that are shown: those named, or all there are, looked for once a second while somebody watches. */
export class Rings {
  readonly #given: readonly string[]
  readonly #directory: string | undefined
  readonly #news: RingNews
  readonly #list: typeof listRings
  readonly #feeds = new Map<string, RingFeed>()
  #names: readonly string[]
  #timer: NodeJS.Timeout | undefined
  #watchers = 0
  #closed = false

  constructor(
    given: readonly string[],
    directory: string | undefined,
    news: RingNews,
    list = listRings,
  ) {
    this.#given = given
    this.#names = given
    this.#directory = directory
    this.#news = news
    this.#list = list
  }

  get names(): readonly string[] {
    return this.#names
  }

  get states(): readonly (readonly [string, RingState])[] {
    return [...this.#feeds].map(([name, feed]) => [name, feed.state] as const)
  }

  /**
   * The one feed of a ring; undefined for a ring that is not shown, and while nobody watches: only the
   * last who leaves closes it.
   */
  feed(name: string): RingFeed | undefined {
    if (!this.#watched || !this.#names.includes(name)) return undefined
    let feed = this.#feeds.get(name)
    if (feed === undefined) {
      feed = new RingFeed(name, { directory: this.#directory }, (state) => {
        this.#news.state(name, state)
      })
      this.#feeds.set(name, feed)
    }
    return feed
  }

  /** Somebody watches until his `leave`. Looks at once, so that who asks next finds them. */
  async enter(): Promise<void> {
    this.#watchers++
    if (this.#given.length > 0) return
    await this.#look()
    // He may have left meanwhile.
    if (this.#watched) this.#timer ??= setInterval(() => void this.#look(), LOOK)
  }

  /** Once for each `enter`. The last one leaves the rings, so that their writers do not know of the viewer. */
  leave(): void {
    if (--this.#watchers === 0) this.#rest()
  }

  close(): void {
    this.#closed = true
    this.#rest()
  }

  get #watched(): boolean {
    return this.#watchers > 0 && !this.#closed
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const feed of this.#feeds.values()) feed.close()
    this.#feeds.clear()
  }

  async #look(): Promise<void> {
    const found = await this.#list(this.#directory)
    // Those that went stay: their writer may come again, and the page says that it is gone.
    const names = [...new Set([...this.#names, ...found])]
    if (names.length === this.#names.length) return
    this.#names = names
    this.#news.rings(names)
  }
}
