import { readFileSync } from 'node:fs'
import { printable } from './printable.ts'

/** ms that a command line is remembered for: it is looked at again and again, and hardly ever changes. */
const REMEMBERED = 5000

/** Processes remembered at the most. */
const PROCESSES = 256

const commands = new Map<number, { readonly command: string; readonly until: number }>()

/** Bytes of a command line that are looked at: some carry whole programs. */
const LONGEST = 4096

/**
 * What a process was started as, its arguments with a space between: `node viewer.js`. `fallback` where
 * it is gone or not ours to see. Safe to print: what a terminal would obey is replaced.
 *
 * Only to be shown: the id stands in shared memory, and may be of another PID namespace.
 */
export function processCommand(pid: number, fallback: string): string {
  if (pid === 0) return printable(fallback)
  const time = performance.now()
  let found = commands.get(pid)
  if (found === undefined || found.until < time) {
    if (commands.size >= PROCESSES) commands.clear()
    found = { command: commandLine(pid), until: time + REMEMBERED }
    commands.set(pid, found)
  }
  return found.command === '' ? printable(fallback) : found.command
}

function commandLine(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`).subarray(0, LONGEST).toString('utf8')
    return printable(text.split('\0').filter(Boolean).join(' '))
  } catch {
    // No such process here, or no /proc.
    return ''
  }
}
