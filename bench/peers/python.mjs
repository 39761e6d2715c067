#!/usr/bin/env node
// Python's multiprocessing.shared_memory with multiprocessing.Semaphore: python_shared_memory.py.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output } from './lib/build.mjs'
import { Missing, peerLine, runPeer, startPart } from './lib/peer.mjs'

const NAME = 'python shared_memory'
const script = join(dirname(fileURLToPath(import.meta.url)), 'python_shared_memory.py')
/** Debian's own: another Python on the PATH seldom has NumPy. */
const PYTHON = '/usr/bin/python3'

await runPeer(NAME, {}, { row })

async function row(flags) {
  const versions = installed()
  // It starts its readers itself, and binds them: theirs is another processor than their parent's.
  const part = startPart('python', [PYTHON, script], flags, {}, { cpu: '0,1' })
  return peerLine(flags, await part.result, {
    name: NAME,
    blocking: true,
    versions,
    notes:
      'a ring of 4 slots, two semaphores for each reader; filled and compared by NumPy, in place',
  })
}

function installed() {
  const ask = 'import numpy, platform; print(platform.python_version(), numpy.__version__)'
  const [python, numpy] = output(PYTHON, '-c', ask)?.split(' ') ?? []
  if (numpy === undefined) {
    throw new Missing(
      `${PYTHON} has no NumPy. Install it (Debian, Ubuntu): sudo apt install python3-numpy`,
    )
  }
  return { python, numpy }
}
