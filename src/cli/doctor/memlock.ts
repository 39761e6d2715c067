import { bytesText } from '../units.ts'
import { containerOf } from './container.ts'
import { type Check, fine, warning } from './finding.ts'
import type { System } from './system.ts'

const CHECK = 'memlock'
/** Bit of capabilities(7) that lets a process lock as much as it likes. */
const CAP_IPC_LOCK = 14n
const ENOUGH = 64 * 2 ** 20

/** How much memory this process may lock, which keeps rings from being swapped out. */
export const memlock: Check = (system) => {
  const [, text = '0'] = /^CapEff:\s*([\da-f]+)/m.exec(system.read('/proc/self/status') ?? '') ?? []
  // The capability counts on the machine's own user ids only, not in a rootless container.
  const own = /^\s*0\s+0\s+4294967295/.test(system.read('/proc/self/uid_map') ?? '')
  if (own && ((BigInt(`0x${text}`) >> CAP_IPC_LOCK) & 1n) === 1n) {
    return [fine(CHECK, 'this process may lock all memory (CAP_IPC_LOCK)')]
  }
  const limits = /^Max locked memory\s+(\d+|unlimited)\s+(\d+|unlimited)/m
  const [, soft, hard] = limits.exec(system.read('/proc/self/limits') ?? '') ?? []
  if (soft === undefined || hard === undefined) {
    return [warning(CHECK, 'the limit of locked memory cannot be read', 'ulimit -l')]
  }
  if (soft === 'unlimited') return [fine(CHECK, 'no limit')]
  const bytes = Number(soft)
  if (bytes >= ENOUGH) return [fine(CHECK, `${bytesText(bytes)} may be locked`)]
  const what = `only ${bytesText(bytes)} may be locked; larger rings can be swapped out`
  const higher = hard === 'unlimited' || Number(hard) > bytes
  return [warning(CHECK, what, ...(higher ? ['ulimit -l "$(ulimit -H -l)"'] : raise(system)))]
}

function raise(system: System): string[] {
  switch (containerOf(system)) {
    case 'Docker':
      return [
        'Docker: docker run --ulimit memlock=-1 …',
        'Compose: ulimits: {memlock: -1} in the service',
      ]
    case 'Podman':
      return ['Podman: podman run --ulimit memlock=-1 …']
    case 'Kubernetes':
      return [
        'Kubernetes: securityContext: {capabilities: {add: [IPC_LOCK]}} in the container',
        'or on the node: LimitMEMLOCK=infinity in [Service] of containerd (systemctl edit containerd)',
      ]
    default:
      return [
        "in a session: '* - memlock unlimited' in /etc/security/limits.d/framering.conf, then log in again",
        'in a systemd service: LimitMEMLOCK=infinity in [Service]',
      ]
  }
}
