import type { Frame, Loan, Reader, ReaderStats, Writer } from '../../src/index.ts'
import { createWriter, FrameringError, openReader } from '../../src/index.ts'
import { Account } from './account.ts'
import type { Command } from './commands.ts'

/** What a run shows to whoever calls the public functions, step by step. */
export type Trace = readonly unknown[]

/**
 * Runs the commands on the transport in use and notes all that can be seen, but for times and for numbers
 * that are drawn at random. Also checks what must hold by itself: see `Account`.
 */
export function run(name: string, commands: readonly Command[]): Trace {
  const world = new World(name)
  try {
    return commands.map((command) => {
      let seen: unknown
      try {
        seen = world.do(command)
      } catch (error) {
        if (!(error instanceof FrameringError)) throw error
        seen = error.code
      }
      return { ...command, seen, after: world.figures() }
    })
  } finally {
    world.end()
  }
}

interface Reading {
  readonly reader: Reader
  readonly account: Account
  left: boolean
}

class World {
  readonly #name: string
  #writer: Writer | undefined
  readonly #loans: Loan[] = []
  readonly #readers: Reading[] = []
  readonly #frames: Frame[] = []
  /** in the order they came: the numbers themselves are random */
  readonly #sessions: number[] = []

  constructor(name: string) {
    this.#name = name
  }

  do(command: Command): unknown {
    switch (command.do) {
      case 'create':
        return this.#create(command)
      case 'restart':
        this.#writer?.close()
        return this.#create(command)
      case 'write':
        return this.#writer?.write(this.#pixels(command.value), command.meta)
      case 'loan': {
        const loan = this.#writer?.loan()
        if (loan === undefined) return 'no writer'
        this.#loans.push(loan)
        return loan.slotless
      }
      case 'publish': {
        const loan = pick(this.#loans, command.loan, isOver)
        loan?.data.fill(command.value)
        return [loan?.publish(command.meta), loan?.data.length]
      }
      case 'abandon':
        pick(this.#loans, command.loan, isOver)?.abandon()
        return 'abandoned'
      case 'format':
        this.#writer?.setFormat({ dtype: 'uint8', shape: [command.bytes] }, command.info)
        return 'set'
      case 'end':
        this.#writer?.close()
        return 'ended'
      case 'open': {
        const reader = openReader(this.#name, command.options)
        this.#readers.push({ reader, account: new Account(), left: false })
        return 'opened'
      }
      case 'next': {
        const picked = pick(this.#readers, command.reader, isDone)
        const frame = picked?.reader.tryNext()
        if (picked === undefined || frame === undefined) return 'no reader'
        if (frame === null) return picked.reader.ended ? 'the end' : 'none'
        this.#frames.push(frame)
        picked.account.count(frame)
        return this.#about(frame)
      }
      case 'leave': {
        const picked = pick(this.#readers, command.reader, isDone)
        if (picked === undefined) return 'no reader'
        picked.reader.close()
        picked.left = true
        return 'left'
      }
      case 'retain': {
        const more = pick(this.#frames, command.frame, isReleased)?.retain()
        if (more !== undefined) this.#frames.push(more)
        return more && this.#about(more)
      }
      case 'scribble': {
        const frame = pick(this.#frames, command.frame, isReleased)
        frame?.data.fill(0)
        return frame && this.#about(frame)
      }
      case 'release': {
        const frame = pick(this.#frames, command.frame, isReleased)
        const data = frame?.data
        frame?.release()
        return [frame?.released, data?.length]
      }
    }
  }

  /** After each step: a leased frame stands still whatever else happens. */
  figures(): unknown {
    return {
      writer: this.#figuresOfWriter(),
      readers: this.#readers.map(({ reader }) => [reader.ended, withoutTimes(reader.stats())]),
      frames: this.#frames.map((frame) => [frame.released, frame.data.length, frame.data[0]]),
    }
  }

  end(): void {
    for (const loan of this.#loans) loan.abandon()
    for (const frame of this.#frames) frame.release()
    for (const { reader } of this.#readers) reader.close()
    this.#writer?.close()
  }

  /** `waited` is a time, and `bells` depends on it: now and then a writer rings in case one was lost. */
  #figuresOfWriter(): unknown {
    try {
      return this.#writer && { ...this.#writer.stats(), waited: 0, bells: 0 }
    } catch (error) {
      return (error as FrameringError).code
    }
  }

  #create({ slots, maxReaders, bytes, info }: Command & { do: 'create' | 'restart' }): string {
    this.#writer = createWriter(this.#name, {
      ...{ dtype: 'uint8', shape: [bytes], slots, maxReaders, info, memoryLock: 'none' },
    })
    return 'created'
  }

  #pixels(value: number): Uint8Array {
    return new Uint8Array(this.#writer?.format.bytes ?? 0).fill(value)
  }

  #about(frame: Frame): unknown {
    let session = this.#sessions.indexOf(frame.session)
    if (session < 0) session = this.#sessions.push(frame.session) - 1
    const { captureTime, publishTime } = frame
    return {
      session,
      ...{ sequence: frame.sequence, gap: frame.gap, lost: frame.lost, epoch: frame.epoch },
      ...{ info: frame.info, format: frame.format, bytesUsed: frame.bytesUsed },
      // The time of publishing, where none was given.
      captureTime: captureTime === publishTime ? 'published' : captureTime,
      ...{ captureClock: frame.captureClock, captureMoment: frame.captureMoment },
      ...{ sourceSequence: frame.sourceSequence, pts: frame.pts, duration: frame.duration },
      ...{ timeBase: frame.timeBase, key: frame.key, user: frame.user },
      length: frame.data.length,
      pixels: new Set(frame.data),
    }
  }
}

function isOver(loan: Loan): boolean {
  return loan.data.length === 0
}

function isDone({ reader, left }: Reading): boolean {
  return left || reader.ended
}

function isReleased(frame: Frame): boolean {
  return frame.released
}

/**
 * The index wraps around, so that it means something however long the list is. What is used up is picked
 * once more, since that must be refused, and then no longer.
 */
function pick<T>(list: T[], index: number, usedUp: (item: T) => boolean): T | undefined {
  const at = list.length === 0 ? 0 : index % list.length
  const item = list[at]
  if (item !== undefined && usedUp(item)) list.splice(at, 1)
  return item
}

/** How many latencies there are is the same everywhere; how long they are is not. */
function withoutTimes({ latency, ...figures }: ReaderStats): unknown {
  return { ...figures, latencies: latency.count }
}
