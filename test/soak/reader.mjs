// The soak's reader: checks every word of every frame it gets and accounts for all the others, through
// restarts and larger rings, until it is told to stop, is killed, or finds something wrong.
import { openReader } from 'framering'
import { isWhole } from './frames.mjs'

const { name, directory, delivery, observe } = JSON.parse(process.argv[2])
const EVERY = 500 // ms between two reports
const figures = { verified: 0, gaps: 0, restart: 0, sessions: 0, broken: 0, wrong: [] }
let session = 0
let last = 0
let stopping = false

/** Within a session nothing may be missing that no gap tells of. */
function account(frame) {
  const { sequence, gap, lost } = frame
  const within = gap - lost.restart
  if (frame.session !== session) {
    session = frame.session
    figures.sessions += 1
  } else if (sequence !== last + 1 + within) {
    figures.wrong.push(`${last} was followed by ${sequence} with a gap of ${within}`)
  }
  last = sequence
  figures.gaps += gap
  figures.restart += lost.restart
}

function take(frame) {
  const whole = isWhole(frame.data, frame.sourceSequence)
  account(frame)
  try {
    frame.release()
  } catch (error) {
    // Somebody scribbled: the bytes may be anything, and that is what the error says.
    if (error.code !== 'LEASE_BROKEN') throw error
    figures.broken += 1
    return
  }
  if (whole) figures.verified += 1
  else figures.wrong.push(`frame ${frame.sequence} is torn, and nothing told of it`)
}

process.on('message', () => {
  stopping = true
})
process.on('disconnect', () => process.exit())

const reader = openReader(name, {
  directory,
  delivery,
  observe,
  wait: true,
  reconnect: true,
  reliableWait: 5000,
})
process.send({ kind: 'ready' })
let reported = Date.now()
while (!stopping) {
  const frame = await reader.next({ timeout: EVERY })
  if (frame !== null) take(frame)
  if (Date.now() - reported >= EVERY) {
    reported = Date.now()
    process.send({ kind: 'report', ...figures, rss: process.memoryUsage.rss() })
  }
  if (figures.wrong.length > 0) break
}
reader.close()
process.send({ kind: 'done', ...figures, rss: process.memoryUsage.rss() }, () =>
  process.disconnect(),
)
