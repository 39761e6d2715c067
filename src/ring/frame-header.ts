import type { FrameFormat } from '../format/index.ts'
import { Mail } from '../native/index.ts'
import type { Epoch } from './epoch.ts'
import { USER_WORDS } from './frame-meta.ts'

const NO_USER: readonly number[] = Object.freeze(new Array<number>(USER_WORDS).fill(0))

/**
 * The figures of one frame, read out of the reader's mailbox the moment it was leased. Shared by all
 * leases on the frame; outlives them.
 */
export class FrameHeader {
  readonly format: FrameFormat
  readonly info: unknown
  readonly epoch: number
  readonly session: number
  readonly receiveTime: number
  readonly sequence: number
  readonly bytesUsed: number
  /** bytes of the views */
  readonly length: number
  readonly opaque: boolean
  readonly publishTime: number
  readonly captureTime: number
  readonly captureClock: number
  readonly captureMoment: number
  readonly sourceSequence: number
  readonly pts: number
  readonly duration: number
  readonly timeBaseNum: number
  readonly timeBaseDen: number
  readonly flags: number
  readonly lostNoSlot: number
  readonly lostOverrun: number
  readonly lostSkipped: number
  readonly lostRestart: number
  readonly lostSource: number
  readonly user: readonly number[]

  constructor(mail: Float64Array, epoch: Epoch, session: number, receiveTime: number) {
    this.format = epoch.format
    this.info = epoch.info
    this.epoch = epoch.number
    this.session = session
    this.receiveTime = receiveTime
    this.sequence = mail[Mail.Sequence] as number
    this.bytesUsed = mail[Mail.BytesUsed] as number
    this.length = epoch.opaque ? this.bytesUsed : epoch.format.bytes
    this.opaque = epoch.opaque
    this.publishTime = mail[Mail.PublishTime] as number
    this.captureTime = mail[Mail.CaptureTime] as number
    this.captureClock = mail[Mail.CaptureClock] as number
    this.captureMoment = mail[Mail.CaptureMoment] as number
    this.sourceSequence = mail[Mail.SourceSequence] as number
    this.pts = mail[Mail.Pts] as number
    this.duration = mail[Mail.Duration] as number
    this.timeBaseNum = mail[Mail.TimeBaseNum] as number
    this.timeBaseDen = mail[Mail.TimeBaseDen] as number
    this.flags = mail[Mail.Flags] as number
    this.lostNoSlot = mail[Mail.LostNoSlot] as number
    this.lostOverrun = mail[Mail.LostOverrun] as number
    this.lostSkipped = mail[Mail.LostSkipped] as number
    this.lostRestart = mail[Mail.LostRestart] as number
    this.lostSource = mail[Mail.LostSource] as number
    this.user = userWords(mail)
  }
}

function userWords(mail: Float64Array): readonly number[] {
  for (let i = 0; i < USER_WORDS; i++) {
    if (mail[Mail.User + i] !== 0)
      return Array.from(mail.subarray(Mail.User, Mail.User + USER_WORDS))
  }
  return NO_USER
}
