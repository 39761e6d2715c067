import { type Check, fine, warning } from './finding.ts'
import type { System } from './system.ts'

const CHECK = 'remove-ipc'
/** Users below are the system's: logind leaves theirs alone (logind.conf(5)). */
const FIRST_USER = 1000
const FOLDERS = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd']

/** Whether systemd removes a user's rings when he logs out (RemoveIPC= of logind.conf(5), on unless said). */
export const removeIpc: Check = (system, directory) => {
  const { uid, user } = system
  if (system.facts('/run/systemd/seats') === undefined)
    return [fine(CHECK, 'there is no systemd-logind')]
  if (!`${directory}/`.startsWith('/dev/shm/'))
    return [fine(CHECK, `concerns /dev/shm, not ${directory}`)]
  if (uid < FIRST_USER)
    return [fine(CHECK, `leaves those of uid ${uid} alone, as of all system users`)]
  if (system.facts(`/var/lib/systemd/linger/${user}`) !== undefined) {
    return [fine(CHECK, `${user} lingers: rings stay when he logs out`)]
  }
  if (!removes(system)) return [fine(CHECK, 'is off: rings stay when their user logs out')]
  return [
    warning(
      CHECK,
      `systemd removes all rings of ${user} when his last session ends, also those in use`,
      `for this user: loginctl enable-linger ${user}`,
      "for all: '[Login]' and 'RemoveIPC=no' in /etc/systemd/logind.conf.d/framering.conf, then " +
        'systemctl restart systemd-logind',
      'or run the writer as a systemd service of a system user: User= in [Service]',
    ),
  ]
}

/** As systemd reads it: the first logind.conf, then the drop-ins by name, of which the first folder's counts. */
function removes(system: System): boolean {
  const main = FOLDERS.map((folder) => `${folder}/logind.conf`).find(
    (path) => system.read(path) !== undefined,
  )
  const dropIns = new Map<string, string>()
  for (const folder of FOLDERS.map((one) => `${one}/logind.conf.d`)) {
    for (const name of system.list(folder)) {
      if (name.endsWith('.conf') && !dropIns.has(name)) dropIns.set(name, `${folder}/${name}`)
    }
  }
  const paths = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
  let value = 'yes'
  for (const path of main === undefined ? paths : [main, ...paths]) {
    value = setting(system.read(path) ?? '') ?? value
  }
  return !['no', 'n', 'false', 'f', 'off', '0'].includes(value.toLowerCase())
}

function setting(text: string): string | undefined {
  let section = ''
  let value: string | undefined
  for (const line of text.split('\n').map((one) => one.trim())) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section
    const [, given] = /^RemoveIPC\s*=\s*(.*)$/.exec(line) ?? []
    // An empty one gives back what it is without.
    if (section === 'Login' && given !== undefined) value = given === '' ? 'yes' : given
  }
  return value
}
