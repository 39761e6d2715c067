import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { release, userInfo } from 'node:os'
import { FrameringError } from '../../errors/framering-error.ts'
import { buildCommand, loadNative, nativePath } from '../../native/index.ts'
import { packageVersion } from '../package-version.ts'
import type { FileFacts, FileSystem, NativePart, System } from './system.ts'

/** ms a program has to say its version */
const PATIENCE = 5000

/** The machine that this runs on. */
export function thisSystem(): System {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return {
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
    node: process.versions.node,
    framering: packageVersion(),
    glibc: header.glibcVersionRuntime,
    uid: process.geteuid?.() ?? 0,
    user: userName(),
    environment: process.env,
    packageFolders: createRequire(import.meta.url).resolve.paths('rxjs') ?? [],
    read: (path) => attempt(() => readFileSync(path, 'utf8')),
    list: (path) => attempt(() => readdirSync(path)) ?? [],
    facts: (path) => attempt(() => factsOf(path)),
    fileSystem: (path) => attempt(() => fileSystemOf(path)),
    ask,
    native,
    tryRing,
  }
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** A user without a name, as containers are often given, is known by number. */
function userName(): string {
  return attempt(() => userInfo().username) ?? String(process.geteuid?.() ?? 0)
}

function factsOf(path: string): FileFacts {
  const { mode, uid, gid } = statSync(path)
  const may = (what: number): boolean =>
    attempt(() => {
      accessSync(path, what)
      return true
    }) ?? false
  return {
    mode: mode & 0o7777,
    uid,
    gid,
    readable: may(constants.R_OK),
    writable: may(constants.W_OK),
  }
}

function fileSystemOf(path: string): FileSystem {
  const { type, bsize, blocks, bavail, files, ffree } = statfsSync(path)
  return { type, bytes: blocks * bsize, freeBytes: bavail * bsize, files, freeFiles: ffree }
}

function ask(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: PATIENCE })
  return status === 0 ? stdout.split('\n')[0] : undefined
}

function native(): NativePart {
  try {
    loadNative()
    return { loaded: true, path: nativePath() ?? '' }
  } catch (error) {
    const { message, cause } = error as FrameringError
    // What does not load is built anew. Where nothing could be built the message says what else to do.
    const build = message.includes(buildCommand()) ? buildCommand() : null
    return {
      loaded: false,
      message,
      command: cause === undefined ? build : `${buildCommand()} --force`,
    }
  }
}

async function tryRing(directory: string): Promise<{ code: string; message: string } | undefined> {
  try {
    const { createWriter } = await import('../../ring/index.ts')
    const name = `framering-doctor-${process.pid}`
    createWriter(name, { dtype: 'uint8', shape: [1], slots: 2, maxReaders: 1, directory }).close()
    return undefined
  } catch (error) {
    const code = error instanceof FrameringError ? error.code : 'SYSTEM'
    return { code, message: (error as Error).message }
  }
}
