import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'

/** Where groups can be made, and what their limit is called. */
function hierarchy(): { root: string; limit: string } | undefined {
  if (existsSync(`${V1}/memory.limit_in_bytes`)) return { root: V1, limit: 'memory.limit_in_bytes' }
  const delegated = `${V2}/cgroup.subtree_control`
  if (existsSync(delegated) && /\bmemory\b/.test(readFileSync(delegated, 'utf8'))) {
    return { root: V2, limit: 'memory.max' }
  }
  return undefined
}

function make(name: string, bytes: number): string | undefined {
  const found = hierarchy()
  if (found === undefined) return undefined
  const group = `${found.root}/framering-test-${process.pid}-${name}`
  try {
    mkdirSync(group)
  } catch {
    return undefined
  }
  try {
    writeFileSync(`${group}/${found.limit}`, String(bytes))
    return group
  } catch {
    rmdirSync(group)
    return undefined
  }
}

/** Whether this user can limit the memory of a process by a cgroup: not in most containers. */
export const canLimitMemory = ((): boolean => {
  const group = make('probe', 1 << 30)
  if (group !== undefined) rmdirSync(group)
  return group !== undefined
})()

/**
 * A memory cgroup with a limit, gone at the end of the test; processes move into it by writing to its
 * `cgroup.procs`.
 */
export function memoryCgroup(bytes: number): string {
  const group = make('limit', bytes)!
  onTestFinished(() => {
    rmdirSync(group)
  })
  return group
}
