#!/usr/bin/env node
// iceoryx, in C++: native/iceoryx.cc under a RouDi of the row's own. `--wait spinning` polls for frames,
// `--wait waitset` sleeps in a WaitSet.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram, onPath, output } from './lib/build.mjs'
import {
  Missing,
  atEnd,
  freshName,
  peerLine,
  runParts,
  runPeer,
  temporaryFolder,
} from './lib/peer.mjs'

const NAME = 'iceoryx'
const HEADERS = '/usr/include/iceoryx'
const INSTALL = 'Install it (Debian, Ubuntu): sudo apt install iceoryx libiceoryx-posh-dev'
/** Chunks of a pool: four in a queue and one in each hand, both ways, and room. */
const CHUNKS = 16

await runPeer(NAME, { address: '', wait: 'spinning' }, { row })

async function row(flags) {
  if (!['spinning', 'waitset'].includes(flags.wait)) {
    throw new Error(`--wait takes spinning or waitset, not '${flags.wait}'`)
  }
  const version = installedVersion()
  const program = await buildProgram(NAME, {
    include: ['-isystem', join(HEADERS, `v${version}`)],
    libraries: ['-liceoryx_posh', '-liceoryx_hoofs'],
    identity: version,
  })
  const stop = await startRouDi(flags.bytes)
  let found
  try {
    found = await runParts({ command: [program], flags, own: { address: freshName() } })
  } finally {
    await stop()
  }
  return peerLine(flags, found, {
    name: `${NAME} ${flags.wait}`,
    blocking: flags.wait === 'waitset',
    versions: { iceoryx: version },
    notes:
      'C++ untyped API: loan, publish, take, release; written and read in place; RouDi runs beside it',
  })
}

function installedVersion() {
  if (!onPath('iox-roudi')) throw new Missing(`there is no iox-roudi. ${INSTALL}`)
  // "RouDi version: 2.0.3"
  const version = output('iox-roudi', '--version')?.match(/\d+\.\d+\.\d+/)?.[0]
  if (!version || !existsSync(join(HEADERS, `v${version}`, 'iceoryx_posh'))) {
    throw new Missing(`there are no headers of iceoryx ${version ?? ''}. ${INSTALL}`)
  }
  return version
}

/** @returns {Promise<() => Promise<void>>} stops it, and waits until it has removed its memory */
async function startRouDi(bytes) {
  const config = join(temporaryFolder(), 'roudi.toml')
  const size = Math.ceil(bytes / 64) * 64
  writeFileSync(
    config,
    `[general]\nversion = 1\n[[segment]]\n[[segment.mempool]]\nsize = ${size}\ncount = ${CHUNKS}\n`,
  )
  // Ended with the row, however that ends: a RouDi that is left keeps the next one from starting.
  const args = ['--pdeathsig', 'TERM', 'iox-roudi', '-c', config]
  const daemon = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const gone = new Promise((resolve) => daemon.once('close', resolve))
  atEnd(() => daemon.kill('SIGTERM'))
  let said = ''
  await new Promise((resolve, reject) => {
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text
        if (said.includes('RouDi is ready for clients')) resolve()
      })
    }
    daemon.once('error', reject)
    void gone.then(() => reject(new Error(`iox-roudi does not start:\n${said.trim()}`)))
  })
  return async () => {
    daemon.kill('SIGTERM')
    await gone
  }
}
