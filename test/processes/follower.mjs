// Reports what it receives of a ring, to the end.
import { openReader } from 'framering'

const reader = openReader(JSON.parse(process.argv[2]).name, { delivery: 'every' })
process.send({ kind: 'ready' })
let attachments = 0
for await (const { sequence, data, gap, info } of reader) {
  const sum = data.reduce((total, byte) => total + byte, 0)
  process.send({ kind: 'frame', sequence, length: data.length, sum, gap, info })
  attachments = reader.stats().attachments
}
process.send({ kind: 'complete', attachments })
process.disconnect()
