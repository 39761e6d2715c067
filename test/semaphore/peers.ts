import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { type LinePeer, linePeer, python } from '../support/line-peer.ts'

/** CPython's `_multiprocessing.SemLock`, told one thing a line. */
export function semLock(): LinePeer {
  return python('semaphores.py')
}

/** glibc's own `sem_open`, told the same. */
export function glibc(): LinePeer {
  return linePeer(compiled('semaphores.c'))
}

const programs = new Map<string, string>()
const folders: string[] = []

// Not when the process exits: vitest may end it without.
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  programs.clear()
})

/** The path of a program of test/semaphore/processes, compiled. */
export function compiled(source: string): string {
  const made = programs.get(source)
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), 'framering-semaphore-'))
  folders.push(folder)
  const program = join(folder, 'program')
  const path = fileURLToPath(new URL(`processes/${source}`, import.meta.url))
  const said = spawnSync('cc', ['-O1', '-Wall', '-o', program, path, '-pthread'], {
    encoding: 'utf8',
  })
  if (said.status !== 0) throw said.error ?? new Error(said.stderr)
  programs.set(source, program)
  return program
}
