import { printable } from '../../inspect/printable.ts'
import { type Check, failing, fine, type Finding, warning } from './finding.ts'
import type { System } from './system.ts'

const OLDEST_NODE = [20, 19] as const
/** What is used where it is installed, and what for. */
const PEERS = [
  ['sharp', 'pictures to and from files'],
  ['node-webcam', 'webcams by fswebcam'],
  ['prom-client', 'figures for Prometheus'],
  ['terminal-kit', 'framering top'],
] as const

/** Versions of what runs here, and of what framering can use. */
export const versions: Check = (system) => {
  const found: Finding[] = [fine('framering', `version ${system.framering}`), node(system)]
  if (system.glibc === undefined) {
    const what = 'this Node runs on another C library (musl, as on Alpine)'
    found.push(failing('glibc', what, 'an image on Debian: node:22-slim'))
  } else found.push(fine('glibc', `version ${system.glibc}`))
  const rxjs = versionOf(system, 'rxjs')
  if (rxjs === undefined) found.push(failing('rxjs', 'is not installed', 'npm install rxjs'))
  else found.push(fine('rxjs', `version ${rxjs}`))
  for (const [name, what] of PEERS) {
    const version = versionOf(system, name)
    if (version === undefined) {
      found.push(fine(name, `not installed; it is for ${what}`, `npm install ${name}`))
    } else found.push(fine(name, `version ${version}`))
  }
  const ffmpeg = system.ask('ffmpeg', '-version')
  if (ffmpeg === undefined) {
    const what = 'not installed; it is for videos, streams and recording'
    found.push(fine('ffmpeg', what, 'apt-get install ffmpeg'))
  } else found.push(fine('ffmpeg', printable(/^ffmpeg (version \S+)/.exec(ffmpeg)?.[1] ?? ffmpeg)))
  return found
}

function node({ node: version }: System): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, then] = OLDEST_NODE
  if (major < least || (major === least && minor < then)) {
    return failing(
      'node',
      `version ${version} is too old`,
      `Node ${least}.${then} or later: nvm install 22`,
    )
  }
  if (major < 22) {
    return warning(
      'node',
      `version ${version}: releasing a frame takes five times as long as on 22`,
      'nvm install 22',
    )
  }
  return fine('node', `version ${version}`)
}

function versionOf(system: System, name: string): string | undefined {
  for (const folder of system.packageFolders) {
    const text = system.read(`${folder}/${name}/package.json`)
    if (text === undefined) continue
    try {
      const { version } = JSON.parse(text) as { version?: unknown }
      return printable(String(version))
    } catch {
      return 'unknown: its package.json is damaged'
    }
  }
  return undefined
}
