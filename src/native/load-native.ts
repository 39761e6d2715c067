import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FrameringError } from '../errors/framering-error.ts'
import type { ConvertBinding } from './convert-binding.ts'
import type { HangUpBinding } from './hang-up-binding.ts'
import type { InspectionBinding } from './inspection-binding.ts'
import type { RingBinding } from './ring-binding.ts'
import type { SegmentBinding } from './segment-binding.ts'
import type { SemaphoreBinding } from './semaphore-binding.ts'
import type { V4l2Binding } from './v4l2-binding.ts'

/** All that the addon exports. */
export type NativeAddon = RingBinding &
  InspectionBinding &
  HangUpBinding &
  SegmentBinding &
  SemaphoreBinding &
  ConvertBinding &
  V4l2Binding

// The package's root: this file is src/native/load-native.ts or dist/transport/load-native.js.
const root = new URL('../../', import.meta.url)

let addon: NativeAddon | undefined
let loadedFrom: string | undefined

/**
 * The native addon, loaded when it is first asked for: a program that only imports framering also
 * starts where framering does not run.
 *
 * Looks for a local build first (native/build), then for the binary that came with the package
 * (prebuilds/linux-x64, prebuilds/linux-arm64).
 *
 * @throws FrameringError UNSUPPORTED: nothing could be loaded; the message says what to type
 */
export function loadNative(): NativeAddon {
  return (addon ??= load())
}

/** The file that the addon was loaded from; undefined as long as it is not. */
export function nativePath(): string | undefined {
  return loadedFrom
}

function load(): NativeAddon {
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new FrameringError(
      'UNSUPPORTED',
      `framering needs Linux on x64 or arm64; this is ${platform} on ${arch}. ` +
        'Importing it works here, using it does not: run this part in a Linux container or machine.',
    )
  }
  const candidates = ['native/build/framering.node', `prebuilds/linux-${arch}/framering.node`]
    .map((path) => fileURLToPath(new URL(path, root)))
    .filter((path) => existsSync(path))
  const require = createRequire(import.meta.url)
  let cause: unknown
  for (const path of candidates) {
    try {
      const loaded = require(path) as NativeAddon
      loadedFrom = path
      return loaded
    } catch (error) {
      cause ??= error
    }
  }
  throw new FrameringError('UNSUPPORTED', whatToDo(cause), { cause })
}

function whatToDo(cause: unknown): string {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  if (report.header?.glibcVersionRuntime === undefined) {
    return (
      'framering needs glibc, and this Node runs on another C library (musl, as on Alpine). ' +
      'Use a Debian based image such as node:22-slim.'
    )
  }
  if (cause === undefined) {
    return `The native part of framering is not built yet. Type: ${buildCommand()}`
  }
  const reason = cause instanceof Error ? cause.message : 'no reason given'
  return (
    `The native part of framering does not load here (${reason}). ` +
    `Build it anew: ${buildCommand()} --force`
  )
}

/** What builds the native part, from the current folder. */
export function buildCommand(): string {
  const script = fileURLToPath(new URL('native/build.mjs', root))
  const short = relative(process.cwd(), script)
  const path = short.startsWith('..') ? script : short
  return `node ${/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`}`
}
