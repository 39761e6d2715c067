import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { examine } from '../../../src/cli/doctor/checks.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { built, framering, run } from '../framering.ts'
import { DOCKER, KUBERNETES, recorded, type Recording } from './recorded.ts'

const MIB = 2 ** 20

async function found(
  given: Recording,
  directory = '/dev/shm',
): Promise<ReadonlyMap<string, Finding>> {
  const findings = await examine(recorded(given), directory)
  return new Map(findings.map((finding) => [finding.check, finding]))
}

async function finding(check: string, given: Recording, directory?: string): Promise<Finding> {
  const one = (await found(given, directory)).get(check)
  if (one === undefined) throw new Error(`nothing was said of ${check}`)
  return one
}

/** Contains each of the texts, in one of its lines. */
function fixes(...texts: string[]): unknown {
  return expect.arrayContaining(texts.map((text) => expect.stringContaining(text) as unknown))
}

test('a workstation where all is well: nothing but ok', async () => {
  const findings = [...(await found({ system: { uid: 999 } })).values()]
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length)
})

describe('shared memory', () => {
  test("Docker's 64 MiB: the flag that gives more", async () => {
    expect(await finding('shared-memory', DOCKER)).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('64.0 MiB free of 64.0 MiB') as string,
      fix: fixes('docker run --shm-size=1g', 'shm_size:'),
    })
    expect(await finding('shared-memory', KUBERNETES)).toMatchObject({
      status: 'warn',
      fix: fixes('emptyDir: {medium: Memory, sizeLimit: 1Gi}'),
    })
  })

  test('full: what dead writers left, and more room', async () => {
    const full = { fileSystems: { '/dev/shm': { freeBytes: 4096 } } }
    expect(await finding('shared-memory', full)).toMatchObject({
      status: 'fail',
      fix: fixes(
        'framering clean --directory /dev/shm',
        'mount -o remount,size=50% /dev/shm',
        '/etc/fstab',
      ),
    })
    const nearly = { fileSystems: { '/dev/shm': { freeBytes: 500 * MIB } } }
    expect((await finding('shared-memory', nearly)).status).toBe('warn')
  })

  test.each([
    ['not there', { fileSystems: { '/dev/shm': undefined } }, 'fail', 'mount -t tmpfs'],
    ['on a disk', { fileSystems: { '/dev/shm': { type: 0xef53 } } }, 'warn', 'mount -t tmpfs'],
    ['without inodes', { fileSystems: { '/dev/shm': { freeFiles: 3 } } }, 'warn', 'nr_inodes='],
  ] as const)('%s', async (_, given, status, fix) => {
    expect(await finding('shared-memory', given)).toMatchObject({ status, fix: fixes(fix) })
  })

  test('a tmpfs without a size has no limit', async () => {
    const given = { fileSystems: { '/dev/shm': { bytes: 0, freeBytes: 0 } } }
    expect((await finding('shared-memory', given)).status).toBe('ok')
  })
})

describe('memlock', () => {
  const limit = (soft: string, hard: string) => ({
    files: {
      '/proc/self/limits': `Max locked memory         ${soft}     ${hard}      bytes     \n`,
    },
  })

  test('none to speak of: what raises it, by where this runs', async () => {
    expect(await finding('memlock', DOCKER)).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('64.0 KiB') as string,
      fix: fixes('docker run --ulimit memlock=-1'),
    })
    expect((await finding('memlock', KUBERNETES)).fix).toEqual(
      fixes('IPC_LOCK', 'LimitMEMLOCK=infinity'),
    )
    expect((await finding('memlock', limit('8388608', '8388608'))).fix).toEqual(
      fixes('/etc/security/limits.d', 'LimitMEMLOCK=infinity'),
    )
  })

  test('a hard limit above is used by ulimit', async () => {
    const { status, fix } = await finding('memlock', limit('65536', 'unlimited'))
    expect({ status, fix }).toEqual({ status: 'warn', fix: ['ulimit -l "$(ulimit -H -l)"'] })
  })

  test('enough, and the capability that needs none', async () => {
    expect((await finding('memlock', limit('268435456', '268435456'))).status).toBe('ok')
    const capable = { '/proc/self/status': 'CapEff:\t000001ffffffffff\n' }
    const root = { files: { ...limit('65536', '65536').files, ...capable } }
    expect((await finding('memlock', root)).summary).toContain('CAP_IPC_LOCK')
    // In a rootless container it lets nobody lock anything.
    const rootless = { ...root.files, '/proc/self/uid_map': '0 1000 1\n' }
    expect((await finding('memlock', { files: rootless })).status).toBe('warn')
  })
})

describe('memory cgroup', () => {
  const V2 = '/sys/fs/cgroup/system.slice/camera.service'
  const v2 = (limit: string, usage: number, cache = 0): Recording => ({
    files: {
      '/proc/self/cgroup': '0::/system.slice/camera.service\n',
      [`${V2}/memory.max`]: `${limit}\n`,
      [`${V2}/memory.current`]: `${usage}\n`,
      [`${V2}/memory.stat`]: `anon 1\ninactive_file ${cache}\n`,
    },
  })

  test('a limit that is nearly used up: what raises it', async () => {
    expect(await finding('memory-cgroup', v2(String(512 * MIB), 500 * MIB))).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('12.0 MiB free of 512.0 MiB (cgroup v2') as string,
      fix: ['systemctl set-property camera.service MemoryMax=2G'],
    })
    const pod = { ...v2(String(512 * MIB), 500 * MIB), system: KUBERNETES.system! }
    expect((await finding('memory-cgroup', pod)).fix).toEqual(
      fixes('resources: {limits: {memory: 2Gi}}'),
    )
  })

  test('page cache is given up first; without a limit there is none', async () => {
    expect(
      (await finding('memory-cgroup', v2(String(512 * MIB), 500 * MIB, 300 * MIB))).status,
    ).toBe('ok')
    expect((await finding('memory-cgroup', v2('max', 500 * MIB))).summary).toBe('no limit')
  })

  test('v1, whose path is the host’s in a container', async () => {
    const files = {
      '/proc/self/cgroup': '5:memory,cpu:/docker/0123\n1:name=systemd:/\n0::/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${100 * MIB}\n`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${90 * MIB}\n`,
    }
    expect(await finding('memory-cgroup', { ...DOCKER, files })).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('10.0 MiB free of 100.0 MiB (cgroup v1') as string,
      fix: fixes('docker run --memory=2g'),
    })
    const unlimited = {
      ...files,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    }
    expect((await finding('memory-cgroup', { files: unlimited })).summary).toBe('no limit')
  })
})

describe('RemoveIPC', () => {
  const logind = { '/run/systemd/seats': {} }

  test('on, as it is unless somebody says: what keeps the rings at logout', async () => {
    expect(await finding('remove-ipc', { facts: logind })).toMatchObject({
      status: 'warn',
      fix: fixes('loginctl enable-linger ada', 'RemoveIPC=no', 'User='),
    })
  })

  test.each([
    ['without logind', {}],
    ['a system user', { facts: logind, system: { uid: 999 } }],
    ['a user that lingers', { facts: { ...logind, '/var/lib/systemd/linger/ada': {} } }],
    [
      'off',
      {
        facts: logind,
        files: { '/etc/systemd/logind.conf': '[Login]\n#RemoveIPC=yes\nRemoveIPC=no\n' },
      },
    ],
    [
      'off in a drop-in',
      {
        facts: logind,
        files: {
          '/etc/systemd/logind.conf': '[Login]\nRemoveIPC=yes\n',
          '/usr/lib/systemd/logind.conf.d/10-a.conf': '[Login]\nRemoveIPC = off\n',
        },
      },
    ],
  ] satisfies [string, Recording][])('does no harm: %s', async (_, given) => {
    expect((await finding('remove-ipc', given)).status).toBe('ok')
  })

  test('the last of the drop-ins by name counts, and of one name that in /etc', async () => {
    const files = {
      '/etc/systemd/logind.conf': '[Login]\nRemoveIPC=no\n',
      '/usr/lib/systemd/logind.conf.d/50-b.conf': '[Login]\nRemoveIPC=no\n',
      '/etc/systemd/logind.conf.d/50-b.conf': '[Login]\nRemoveIPC=yes\n[Other]\nRemoveIPC=no\n',
    }
    expect((await finding('remove-ipc', { facts: logind, files })).status).toBe('warn')
  })
})

describe('cameras', () => {
  const video0 = { '/sys/class/video4linux/video0/name': 'HD Webcam\u001b[2J\n' }

  test('one that may be used is named, printably', async () => {
    const given = { files: video0, facts: { '/dev/video0': {} } }
    expect(await finding('cameras', given)).toEqual({
      ...{ check: 'cameras', status: 'ok', fix: [] },
      summary: '/dev/video0 (HD Webcam\\x1b[2J)',
    })
  })

  test('one that may not: the group to join', async () => {
    const facts = { '/dev/video0': { gid: 44, readable: false, writable: false } }
    expect(await finding('cameras', { files: video0, facts })).toMatchObject({
      status: 'warn',
      fix: ['usermod -aG video ada, then log in again'],
    })
  })

  test('one that the container was not given: the flag', async () => {
    expect(
      await finding('cameras', { ...DOCKER, files: { ...DOCKER.files, ...video0 } }),
    ).toMatchObject({
      status: 'warn',
      fix: ['Docker: docker run --device /dev/video0 …'],
    })
  })
})

describe('the rest', () => {
  test.each([
    ['kernel', { system: { kernel: '3.10.0-1160.el7' } }, 'fail', '5.16'],
    ['kernel', { system: { kernel: '5.10.0-30-amd64' } }, 'warn', '5.16'],
    ['kernel', { system: { platform: 'darwin' } }, 'fail', 'Linux'],
    ['node', { system: { node: '18.20.4' } }, 'fail', 'nvm install 22'],
    ['node', { system: { node: '20.19.0' } }, 'warn', 'nvm install 22'],
    ['glibc', { system: { glibc: undefined } }, 'fail', 'node:22-slim'],
    ['rxjs', { files: { '/modules/rxjs/package.json': undefined } }, 'fail', 'npm install rxjs'],
    ['sharp', { files: { '/modules/sharp/package.json': undefined } }, 'ok', 'npm install sharp'],
    ['ffmpeg', {}, 'ok', 'apt-get install ffmpeg'],
    [
      'directory',
      { facts: { '/dev/shm': { writable: false, mode: 0o755 } } },
      'fail',
      'chmod 1777 /dev/shm',
    ],
    ['directory', { facts: { '/dev/shm': { mode: 0o777 } } }, 'warn', 'chmod 1777 /dev/shm'],
    ['container', DOCKER, 'ok', '--ipc=container:'],
    ['container', KUBERNETES, 'ok', 'medium: Memory'],
    ['container', { facts: { '/run/.containerenv': {} } }, 'ok', 'podman run --ipc='],
    ['ring', { tryRing: { code: 'SHM_FULL', message: 'enlarge it' } }, 'fail', 'enlarge it'],
    [
      'native',
      { native: { loaded: false, message: 'is not built', command: 'node native/build.mjs' } },
      'fail',
      'node native/build.mjs',
    ],
  ] satisfies [string, Recording, Finding['status'], string][])(
    '%s %j',
    async (check, given, status, fix) => {
      expect(await finding(check, given)).toMatchObject({ status, fix: fixes(fix) })
    },
  )

  test('huge pages, by the mount and the switch', async () => {
    const mount = { '/proc/mounts': 'tmpfs /dev/shm tmpfs rw,huge=within_size 0 0\n' }
    for (const place of ['/dev/shm', '/dev/shm/rings']) {
      const { summary } = await finding('huge-pages', { files: mount }, place)
      expect(summary).toContain('huge=within_size')
    }
    expect((await finding('huge-pages', { files: mount }, '/dev/shmother')).summary).toContain(
      'not used',
    )
    const denied = {
      ...mount,
      '/sys/kernel/mm/transparent_hugepage/shmem_enabled': 'never [deny]\n',
    }
    expect((await finding('huge-pages', { files: denied })).summary).toContain('deny')
  })

  test('without the native part no ring is tried, and the rest is looked at', async () => {
    const native = { loaded: false, message: 'is not built', command: null } as const
    const all = await found({ native })
    expect(all.has('ring')).toBe(false)
    expect(all.has('ffmpeg')).toBe(true)
    expect(all.get('native')!.fix).toEqual([])
  })
})

describe('framering doctor', () => {
  built()

  test('works on this machine, and says so in both ways', async () => {
    const { code, stdout, stderr } = await framering('doctor', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
    expect(ok).toBe(true)
    const native = findings.find(({ check }) => check === 'native')
    expect(native).toMatchObject({ status: 'ok' })
    expect(native!.summary).toContain('framering.node loads')
    const text = (await framering('doctor')).stdout
    for (const { check, status } of findings)
      expect(text).toMatch(new RegExp(`^${status} +${check} `, 'm'))
  })

  test('says how to build the native part where there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'framering-doctor-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const words = [process.execPath, join(folder, 'dist/cli/main.js'), 'doctor', '--json']
    const { code, stdout, stderr } = await run(words, { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
    expect(ok).toBe(false)
    expect(findings.find(({ check }) => check === 'native')).toMatchObject({
      status: 'fail',
      fix: ['node native/build.mjs'],
    })
  })

  test('a directory that is not there fails: 1', async () => {
    const { code, stdout } = await framering('doctor', '--directory', '/nowhere/at/all')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fail {2}shared-memory +\/nowhere\/at\/all is not there$/m)
    expect(stdout).toMatch(/^fail {2}ring /m)
  })
})
