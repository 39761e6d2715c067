import { FrameringError } from '../errors/framering-error.ts'
import type { NativeInspection } from '../native/index.ts'
import { loadNative, Mail, nativeCall } from '../native/index.ts'
import { epochOf } from '../ring/epoch.ts'
import { FrameFacts } from '../ring/frame-facts.ts'
import { FrameHeader } from '../ring/frame-header.ts'
import { checkName, directoryOption } from '../ring/names.ts'
import { checkOptions } from '../options/index.ts'
import type { Moment } from './moment.ts'
import { momentsOf } from './moment.ts'
import type { RingReport } from './ring-report.ts'
import { ringReport } from './ring-report.ts'

/** Where the ring is. */
export interface InspectOptions {
  /** `/dev/shm` unless said */
  readonly directory?: string | undefined
}

/** Which generation is looked at. */
export interface LookOptions {
  /** on to the one that has the name now; true unless said */
  readonly follow?: boolean | undefined
}

/**
 * Looks at a ring again and again, from outside: it joins nothing, holds nothing and writes nothing, and
 * nobody can tell that it is there.
 *
 * ```ts
 * using inspector = new Inspector('front')
 * const { rate, dropped, readers } = inspector.look()
 * ```
 *
 * It follows the name from one generation to the next. What a dead writer left can be looked at as well,
 * and so can an ended ring that was open before.
 *
 * The constructor throws `NAME_INVALID`, `NOT_FOUND`, `NOT_A_RING`, `LAYOUT_VERSION`, `BYTE_ORDER`,
 * `WORD_SIZE`, `LIBC`, `PERMISSION`, `OPTION_INVALID` and `UNSUPPORTED`. Reading the data object takes its
 * permission to read; without the control object's nothing is known of readers.
 */
export class Inspector implements Disposable {
  readonly #ring: string
  readonly #directory: string
  #native: NativeInspection

  constructor(ring: string, options: InspectOptions = {}) {
    checkOptions('Inspector', options, ['directory'])
    this.#ring = checkName(ring)
    this.#directory = directoryOption(options.directory)
    this.#native = this.#open()
  }

  /**
   * What is known now. Of another generation than before when there is one under the name, unless `follow`
   * is false: then a report with `named: false` says so, and `moments()` and `frame()` still have what the
   * one before left.
   */
  look({ follow = true }: LookOptions = {}): RingReport {
    return nativeCall(() => {
      if (follow) this.#follow()
      return ringReport(this.#ring, this.#native)
    })
  }

  /**
   * When the sequences after `after` were used up, in order; of the generation that the last `look()` told
   * of. The ring remembers the last 1023: what is missing at the start was longer ago.
   */
  moments(after = 0): readonly Moment[] {
    return nativeCall(() => momentsOf(this.#native.moments(after)))
  }

  /**
   * What a frame's header says, of the generation that the last `look()` told of; null when its slot has
   * another frame by now. Throws `NOT_A_RING` when it is damaged.
   */
  frame(sequence: number): FrameFacts | null {
    return nativeCall(() => {
      const found = this.#native.frame(sequence)
      if (found === undefined) return null
      const { session } = this.#native.ring()
      const epoch = epochOf(found.mail[Mail.Epoch]!, session, found.format, '')
      return new FrameFacts(new FrameHeader(found.mail, epoch))
    })
  }

  /** Idempotent. Every other method throws `CLOSED` afterwards. */
  close(): void {
    this.#native.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #open(): NativeInspection {
    return nativeCall(() =>
      loadNative().openInspection({ directory: this.#directory, name: this.#ring }),
    )
  }

  /** Goes on to the ring that has the name now, if there is one. */
  #follow(): void {
    const { named, generation } = this.#native.ring()
    if (named) return
    let next: NativeInspection
    try {
      next = this.#open()
    } catch (error) {
      if (error instanceof FrameringError) return
      throw error
    }
    if (next.ring().generation === generation) {
      next.close()
      return
    }
    this.#native.close()
    this.#native = next
  }
}

/**
 * One look at a ring.
 *
 * ```ts
 * const { format, rate, readers } = inspect('front')
 * for (const { command, lag, lost } of readers) console.log(command, lag, lost.noSlot)
 * ```
 *
 * Joins nothing and disturbs nobody, see `Inspector`; throws what its constructor does.
 */
export function inspect(ring: string, options: InspectOptions = {}): RingReport {
  using inspector = new Inspector(ring, options)
  return inspector.look()
}
