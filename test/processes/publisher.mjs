// Publishes three frames when told, each filled with its number; closes when told.
import { createWriter } from 'framering'

const { name, slots } = JSON.parse(process.argv[2])
const writer = createWriter(name, { dtype: 'uint8', shape: [4, 4], slots: slots ?? 8 })
process.send({ kind: 'open' })
process.on('message', ({ kind }) => {
  if (kind === 'publish') {
    for (let i = 0; i < 3; i++) writer.write(new Uint8Array(16).fill(writer.sequence + 1))
    process.send({ kind: 'published' })
  } else {
    writer.close()
    process.disconnect()
  }
})
