// Goes through every way of looking at frames and loans, and tells what was not as it should be.
import { createWriter, openReader } from 'framering'

const wrong = []
const check = (what, holds) => holds || wrong.push(what)
const name = `all-views-${process.pid}`
const writer = createWriter(name, { dtype: 'uint8', shape: [4, 4], slots: 4 })
let slotless = false
for (const views of ['revoke', 'cached', 'copy']) {
  const reader = openReader(name, { views, delivery: 'every', replay: 0 })
  for (let i = 0; i < 50; i++) {
    const loan = writer.loan()
    slotless = loan.slotless
    const filled = loan.data
    filled.fill(i)
    check('loan published', loan.publish() > 0)
    check('loan revoked', filled.length === 0)
    const frame = reader.tryNext()
    const kept = frame.retain()
    const { data, array } = frame
    check('data', data.length === 16 && data[0] === i && data[15] === i)
    check('array', array.get(3, 3) === i)
    frame.release()
    check('retained', kept.data.length === 16 && kept.data[7] === i)
    kept.release()
    if (views !== 'cached' || process.env.FRAMERING_NO_EXTERNAL_BUFFERS) {
      check(`${views} revoked`, data.length === 0)
    }
    writer.write(new Uint8Array(16).fill(200))
    const next = reader.tryNext()
    check('written', next.data[3] === 200)
    next.release()
  }
  reader.close()
}
const { createRequire } = await import('node:module')
const root = new URL('../../', import.meta.url)
const external = createRequire(root)('./native/build/framering.node').pendingBuffers()
writer.close()
process.send({ kind: 'done', wrong, slotless, external })
process.disconnect()
