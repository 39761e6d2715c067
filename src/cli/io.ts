import type { WriteStream } from 'node:tty'
import type { styleText } from 'node:util'
import type { FrameringError } from '../errors/framering-error.ts'
import type { ExitCode } from './exit-code.ts'

/** Formats of `util.styleText`, such as `'red'` or `['bold', 'underline']`. */
export type Format = Parameters<typeof styleText>[0]

/**
 * What a command needs of the outside.
 *
 * ```ts
 * for (const ring of rings) {
 *   await io.line(`${io.style('bold', printable(ring.name))}  ${ring.bytes}`)
 *   if (io.signal.aborted) return
 * }
 * ```
 *
 * The promises resolve when the text is out, so that whoever awaits them goes at the pace of a slow
 * pipe, and at once when the signal aborts: nothing waits for an output that nobody reads.
 */
export interface Io {
  /** A line of text to stdout. What came from a ring goes through `printable` first. */
  line(text: string): Promise<void>
  /** One line of JSON to stdout, printable as it is. */
  json(value: object): Promise<void>
  /**
   * The line of JSON that sums up what was streamed: told after Ctrl-C too, if the output takes it at
   * once. Ignored where nobody reads.
   */
  summary(value: object): Promise<void>
  /** Bytes as they are to stdout. They are read until the promise resolves. */
  bytes(chunk: Uint8Array): Promise<void>
  /** A line to stderr; made printable here. For what is not the answer: hints and progress. */
  note(text: string): void
  /**
   * Says on stderr that something failed, and has the process end with the exit code of that. The command
   * may go on: with the next ring, say. One that cannot throws the error instead.
   */
  fail(error: FrameringError): void
  /** The text in colour where the output is a terminal that has any, otherwise as it is. */
  style(format: Format, text: string): string
  /** width of the terminal, 80 where there is none or it does not know */
  readonly columns: number
  /** whether stdout is a terminal */
  readonly isTTY: boolean
  /** the streams themselves, for programs that take the whole terminal */
  readonly terminal: { readonly input: NodeJS.ReadStream; readonly output: WriteStream }
  /**
   * Aborts at Ctrl-C, SIGTERM, SIGHUP and a closed stdout. A command resolves at once then; one that has
   * not by the next signal, half a second later or more, is ended by `process.exit`.
   */
  readonly signal: AbortSignal
  /** what the process ends with when the command resolves: `ExitCode.done` unless set, or by `fail` */
  exitCode: ExitCode
}
