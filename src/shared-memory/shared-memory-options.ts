import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, flagOption, refuse, wholeOption } from '../options/index.ts'
import { type Intent, intentOf } from './flags.ts'

/** What `new SharedMemory({ … })` takes. */
export interface SharedMemoryOptions {
  /** 1 to 255 bytes without `/`; left out: a fresh one, `psm_` and 8 digits. It is `shm.name` then. */
  readonly name?: string | undefined
  /** false (the default): attach; true: create, never attach; or whichever it takes */
  readonly create?: boolean | 'attach-or-create' | undefined
  /** bytes of new memory; `'attach-or-create'`: also the least that is accepted; ignored to attach */
  readonly size?: number | undefined
  /** permission bits of new memory, exactly (the umask takes none away), of 0o664; 0o600 */
  readonly mode?: number | undefined
  /** attach without being able to change it, also where this user may not write; false */
  readonly readOnly?: boolean | undefined
}

/** What `new SharedMemory(name, flags, { … })` takes. */
export interface SharedMemoryFlagOptions {
  /** bytes of new memory; the least that is accepted of memory that is there; 0: any */
  readonly size?: number | undefined
  readonly mode?: number | undefined
  readonly readOnly?: boolean | undefined
}

/** What is asked for, checked. */
export interface Request {
  readonly intent: Intent
  readonly name: string | undefined
  /** of new memory; undefined: none may be made */
  readonly size: number | undefined
  /** bytes that memory must have which is there already */
  readonly atLeast: number
  readonly mode: number
  readonly readOnly: boolean
}

const OPTIONS = ['name', 'create', 'size', 'mode', 'readOnly']
const FLAG_OPTIONS = ['size', 'mode', 'readOnly']

/** Throws `OPTION_INVALID`. */
export function requestOf(options: SharedMemoryOptions): Request {
  checkOptions('new SharedMemory()', options, OPTIONS)
  const { name, create = false } = options
  const intent = createIntent(create)
  const size = sizeOption(options.size)
  // CPython's: a process that attaches takes what is there.
  const atLeast = intent === 'attach' ? 0 : (size ?? 0)
  return checked({ intent, name, size, atLeast, ...access(options) })
}

/** Throws `OPTION_INVALID`. */
export function flagRequestOf(
  name: string | undefined,
  flags: number,
  options: SharedMemoryFlagOptions,
): Request {
  checkOptions('new SharedMemory()', options, FLAG_OPTIONS)
  const size = sizeOption(options.size)
  const atLeast = size ?? 0
  return checked({ intent: intentOf(flags), name, size, atLeast, ...access(options) })
}

function createIntent(create: unknown): Intent {
  if (create === false) return 'attach'
  if (create === true) return 'create'
  if (create === 'attach-or-create') return create
  return refuse('create', create, "true, false or 'attach-or-create'")
}

function sizeOption(size: number | undefined): number | undefined {
  return wholeOption('size', size, 0, 0, Number.MAX_SAFE_INTEGER) || undefined
}

function access({ mode, readOnly }: SharedMemoryFlagOptions): { mode: number; readOnly: boolean } {
  return {
    mode: wholeOption('mode', mode, 0o600, 0, 0o777),
    readOnly: flagOption('readOnly', readOnly),
  }
}

function checked(request: Request): Request {
  const { intent, name, size, readOnly } = request
  if (intent === 'attach') {
    if (name !== undefined) return request
    throw invalid('name is missing; give that of the memory to attach to, or create: true')
  }
  if (readOnly) {
    throw invalid('readOnly is for memory that somebody else writes; attach to it, without create')
  }
  if (size === undefined && (intent === 'create' || name === undefined)) {
    throw invalid('size is missing or 0; give the bytes of the new memory, 1 or more')
  }
  return request
}

function invalid(message: string): FrameringError {
  return new FrameringError('OPTION_INVALID', message)
}
