import { Mail } from '../native/index.ts'
import type { Epoch } from './epoch.ts'
import { FrameDetails, PLAIN } from './frame-details.ts'

/**
 * The figures of one frame, read out of the reader's mailbox the moment it was leased. Shared by all
 * leases on the frame; outlives them.
 */
export class FrameHeader {
  readonly epoch: Epoch
  readonly sequence: number
  readonly bytesUsed: number
  readonly publishTime: number
  readonly receiveTime: number
  readonly captureTime: number
  readonly details: FrameDetails

  constructor(mail: Float64Array, epoch: Epoch) {
    this.epoch = epoch
    this.sequence = mail[Mail.Sequence] as number
    this.bytesUsed = mail[Mail.BytesUsed] as number
    this.publishTime = mail[Mail.PublishTime] as number
    this.receiveTime = mail[Mail.ReceiveTime] as number
    this.captureTime = mail[Mail.CaptureTime] as number
    this.details = mail[Mail.Plain] === 1 ? PLAIN : new FrameDetails(mail)
  }

  /** bytes of the views */
  get length(): number {
    return this.epoch.opaque ? this.bytesUsed : this.epoch.format.bytes
  }
}
