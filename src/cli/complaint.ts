import { debuglog } from 'node:util'
import { CommanderError } from 'commander'
import { FrameringError } from '../errors/framering-error.ts'
import { type ExitCode, exitCodeOf } from './exit-code.ts'
import { misused } from './flags.ts'
import { printable, printableJson } from './printable.ts'

const debug = debuglog('framering')

/** What is said of a failure, and what the process ends with. */
export interface Complaint {
  /** one line for stderr */
  readonly line: string
  readonly exitCode: ExitCode
}

/**
 * A failure in one line without a stack trace, which `NODE_DEBUG=framering` shows.
 *
 * `help` is the command whose `--help` a misused command line is sent to.
 */
export function complaintOf(error: unknown, help: string, json: boolean): Complaint {
  debug('%O', error)
  const { code, message } = named(error, help)
  return {
    line: json
      ? printableJson({ error: { code, message } })
      : `${code}: ${printable(message.replace(/\s*\n\s*/g, ' '))}`,
    exitCode: exitCodeOf(code),
  }
}

function named(error: unknown, help: string): FrameringError {
  if (error instanceof FrameringError) return error
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replace(/\n\(Did (.*)\)$/, '; did $1')
    return misused(`${message}; ${help} --help lists what there is`)
  }
  const message = error instanceof Error ? error.message : String(error)
  const system = typeof (error as NodeJS.ErrnoException | null)?.errno === 'number'
  return new FrameringError(
    'SYSTEM',
    system
      ? message
      : `${message}; this is a fault of framering: please report it with what NODE_DEBUG=framering prints`,
    { cause: error },
  )
}
