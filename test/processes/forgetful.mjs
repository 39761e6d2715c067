// Forgets frames and loans, and tells what became of them.
import { createWriter, openReader } from 'framering'

process.on('disconnect', () => process.exit())
const warnings = []
process.on('warning', ({ code }) => warnings.push(code))
const writer = createWriter(`forgetful-${process.pid}`, { dtype: 'uint8', shape: [4, 4], slots: 4 })
const reader = openReader(writer.name, { delivery: 'every', maxLeases: 2 })

function forgetFrames() {
  for (let i = 0; i < 2; i++) {
    writer.write(new Uint8Array(16))
    if (reader.tryNext().data.length !== 16) throw new Error('no frame')
  }
}
function forgetLoans() {
  while (!writer.loan().slotless);
}
async function collect(done) {
  while (!done()) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
}

/** A loan that its writer's end has abandoned is no news: the first report is of a frame. */
async function forgetLoanOfClosed() {
  let gone = false
  const registry = new FinalizationRegistry(() => (gone = true))
  const closed = createWriter(`closed-${process.pid}`, { dtype: 'uint8', shape: [4, 4] })
  registry.register(closed.loan())
  closed.close()
  await collect(() => gone)
}

await forgetLoanOfClosed()
for (let round = 0; round < 3; round++) {
  forgetFrames()
  await collect(() => reader.stats().leases === 0)
}
for (let round = 0; round < 2; round++) {
  const before = writer.stats().abandoned
  forgetLoans()
  await collect(() => writer.stats().abandoned >= before + 3)
}
const loan = writer.loan()
const report = { leases: reader.stats().leases, slotless: loan.slotless, warnings }
loan.abandon()
reader.close()
writer.close()
process.send({ kind: 'done', ...report })
process.disconnect()
