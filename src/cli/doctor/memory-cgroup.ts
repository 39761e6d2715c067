import { bytesText } from '../units.ts'
import { containerOf } from './container.ts'
import { type Check, fine, warning } from './finding.ts'
import type { System } from './system.ts'

const CHECK = 'memory-cgroup'
const LITTLE = 64 * 2 ** 20
/** cgroup v1 writes "no limit" as a number near 2^63. */
const NO_LIMIT = 2 ** 62

interface Group {
  readonly version: 1 | 2
  readonly path: string
  readonly limit: number
  readonly free: number
}

/** How much memory this process's control groups leave: rings count against them. */
export const memoryCgroup: Check = (system) => {
  const tightest = groups(system).sort((a, b) => a.free - b.free)[0]
  if (tightest === undefined) return [fine(CHECK, 'no limit')]
  const { version, path, limit, free } = tightest
  const what = `${bytesText(free)} free of ${bytesText(limit)} (cgroup v${version}, ${path})`
  if (free >= LITTLE) return [fine(CHECK, what)]
  return [warning(CHECK, `only ${what}; rings count against it`, ...raise(system, path))]
}

// The same walk as the writer's own (native/core/src/room.cc): up to the root, since inside of a container the
// path may be the host's and not exist.
function groups(system: System): Group[] {
  const found = new Map<string, Group>()
  for (const line of (system.read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    const version = controllers === '' ? 2 : 1
    if (version === 1 && !controllers.split(',').includes('memory')) continue
    const root = version === 2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory'
    for (let group = path === '/' ? '' : path; ; group = group.slice(0, group.lastIndexOf('/'))) {
      const at = groupAt(system, version, root + group)
      if (at !== undefined) found.set(at.path, at)
      if (group === '') break
    }
  }
  return [...found.values()]
}

function groupAt(system: System, version: 1 | 2, path: string): Group | undefined {
  const [limitFile, usageFile, cacheKey] =
    version === 2
      ? ['memory.max', 'memory.current', 'inactive_file']
      : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file']
  const limit = Number(system.read(`${path}/${limitFile}`) ?? NaN)
  const usage = Number(system.read(`${path}/${usageFile}`) ?? NaN)
  if (Number.isNaN(limit) || Number.isNaN(usage) || limit >= NO_LIMIT) return undefined
  const stat = system.read(`${path}/memory.stat`) ?? ''
  const cache = Number(new RegExp(`^${cacheKey} (\\d+)`, 'm').exec(stat)?.[1] ?? 0)
  return { version, path, limit, free: Math.max(0, limit - Math.max(0, usage - cache)) }
}

function raise(system: System, path: string): string[] {
  switch (containerOf(system)) {
    case 'Docker':
      return [
        'Docker: docker run --memory=2g …, or docker update --memory=2g --memory-swap=2g CONTAINER',
      ]
    case 'Podman':
      return ['Podman: podman run --memory=2g …']
    case 'Kubernetes':
      return ['Kubernetes: resources: {limits: {memory: 2Gi}} in the container']
    default: {
      const unit = /[^/]+\.(?:service|slice|scope)$/.exec(path)?.[0]
      return [
        unit === undefined
          ? `raise the limit of ${path}`
          : `systemctl set-property ${unit} MemoryMax=2G`,
      ]
    }
  }
}
