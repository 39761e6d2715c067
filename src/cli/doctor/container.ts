import { type Check, fine } from './finding.ts'
import type { System } from './system.ts'

/** What kind of container a process is in. */
export type Container = 'Docker' | 'Podman' | 'Kubernetes' | 'LXC' | 'systemd-nspawn' | 'container'

/**
 * The container that this is in; undefined outside of one.
 *
 * Docker leaves /.dockerenv and Podman /run/.containerenv; Kubernetes sets KUBERNETES_SERVICE_HOST for
 * every pod; LXC and systemd-nspawn name themselves in `container` of process 1, which only root may
 * read, so systemd also writes it to /run/systemd/container.
 */
export function containerOf(system: System): Container | undefined {
  const { environment } = system
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined) return 'Kubernetes'
  if (system.facts('/var/run/secrets/kubernetes.io/serviceaccount') !== undefined)
    return 'Kubernetes'
  if (system.facts('/.dockerenv') !== undefined) return 'Docker'
  if (system.facts('/run/.containerenv') !== undefined) return 'Podman'
  const named = environment['container'] ?? system.read('/run/systemd/container')?.trim()
  if (named === 'podman') return 'Podman'
  if (named === 'docker') return 'Docker'
  if (named?.startsWith('lxc')) return 'LXC'
  if (named === 'systemd-nspawn') return 'systemd-nspawn'
  const groups = system.read('/proc/1/cgroup') ?? ''
  if (groups.includes('kubepods')) return 'Kubernetes'
  if (/\/docker[/-]/.test(groups)) return 'Docker'
  if (groups.includes('libpod')) return 'Podman'
  if (/\/lxc[./]/.test(groups)) return 'LXC'
  return named === undefined || named === '' ? undefined : 'container'
}

/** Who else sees the rings of this process. */
export const container: Check = (system) => {
  const kind = containerOf(system)
  switch (kind) {
    case undefined:
      return [fine('container', 'none: all processes of the machine see the rings')]
    case 'Kubernetes':
      return [
        fine(
          'container',
          'Kubernetes: the containers of a pod share rings through a volume that all of them mount',
          'Kubernetes: volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 1Gi}}], and in each ' +
            'container volumeMounts: [{name: shm, mountPath: /dev/shm}]',
        ),
      ]
    case 'Docker':
    case 'Podman': {
      const command = kind.toLowerCase()
      return [
        fine(
          'container',
          `${kind}: other containers see these rings if they share its /dev/shm`,
          `${kind}: ${command} run --ipc=shareable --name writer …, then ${command} run --ipc=container:writer …`,
          `${kind}, rings of the host: ${command} run --ipc=host …`,
        ),
      ]
    }
    default:
      return [fine('container', `${kind}: rings are seen inside of it`)]
  }
}
