/**
 * Rings in a browser or a terminal.
 *
 * @packageDocumentation
 */
export { openViewer } from './viewer.ts'
export type { Viewer, ViewerOptions } from './viewer.ts'
export { watchInTerminal } from './tty/watch-in-terminal.ts'
export type { TerminalOptions } from './tty/watch-in-terminal.ts'
