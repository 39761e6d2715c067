// A writer for tests. Fills every 32-bit word of a frame with the frame's number, as fast as it can, so
// that any mixture of two frames shows in the pixels. Waits to be told.
import { createWriter } from 'framering'

const o = JSON.parse(process.argv[2])
const writer = createWriter(o.name, {
  dtype: 'uint32',
  shape: [o.words],
  slots: o.slots ?? 8,
  ...o.options,
})
let number = 0

function publish() {
  number += 1
  using_(writer.loan(), (loan) => {
    new Uint32Array(loan.data.buffer, loan.data.byteOffset, o.words).fill(number)
    loan.publish({ sourceSequence: number })
  })
}

// `using` is syntax of Node 24.
function using_(resource, use) {
  try {
    return use(resource)
  } finally {
    resource[Symbol.dispose]()
  }
}

const commands = {
  // As many frames as asked for, flat out, letting the event loop turn now and then.
  async publish({ frames }) {
    const until = number + frames
    while (number < until) {
      for (let i = 0; i < 1000 && number < until; i++) publish()
      await new Promise((resolve) => setImmediate(resolve))
    }
    process.send({ kind: 'published', stats: writer.stats() })
  },
  async stats() {
    process.send({ kind: 'stats', stats: writer.stats() })
  },
  async close() {
    const stats = writer.stats()
    writer.close()
    process.send({ kind: 'closed', stats }, () => process.disconnect())
  },
  async crash() {
    process.kill(process.pid, 'SIGKILL')
  },
}
process.on('message', (message) => {
  void commands[message.kind](message)
})
process.on('disconnect', () => process.exit())
process.send({ kind: 'ready' })
