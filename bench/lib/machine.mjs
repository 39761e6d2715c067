// What the figures were taken on: without it they say nothing.
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { spawnSync } from 'node:child_process'

/**
 * @param {{ pin: boolean }} options
 * @returns {Record<string, string | number>} in the order to be shown
 */
export function describeMachine({ pin }) {
  const processors = cpus()
  const { glibcVersionRuntime } = process.report.getReport().header
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${processors[0]?.model ?? 'unknown'}, ${processors.length} logical`,
    virtual: read('/sys/hypervisor/type') ?? hypervisor(),
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    kernel: release(),
    governor:
      read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'none (not shown here)',
    'huge pages for shm': chosen(read('/sys/kernel/mm/transparent_hugepage/shmem_enabled')),
    pinning: pin ? 'writer on processor 0, reader on 1' : 'none',
    'Node.js': process.versions.node,
    glibc: glibcVersionRuntime ?? 'unknown',
    compiler: firstLine('c++', '--version'),
    'load average before': loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function hypervisor() {
  return / hypervisor( |$)/m.test(read('/proc/cpuinfo') ?? '') ? 'yes' : 'no'
}

/** Of 'always [never] force', the one in brackets. */
function chosen(text) {
  return text === undefined ? 'not shown here' : (/\[(.+)\]/.exec(text)?.[1] ?? text)
}

function firstLine(command, ...args) {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return stdout?.split('\n')[0] ?? 'unknown'
}
