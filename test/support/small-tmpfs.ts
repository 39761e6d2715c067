import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Actor } from './actor.ts'
import { actor } from './actor.ts'

/**
 * An actor in a mount namespace of its own, where `directory` is a tmpfs mounted with `options`
 * (`size=1m,nr_inodes=20`). Only root can make one.
 *
 * `before`: shell commands to run first.
 */
export async function actorOnTmpfs(
  options: string,
  before = ':',
): Promise<{ on: Actor; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'framering-small-'))
  onTestFinished(() => {
    rmSync(directory, { recursive: true })
  })
  const mount = `mount -t tmpfs -o ${options} none "$SMALL_TMPFS"; exec "$@"`
  const on = await actor({
    under: `${before}; exec unshare -m sh -ec '${mount}' sh "$@"`,
    // Not in the script: the path may have spaces.
    env: { SMALL_TMPFS: directory },
  })
  return { on, directory }
}
