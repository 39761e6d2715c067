import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeAll, onTestFinished } from 'vitest'
import { linePeer, type LinePeer } from '../support/line-peer.ts'

/** The command that is installed: the compiled one. */
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const SETUP = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url))

/** Once a test file: has the command compiled if it is not. */
export function built(): void {
  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, [SETUP], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }, 180_000)
}

/** What a command printed, and how it ended. */
export interface Run {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `framering` with these arguments to its end. */
export function framering(...args: string[]): Promise<Run> {
  return run([process.execPath, CLI, ...args])
}

/** `framering`, heard line by line while it runs. */
export function watching(...args: string[]): LinePeer {
  return linePeer(process.execPath, CLI, ...args)
}

/** Runs any command to its end, which is that of the test at the latest. */
export async function run(
  [command, ...args]: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Run> {
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  onTestFinished(() => kill(child))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  return { code: child.exitCode ?? child.signalCode, stdout, stderr }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
