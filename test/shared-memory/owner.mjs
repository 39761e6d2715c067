// Owns memory through a SharedMemoryManager, tells its names, and ends as it is told:
//   owner.mjs '{ "names": [ … ], "end": "exit" }'
import { SharedMemoryManager } from '../../dist/shared-memory/index.js'

const { names, end } = JSON.parse(process.argv[2])
const manager = new SharedMemoryManager()
for (const [i, name] of names.entries()) {
  if (i % 2 === 0) manager.sharedMemory(5000, { name })
  else manager.shareableList(['howdy', i, null], { name })
}
process.send({ kind: 'owns', guardian: manager.guardianPid })

const ends = {
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('on purpose')
  },
  reject: () => Promise.reject(new Error('on purpose')),
  // Nothing is left to do: neither the guardian nor its pipe may keep the process.
  return: () => process.disconnect(),
}

process.on('message', ({ kind }) => {
  if (kind === 'end') ends[end]()
})
