import { FrameringError } from '../errors/framering-error.ts'

/** Turns at one moment, beyond which they are taken to follow each other for ever. */
const ENDLESS = 1_000

class Alarm implements Disposable {
  readonly at: number
  readonly ring: () => void
  readonly #alarms: Alarm[]

  constructor(at: number, ring: () => void, alarms: Alarm[]) {
    this.at = at
    this.ring = ring
    this.#alarms = alarms
  }

  [Symbol.dispose](): void {
    const index = this.#alarms.indexOf(this)
    if (index >= 0) this.#alarms.splice(index, 1)
  }
}

/**
 * Time that passes when it is told to, and what is to happen in it: alarms by their time and then in the
 * order they were set, and between two of them all turns, first come first served.
 *
 * Turns run by themselves too, from the event loop, and so do alarms that are due; time stands still
 * then.
 */
export class VirtualClock {
  /** ms, in whole nanoseconds, as CLOCK_MONOTONIC counts */
  #now: number
  readonly #alarms: Alarm[] = []
  readonly #turns = new Set<{ readonly run: () => void }>()
  #immediate: NodeJS.Immediate | undefined

  constructor(start: number) {
    this.#now = wholeNs(start, Math.round)
  }

  get now(): number {
    return this.#now
  }

  alarm(ms: number, ring: () => void): Disposable {
    // Never early, and never at this moment again: an alarm that sets itself anew would not let time pass.
    const at = ms > 0 ? Math.max(wholeNs(this.#now + ms, Math.ceil), this.#now + 1e-6) : this.#now
    const alarm = new Alarm(at, ring, this.#alarms)
    const after = this.#alarms.findIndex((other) => other.at > at)
    this.#alarms.splice(after < 0 ? this.#alarms.length : after, 0, alarm)
    if (ms <= 0) this.#wake()
    return alarm
  }

  nextTurn(run: () => void): Disposable {
    const turn = { run }
    this.#turns.add(turn)
    this.#wake()
    return { [Symbol.dispose]: () => void this.#turns.delete(turn) }
  }

  /** Lets `ms` pass, and all happen that is due meanwhile. */
  advance(ms: number): void {
    const end = wholeNs(this.#now + ms, Math.round)
    this.#settle()
    while (this.#next() <= end) {
      this.#ringNext()
      this.#settle()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** As `advance`, and between any two events what awaits promises gets its turn. */
  async advanceAsync(ms: number): Promise<void> {
    const end = wholeNs(this.#now + ms, Math.round)
    for (let turns = 0; ; turns++) {
      // A turn of the real event loop: by then no continuation is left waiting.
      await new Promise<void>((resolve) => void setImmediate(resolve))
      checkEnd(turns)
      if (this.#runTurn()) continue
      if (this.#next() > end) break
      this.#ringNext()
      turns = 0
    }
    this.#now = Math.max(this.#now, end)
  }

  /**
   * What blocking a thread comes to where there is only one: time passes and all others get on, until
   * `over` says so or `ms` have passed. Throws `UNSUPPORTED` when it would be for ever.
   */
  block(ms: number, over: () => boolean): void {
    const end = wholeNs(this.#now + ms, Math.ceil)
    for (let turns = 0; !over(); turns++) {
      checkEnd(turns)
      if (this.#runTurn()) continue
      const next = this.#next()
      if (next > end || next === Infinity) {
        if (end === Infinity) throw nobodyLeft()
        this.#now = Math.max(this.#now, end)
        return
      }
      this.#ringNext()
      turns = 0
    }
  }

  /** Forgets what was still to happen. */
  clear(): void {
    this.#alarms.length = 0
    this.#turns.clear()
    clearImmediate(this.#immediate)
    this.#immediate = undefined
  }

  #next(): number {
    return this.#alarms[0]?.at ?? Infinity
  }

  #ringNext(): void {
    const alarm = this.#alarms.shift()
    if (alarm === undefined) return
    this.#now = Math.max(this.#now, alarm.at)
    alarm.ring()
  }

  #settle(): void {
    for (let turns = 0; this.#runTurn(); turns++) checkEnd(turns)
  }

  /** What is due by now; what that brings about belongs to the next turn. False when nothing was. */
  #runTurn(): boolean {
    const due = [...this.#turns]
    if (due.length === 0) {
      if (this.#next() > this.#now) return false
      this.#ringNext()
      return true
    }
    for (const turn of due) {
      // Not there any more: one before it called it off, or blocked and let it run.
      if (this.#turns.delete(turn)) turn.run()
    }
    return true
  }

  #wake(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      try {
        this.#runTurn()
      } finally {
        if (this.#turns.size > 0 || this.#next() <= this.#now) this.#wake()
      }
    })
  }
}

/** Sums of ms leave fractions of a nanosecond behind, and two times that are equal would differ. */
function wholeNs(ms: number, round: (ns: number) => number): number {
  return ms === Infinity ? ms : round(ms * 1e6) / 1e6
}

function checkEnd(turns: number): void {
  if (turns < ENDLESS) return
  throw new FrameringError(
    'UNSUPPORTED',
    `${ENDLESS} turns followed each other without time passing: something answers each frame with ` +
      'another one; let time pass in between, with memory.after()',
  )
}

function nobodyLeft(): FrameringError {
  return new FrameringError(
    'UNSUPPORTED',
    'this would block for ever: nothing is left to happen, and nobody else runs; give a time-out, or ' +
      'say what happens meanwhile with memory.after()',
  )
}
