// The soak's writer: publishes as fast as its readers let it, now and then in another format, until it
// is told to close or is killed.
import { createWriter } from 'framering'
import { fill } from './frames.mjs'

const { name, directory, words, slots } = JSON.parse(process.argv[2])
const writer = createWriter(name, {
  directory,
  dtype: 'uint32',
  shape: [words],
  slots,
  maxReaders: 16,
  reliableLimit: 5000,
})
let number = 0
let grown = 0
let closing = false

function publish() {
  const loan = writer.loan()
  fill(loan.data, number + 1)
  // Some loans come to nothing, as a camera's do.
  if (number % 1000 === 999 && !loan.slotless) {
    loan.abandon()
    number += 1
    return
  }
  number += 1
  loan.publish({ sourceSequence: number })
}

process.on('message', ({ kind }) => {
  if (kind === 'close') closing = true
  // Another generation: one page more than the slots hold.
  if (kind === 'grow') writer.setFormat({ dtype: 'uint32', shape: [words + 1024 * ++grown] })
})
process.on('disconnect', () => process.exit())
process.send({ kind: 'ready' })

while (!closing) {
  for (let i = 0; i < 200 && !closing; i++) publish()
  await new Promise((resolve) => setImmediate(resolve))
}
writer.close()
process.send({ kind: 'closed' }, () => process.disconnect())
