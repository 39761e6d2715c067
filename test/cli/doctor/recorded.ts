import type { FileFacts, FileSystem, NativePart, System } from '../../../src/cli/doctor/system.ts'

const MIB = 2 ** 20
const TMPFS = 0x01021994

/** A system as it was found, or made up: only what differs from a workstation where all is well. */
export interface Recording {
  readonly system?: Partial<System>
  /** texts by path, over those of the workstation; undefined: not there */
  readonly files?: Readonly<Record<string, string | undefined>>
  readonly facts?: Readonly<Record<string, Partial<FileFacts>>>
  readonly fileSystems?: Readonly<Record<string, Partial<FileSystem> | undefined>>
  readonly native?: NativePart
  readonly tryRing?: { code: string; message: string }
  /** first lines by program */
  readonly programs?: Readonly<Record<string, string>>
}

const WORKSTATION: Readonly<Record<string, string | undefined>> = {
  '/proc/self/status': 'Name:\tnode\nCapEff:\t0000000000000000\n',
  '/proc/self/uid_map': '         0          0 4294967295\n',
  '/proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max locked memory         unlimited            unlimited            bytes     \n',
  '/proc/self/cgroup': '0::/user.slice/user-1000.slice/session-1.scope\n',
  '/proc/mounts': 'tmpfs /dev/shm tmpfs rw,nosuid,nodev,inode64 0 0\n',
  '/sys/kernel/mm/transparent_hugepage/shmem_enabled':
    'always within_size advise [never] deny force\n',
  '/etc/group': 'root:x:0:\nvideo:x:44:\n',
  '/modules/rxjs/package.json': '{"version":"7.8.2"}',
  '/modules/sharp/package.json': '{"version":"0.35.5"}',
}

const FACTS: FileFacts = { mode: 0o1777, uid: 0, gid: 0, readable: true, writable: true }
const SHM: FileSystem = {
  type: TMPFS,
  bytes: 8192 * MIB,
  freeBytes: 8000 * MIB,
  files: 1_000_000,
  freeFiles: 999_000,
}

export function recorded(given: Recording = {}): System {
  const files = { ...WORKSTATION, ...given.files }
  const facts: Readonly<Record<string, Partial<FileFacts>>> = { '/dev/shm': {}, ...given.facts }
  const paths = [
    ...Object.keys(files).filter((path) => files[path] !== undefined),
    ...Object.keys(facts),
  ]
  const fileSystems: NonNullable<Recording['fileSystems']> = {
    '/dev/shm': {},
    ...given.fileSystems,
  }
  return {
    platform: 'linux',
    arch: 'x64',
    kernel: '6.8.0-45-generic',
    node: '22.12.0',
    framering: '0.1.0',
    glibc: '2.36',
    uid: 1000,
    user: 'ada',
    environment: {},
    packageFolders: ['/nowhere', '/modules'],
    read: (path) => files[path],
    list: (folder) => [
      ...new Set(
        paths
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1).split('/')[0]!),
      ),
    ],
    facts: (path) => (path in facts ? { ...FACTS, ...facts[path] } : undefined),
    fileSystem: (path) => {
      const found = fileSystems[path]
      return found && { ...SHM, ...found }
    },
    ask: (program) => given.programs?.[program],
    native: () => given.native ?? { loaded: true, path: '/app/native/build/framering.node' },
    tryRing: () => Promise.resolve(given.tryRing),
    ...given.system,
  }
}

/** What Docker gives a container that is run without any flag. */
export const DOCKER: Recording = {
  system: { uid: 0, user: 'root', environment: {} },
  files: {
    // The capabilities of Docker's default set: IPC_LOCK is not among them.
    '/proc/self/status': 'Name:\tnode\nCapEff:\t00000000a80425fb\n',
    '/proc/self/limits':
      'Limit                     Soft Limit           Hard Limit           Units     \n' +
      'Max locked memory         65536                65536                bytes     \n',
    '/proc/self/cgroup': '0::/\n',
    '/proc/mounts': 'shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n',
  },
  facts: { '/.dockerenv': { mode: 0o755 } },
  fileSystems: { '/dev/shm': { bytes: 64 * MIB, freeBytes: 64 * MIB } },
}

/** The same in a pod. */
export const KUBERNETES: Recording = {
  ...DOCKER,
  system: { uid: 0, user: 'root', environment: { KUBERNETES_SERVICE_HOST: '10.96.0.1' } },
}
