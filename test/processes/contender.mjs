// Creates a ring at the same instant as others do, and tells what came of it.
import { createWriter, now, openReader } from 'framering'

// Loads the addon now: later it would decide who is first.
now()
let writer

const orders = {
  // All of them were told the same moment, and spin towards it.
  start({ name, at }) {
    while (now() < at);
    try {
      writer = createWriter(name, { dtype: 'uint8', shape: [16] })
      return { code: '' }
    } catch ({ code, message }) {
      return { code, message }
    }
  },
  // Whoever has the name has it all: a reader that comes finds its frames.
  look({ name }) {
    writer.write(new Uint8Array(16).fill(process.pid % 256))
    const reader = openReader(name)
    const frame = reader.tryNext()
    const whole = frame.data.every((byte) => byte === process.pid % 256)
    frame.release()
    reader.close()
    return { whole }
  },
  close() {
    writer.close()
    return {}
  },
}
process.on('message', ({ kind, ...order }) => {
  process.send({ kind: 'did', ...orders[kind](order) })
})
process.send({ kind: 'ready' })
