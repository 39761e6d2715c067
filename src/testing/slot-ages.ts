/** The writer's order of its slots, oldest frame first: the order in which they are reused. */
export class SlotAges {
  readonly #order: number[]
  readonly #sequence: number[]
  readonly #loaned = new Set<number>()

  constructor(count: number) {
    this.#order = Array.from({ length: count }, (_, slot) => slot)
    this.#sequence = new Array<number>(count).fill(0)
  }

  /** Slots not on loan, oldest first. */
  get order(): readonly number[] {
    return this.#order
  }

  get loans(): number {
    return this.#loaned.size
  }

  /** The frame in a slot; 0 = none. */
  sequence(slot: number): number {
    return this.#sequence[slot]!
  }

  loaned(slot: number): boolean {
    return this.#loaned.has(slot)
  }

  take(slot: number): void {
    this.#order.splice(this.#order.indexOf(slot), 1)
    this.#sequence[slot] = 0
    this.#loaned.add(slot)
  }

  putNewest(slot: number, sequence: number): void {
    this.#loaned.delete(slot)
    this.#sequence[slot] = sequence
    this.#order.push(slot)
  }

  putEmpty(slot: number): void {
    this.#loaned.delete(slot)
    this.#order.unshift(slot)
  }
}
