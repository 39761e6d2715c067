// Owns memory through a SharedMemoryManager, tells its names, and ends as it is told:
//   owner.mjs '{ "names": [ … ], "end": "exit" }'
import { spawn } from 'node:child_process'
import { SharedMemoryManager } from '../../dist/shared-memory/index.js'

const { names, end, child } = JSON.parse(process.argv[2])
const manager = new SharedMemoryManager()
for (const [i, name] of names.entries()) {
  if (i % 2 === 0) manager.sharedMemory(5000, { name })
  else manager.shareableList(['howdy', i, null], { name })
}
const started = child && spawn(child[0], child.slice(1), { stdio: 'ignore' })
process.send({ kind: 'owns', child: started?.pid })

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
  if (kind === 'guardian') process.send({ kind, pid: manager.guardianPid })
  if (kind === 'end') ends[end]()
})
