import { printable } from '../../inspect/printable.ts'
import { containerOf } from './container.ts'
import { type Check, fine, warning } from './finding.ts'
import type { System } from './system.ts'

const CHECK = 'cameras'
const NODE = /^video\d+$/

/** Whether this process may use the V4L2 devices there are. */
export const cameras: Check = (system) => {
  const nodes = system
    .list('/dev')
    .filter((name) => NODE.test(name))
    .sort()
  const known = system.list('/sys/class/video4linux').filter((name) => NODE.test(name))
  const hidden = known.filter((name) => !nodes.includes(name))
  if (nodes.length === 0 && hidden.length === 0) return [fine(CHECK, 'no V4L2 device is here')]
  const unusable = nodes.filter((name) => {
    const facts = system.facts(`/dev/${name}`)
    return facts === undefined || !facts.readable || !facts.writable
  })
  if (unusable.length > 0) {
    return [
      warning(
        CHECK,
        `uid ${system.uid} may not open ${paths(unusable)}`,
        ...admit(system, unusable),
      ),
    ]
  }
  if (nodes.length === 0) {
    return [
      warning(
        CHECK,
        `the machine has ${paths(hidden)}, which this process does not see`,
        ...pass(system, hidden),
      ),
    ]
  }
  const names = nodes.map((name) => {
    const called = system.read(`/sys/class/video4linux/${name}/name`)?.trim()
    return called === undefined ? `/dev/${name}` : `/dev/${name} (${printable(called)})`
  })
  return [fine(CHECK, names.join(', '))]
}

function admit(system: System, nodes: readonly string[]): string[] {
  const gid = system.facts(`/dev/${nodes[0]!}`)?.gid
  if (containerOf(system) !== undefined) {
    return [
      ...pass(system, nodes),
      ...(gid === undefined ? [] : [`and give it their group: docker run --group-add ${gid} …`]),
    ]
  }
  const line = (system.read('/etc/group') ?? '')
    .split('\n')
    .find((one) => one.split(':')[2] === String(gid))
  const group = line?.split(':')[0] ?? 'video'
  return [`usermod -aG ${group} ${system.user}, then log in again`]
}

function pass(system: System, nodes: readonly string[]): string[] {
  const devices = nodes.map((name) => `--device /dev/${name}`).join(' ')
  switch (containerOf(system)) {
    case 'Kubernetes':
      return [
        'Kubernetes: a device plugin for them, or securityContext: {privileged: true} with /dev as hostPath',
      ]
    case 'Podman':
      return [`Podman: podman run ${devices} …`]
    case undefined:
      return ['udevadm trigger --subsystem-match=video4linux']
    default:
      return [`Docker: docker run ${devices} …`]
  }
}

function paths(nodes: readonly string[]): string {
  return nodes.map((name) => `/dev/${name}`).join(', ')
}
