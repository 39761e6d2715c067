import type { RingFigures } from './figures.ts'
import type { Order } from './order.ts'

/** What is to be seen, apart from the size of the terminal. */
export interface View {
  /** in the order they are shown */
  readonly rings: readonly RingFigures[]
  /** name of the one whose readers are shown */
  readonly selected: string | undefined
  readonly order: Order
  /** ms between two looks */
  readonly interval: number
  readonly paused: boolean
  readonly help: boolean
  /** the rates of a ring at the last looks, oldest first */
  readonly rates: (ring: string) => readonly (number | null)[]
}
