// Reads every frame of a ring until its writer closes, and tells of each what it saw.
import { frames } from 'framering'
import { verifyPattern } from 'framering/sources'

const { name } = JSON.parse(process.argv[2])
const seen = []
frames(name, { delivery: 'every' }).subscribe({
  next: (frame) => {
    const { ok, sequence } = verifyPattern(frame.data, frame.format)
    const { sourceSequence, captureTime, captureClock, captureMoment, discontinuity } = frame
    const lost = frame.lost.source
    seen.push({ ok, sequence, sourceSequence, captureTime, captureClock, captureMoment })
    Object.assign(seen.at(-1), { discontinuity, lost, fourcc: frame.format.fourcc })
  },
  complete: () => process.send({ kind: 'seen', seen }, () => process.disconnect()),
  error: (error) => process.send({ kind: 'error', message: String(error) }),
})
process.send({ kind: 'ready' })
