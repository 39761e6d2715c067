import { debuglog } from 'node:util'
import { CommanderError } from 'commander'
import { FrameringError } from '../errors/framering-error.ts'
import { type ExitCode, exitCodeOf } from './exit-code.ts'
import { misused } from './flags.ts'
import { COMMANDS } from './registry.ts'
import { printable, printableJson } from '../inspect/printable.ts'

const debug = debuglog('framering')

/** What is said of a failure, and what the process ends with. */
export interface Complaint {
  /** one line for stderr */
  readonly line: string
  readonly exitCode: ExitCode
}

/** A failure of a command line in one line, without a stack trace: `NODE_DEBUG=framering` shows that. */
export function complaintOf(error: unknown, argv: readonly string[]): Complaint {
  debug('%O', error)
  const { code, message } = named(error, argv)
  return {
    line: asksForJson(argv)
      ? printableJson({ error: { code, message } })
      : `${code}: ${printable(message.replace(/\s*\n\s*/g, ' '))}`,
    exitCode: exitCodeOf(code),
  }
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end).includes('--json')
}

/** What may be typed to have a command line explained: `framering view`. */
function helpful([name]: readonly string[]): string {
  return COMMANDS.some((entry) => entry.name === name) ? `framering ${name ?? ''}` : 'framering'
}

function named(error: unknown, argv: readonly string[]): FrameringError {
  if (error instanceof FrameringError) return error
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replace(/\n\(Did (.*)\)$/, '; did $1')
    return misused(`${message}; ${helpful(argv)} --help lists what there is`)
  }
  const message = error instanceof Error ? error.message : String(error)
  const [, missing] = /^Cannot find package '([^']+)'/.exec(message) ?? []
  if (missing !== undefined) {
    const add = `the package ${missing} is missing; add it with: npm install ${missing}`
    return new FrameringError('PEER_MISSING', add, { cause: error })
  }
  const system = typeof (error as NodeJS.ErrnoException | null)?.errno === 'number'
  return new FrameringError(
    'SYSTEM',
    system
      ? message
      : `${message}; this is a fault of framering: please report it with what NODE_DEBUG=framering prints`,
    { cause: error },
  )
}
