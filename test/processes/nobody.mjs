// Tries to open a ring as a user who may not.
import { openReader } from 'framering'

const { name } = JSON.parse(process.argv[2])
try {
  // Loads the addon while it may still be read.
  openReader('no-such-ring')
} catch {
  process.setgid(65534)
  process.setuid(65534)
}
try {
  openReader(name)
  process.send({ kind: 'answer', code: 'none' })
} catch ({ code, message }) {
  process.send({ kind: 'answer', code, message })
}
process.disconnect()
