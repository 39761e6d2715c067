import { Mail } from '../native/index.ts'
import { USER_WORDS } from './frame-meta.ts'

const NO_USER: readonly number[] = Object.freeze(new Array<number>(USER_WORDS).fill(0))

/** The figures that most frames leave at nothing. Apart, as each costs an allocation where it is kept. */
export class FrameDetails {
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

  constructor(mail: Float64Array) {
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

/** Of a frame whose mailbox says `Mail.Plain`: none lost, nothing said. */
export const PLAIN = new FrameDetails(plainMail())

function plainMail(): Float64Array {
  const mail = new Float64Array(Mail.Length)
  mail[Mail.CaptureClock] = 1
  mail[Mail.Pts] = mail[Mail.Duration] = NaN
  return mail
}
