// A reader for tests: subscribes, checks every word of every frame, and adds up.
import { frames } from 'framering'
import { become } from '../../processes/become.mjs'

const o = JSON.parse(process.argv[2])
if (o.user !== undefined) become(o.user)

const figures = {
  received: 0,
  torn: 0,
  unequal: 0,
  first: 0,
  last: 0,
  source: 0,
  noSlot: 0,
  overrun: 0,
  skipped: 0,
  restart: 0,
  gaps: 0,
}

function check(frame) {
  const data = frame.data
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2)
  const number = words[0]
  for (let i = 1; i < words.length; i++) {
    if (words[i] !== number) {
      figures.torn += 1
      break
    }
  }
  // What the header says and what the pixels say must be the same frame.
  if (number !== frame.sourceSequence) figures.unequal += 1
  figures.received += 1
  figures.first ||= frame.sequence
  figures.last = frame.sequence
  figures.gaps += frame.gap
  const { source, noSlot, overrun, skipped, restart } = frame.lost
  figures.source += source
  figures.noSlot += noSlot
  figures.overrun += overrun
  figures.skipped += skipped
  figures.restart += restart
}

let heard = false
frames(o.name, { wait: true, ...o.options }).subscribe({
  next(frame) {
    check(frame)
    if (!heard) {
      heard = true
      process.send({ kind: 'first', sequence: frame.sequence })
    }
  },
  error(error) {
    process.send({ kind: 'error', code: error.code, message: error.message, figures }, () =>
      process.disconnect(),
    )
  },
  complete() {
    process.send({ kind: 'complete', figures }, () => process.disconnect())
  },
})
process.on('message', (message) => {
  if (message.kind === 'figures') process.send({ kind: 'figures', figures })
})
process.on('disconnect', () => process.exit())
process.send({ kind: 'ready' })
