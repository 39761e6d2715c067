#!/usr/bin/env node
// GStreamer's shmsink and shmsrc, between an appsrc and an appsink: native/gstreamer.cc.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram, folder, output } from './lib/build.mjs'
import { Missing, atEnd, peerLine, runParts, runPeer, temporaryFolder } from './lib/peer.mjs'

const NAME = 'gstreamer shmsink'
const MODULES = ['gstreamer-1.0', 'gstreamer-app-1.0']
const INSTALL =
  'Install it (Debian, Ubuntu): sudo apt install pkg-config libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-bad'

await runPeer(NAME, { address: '' }, { row })

async function row(flags) {
  const version = installedVersion()
  const words = (option) => output('pkg-config', option, ...MODULES).split(/\s+/)
  const program = await buildProgram('gstreamer', {
    // As system headers: they are not ours to be warned about.
    include: words('--cflags-only-I').flatMap((word) => ['-isystem', word.slice(2)]),
    libraries: words('--libs'),
    identity: version,
  })
  // What it knows of its plugins it keeps in a file; ours to remove with build/.
  process.env.GST_REGISTRY = join(folder, 'gstreamer-registry.bin')
  const pids = []
  atEnd(() => pids.forEach(removeMemory))
  const found = await runParts({
    command: [program],
    flags,
    own: { address: temporaryFolder() },
    started: (part) => pids.push(part.child.pid),
  })
  return peerLine(flags, found, {
    name: NAME,
    blocking: true,
    versions: { gstreamer: version },
    notes:
      "C++: appsrc to shmsink, shmsrc to appsink; written in shmsink's memory and read in place; two threads of GStreamer's between the two ends",
  })
}

function installedVersion() {
  const version = output('pkg-config', '--modversion', 'gstreamer-app-1.0')
  if (version === undefined) throw new Missing(`there are no headers of GStreamer. ${INSTALL}`)
  const plugins = output('pkg-config', '--variable=pluginsdir', 'gstreamer-1.0')
  if (!existsSync(join(plugins, 'libgstshm.so'))) {
    throw new Missing(`there is no shmsink in ${plugins}. ${INSTALL}`)
  }
  return version
}

/** What a shmsink that was killed has left: `shmpipe.`, the process, a number, padded with blanks. */
function removeMemory(pid) {
  for (const name of readdirSync('/dev/shm')) {
    const [, owner] = /^shmpipe\. *(\d+)\. *\d+$/.exec(name) ?? []
    if (owner === `${pid}`) rmSync(join('/dev/shm', name), { force: true })
  }
}
