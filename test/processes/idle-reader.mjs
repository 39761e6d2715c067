// Takes one frame by next() and then does nothing: the process has to end by itself.
import { openReader } from 'framering'

const reader = openReader(JSON.parse(process.argv[2]).name)
const frame = await reader.next()
process.send({ kind: 'got', sequence: frame.sequence })
frame.release()
process.disconnect()
