// The two sides of a row in JavaScript: what the writer and a reader do with frames, whatever brings
// them over. As payload.h has it for rows in C++.
import { createInterface } from 'node:readline'
import { startUsage } from '../../lib/usage.mjs'
import { loadPayload } from './build.mjs'

/** Writes and reads frames as the row's flags say. */
export class Frames {
  constructor(flags) {
    this.native = loadPayload()
    this.inPlace = flags.inPlace
    this.now = this.native.now
    this.stamp = this.native.stamp
    this.age = this.native.age
  }

  write(bytes, sequence) {
    if (this.inPlace) bytes[8] = sequence
    else this.native.write(bytes, sequence)
  }

  /** Whether `bytes` is that frame, whole. */
  read(bytes, sequence) {
    if (this.inPlace) return bytes[8] === (sequence & 0xff)
    return this.native.read(bytes, sequence)
  }

  /** ns from the stamp to when the reader is done with the frame, or in place to when it has it. */
  receive(bytes, sequence, record) {
    if (!this.inPlace) {
      const right = this.native.read(bytes, sequence)
      record.frame(sequence, this.native.age(bytes), right)
    } else {
      const age = this.native.age(bytes)
      record.frame(sequence, age, bytes[8] === (sequence & 0xff))
    }
  }
}

/** Samples and the side's own costs, from the first frame that counts to the last. */
export class Record {
  #usage
  #wrong = 0
  #count = 0

  constructor({ samples, warmup }, usageOf = startUsage) {
    this.warmup = warmup
    this.total = samples + warmup
    // Written once, so that the list's first touch is no fault of the peer's.
    this.samples = new Float64Array(samples).fill(1)
    this.usageOf = usageOf
    if (warmup === 0) this.#usage = usageOf()
  }

  /** After frame `sequence`, which begins at 1. `ns`: 0 where the other side measures. */
  frame(sequence, ns, right) {
    if (!right) this.#wrong += 1
    if (sequence === this.warmup) this.#usage = this.usageOf()
    if (sequence > this.warmup) this.samples[this.#count++] = ns
  }

  /** The result line's object. `measured`: whether this side's samples are the row's. */
  async result(measured) {
    const usage = await this.#usage()
    return { wrong: this.#wrong, usage, samples: measured ? Array.from(this.samples) : [] }
  }
}

/** Waits until a frame is due. A frame that is late moves those after it. */
export class Pace {
  constructor(flags, native) {
    this.period = flags.rate === 0 ? 0 : 1e9 / flags.rate
    this.due = 0
    this.native = native
  }

  /** Sleeps with its thread: libuv's timers are whole milliseconds, and the frame before is gone. */
  wait() {
    if (this.period === 0) return
    this.due = Math.max(this.due + this.period, this.native.now())
    this.native.sleepUntil(this.due)
  }
}

/**
 * {"ready":true}, then waits for the row's word.
 *
 * @returns {Promise<{ end: Promise<unknown> }>} end: the row's second word, that nobody needs the last
 *   frame any more. Only the side that sends it is told.
 */
export async function readyAndGo() {
  console.log('{"ready":true}')
  const lines = createInterface({ input: process.stdin })
  await new Promise((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('close', () => reject(new Error('the row has ended')))
  })
  return { end: new Promise((resolve) => lines.once('line', resolve)) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/**
 * What carries frames one way or both.
 *
 * @typedef {object} Channel
 * @property {() => Uint8Array} frame memory for the next frame that nobody reads any more
 * @property {(bytes: Uint8Array) => unknown} send a promise, if any, of when the next may be sent
 * @property {(bytes: Uint8Array) => void} [onFrame] called with each that arrives, whole, its own to
 *   read until it returns
 */

/**
 * Writes, waits for the answer, and so on: round trips. All of it counts, on both sides: memory for
 * the frame, writing it, bringing it over, reading it.
 *
 * @param {Channel} channel
 */
export async function pingPongWriter(channel, flags, record = new Record(flags)) {
  const frames = new Frames(flags)
  const pace = new Pace(flags, frames.native)
  await new Promise((resolve) => {
    let sequence = 0
    let sent = 0
    const next = () => {
      sequence += 1
      pace.wait()
      sent = frames.now()
      const bytes = channel.frame()
      frames.write(bytes, sequence)
      void channel.send(bytes)
    }
    channel.onFrame = (bytes) => {
      const right = frames.read(bytes, sequence)
      record.frame(sequence, frames.now() - sent, right)
      if (sequence === record.total) resolve()
      else next()
    }
    next()
  })
  return record.result(true)
}

/** @param {Channel} channel */
export async function pingPongReader(channel, flags, record = new Record(flags)) {
  const frames = new Frames(flags)
  let sequence = 0
  await new Promise((resolve) => {
    channel.onFrame = (bytes) => {
      sequence += 1
      const right = frames.read(bytes, sequence)
      const answer = channel.frame()
      frames.write(answer, sequence)
      const sending = channel.send(answer)
      record.frame(sequence, 0, right)
      if (sequence === record.total) resolve(sending)
    }
  })
  return record.result(false)
}

/**
 * The same frame to every channel, one after another as the peer takes them. What counts begins when
 * the frame is written and ends when the reader has read it.
 *
 * @param {Channel[]} channels
 */
export async function oneWayWriter(channels, flags, record = new Record(flags)) {
  const frames = new Frames(flags)
  const pace = new Pace(flags, frames.native)
  for (let sequence = 1; sequence <= record.total; sequence++) {
    // Whatever has come back meanwhile is heard of: memory to write again, that a socket was closed.
    await turn()
    const bytes = channels[0].frame()
    frames.write(bytes, sequence)
    pace.wait()
    frames.stamp(bytes)
    const sending = channels.map((channel) => channel.send(bytes))
    await Promise.all(sending)
    record.frame(sequence, 0, true)
  }
  return record.result(false)
}

/** @param {Channel} channel */
export async function oneWayReader(channel, flags, record = new Record(flags)) {
  const frames = new Frames(flags)
  let sequence = 0
  await new Promise((resolve) => {
    channel.onFrame = (bytes) => {
      sequence += 1
      frames.receive(bytes, sequence, record)
      if (sequence === record.total) resolve()
    }
  })
  return record.result(true)
}
