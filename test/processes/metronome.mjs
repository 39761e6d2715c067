// Publishes at the intervals it is given, in ms, over and over, until it is told to close; says so after
// each round.
import { createWriter } from 'framering'

const { name, intervals } = JSON.parse(process.argv[2])
const writer = createWriter(name, { dtype: 'uint8', shape: [4, 4], slots: 32 })
let ended = false
process.on('message', () => (ended = true))
process.send({ kind: 'open' })
for (let i = 0; !ended; i++) {
  await new Promise((resolve) => setTimeout(resolve, intervals[i % intervals.length]))
  writer.write(new Uint8Array(16).fill(writer.sequence + 1))
  if ((i + 1) % intervals.length === 0) process.send({ kind: 'round', sequence: writer.sequence })
}
writer.close()
process.disconnect()
