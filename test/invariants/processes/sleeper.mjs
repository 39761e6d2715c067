// Blocks a thread on a ring where nothing comes, and tells what woke it.
import { openReader } from 'framering'

const reader = openReader(JSON.parse(process.argv[2]).name, { replay: 0 })
// Once through the sleep, so that everything that watches over it stands.
reader.waitSync(1)
process.send({ kind: 'sleeping' }, () => {
  let code = 'none'
  try {
    while (!reader.ended) reader.waitSync(60_000)
  } catch (error) {
    code = error.code
  }
  process.send({ kind: 'woken', code }, () => process.disconnect())
})
