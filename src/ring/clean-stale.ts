import { asFrameringError } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import { checkOptions, flagOption, refuse } from '../options/index.ts'
import { checkName, directoryOption } from './names.ts'

/** A file, or a directory of doorbells, that belongs to a ring. */
export interface StaleFile {
  readonly ring: string
  readonly path: string
  /** memory it takes */
  readonly bytes: number
}

/** What a sweep did, or would do. */
export interface StaleReport {
  /** what dead writers left: removed, or with `dryRun` to be removed */
  readonly removed: readonly StaleFile[]
  /** what stays, and why: `NAME_IN_USE` (its writer lives, or another sweep is at it), `PERMISSION` */
  readonly kept: readonly (StaleFile & { readonly code: string; readonly reason: string })[]
}

const OPTIONS = ['directory', 'ring', 'dryRun']

/**
 * Removes what dead writers left behind, and nothing else.
 *
 * ```ts
 * const { removed, kept } = cleanStale({ dryRun: true })   // only looks
 * cleanStale()
 * cleanStale({ ring: 'front' })   // of this one alone
 * ```
 *
 * Never needed before `createWriter`, which clears up under its own name: this is for names that
 * nobody uses again. A ring is stale when the kernel says that no process holds its name's lock; age
 * and process ids play no part. Safe beside live writers and readers and beside other sweeps. Readers
 * still attached to a dead writer's ring keep the frames they have.
 *
 * Throws `OPTION_INVALID`, also when the directory cannot be read. A ring that is not there is no error:
 * nothing is removed and nothing kept.
 */
export function cleanStale(options?: {
  /** `/dev/shm` unless said */
  readonly directory?: string | undefined
  /** of this ring alone; of all that are there unless said */
  readonly ring?: string | undefined
  /** changes nothing; false unless said */
  readonly dryRun?: boolean | undefined
}): StaleReport {
  const o = options === undefined ? {} : options
  checkOptions('cleanStale', o, OPTIONS)
  const directory = directoryOption(o.directory)
  const dryRun = flagOption('dryRun', o.dryRun)
  const ring = o.ring === undefined ? '' : checkName(o.ring)
  if (o.ring === '') refuse('ring', '', "a ring's name, or leave it out for all")
  const removed: StaleFile[] = []
  const kept: StaleReport['kept'][number][] = []
  try {
    for (const found of transport().clean(directory, ring, dryRun)) {
      const file = { ring: found.ring, path: `${directory}/${found.file}`, bytes: found.bytes }
      if (found.kept === '') removed.push(file)
      else kept.push({ ...file, code: found.kept, reason: found.reason })
    }
  } catch (error) {
    throw asFrameringError(error)
  }
  return { removed, kept }
}
