/** The last so many of some figures, and how they lie. */
export class Recent {
  readonly #figures: Float64Array
  #sorted: Float64Array | undefined
  #count = 0
  #at = 0

  constructor(size: number) {
    this.#figures = new Float64Array(size)
  }

  get count(): number {
    return this.#count
  }

  add(figure: number): void {
    this.#figures[this.#at] = figure
    this.#at = (this.#at + 1) % this.#figures.length
    this.#count = Math.min(this.#count + 1, this.#figures.length)
    this.#sorted = undefined
  }

  clear(): void {
    this.#count = this.#at = 0
    this.#sorted = undefined
  }

  /** `share` from 0 (the least) to 1 (the most); NaN as long as there is none. */
  quantile(share: number): number {
    this.#sorted ??= this.#figures.slice(0, this.#count).sort()
    return this.#sorted[Math.round((this.#count - 1) * share)] ?? NaN
  }
}

/** NaN of none; sorts what it is given. */
export function median(figures: number[]): number {
  return figures.sort((a, b) => a - b)[figures.length >> 1] ?? NaN
}
