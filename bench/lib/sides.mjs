// A row in JavaScript is one script: started by hand it is the row, started with --role one of its
// processes.
import { fileURLToPath } from 'node:url'
import { toArgs } from './flags.mjs'
import { Part, patience } from './part.mjs'
import { runRow } from './row.mjs'

/**
 * Runs the row, or the side of it that --role names.
 *
 * @param {import('./flags.mjs').Flags & { role: string }} flags
 * @param {{ row: () => Promise<object> } & Record<string, () => unknown>} sides
 */
export async function runSides(flags, { row, ...sides }) {
  if (flags.role === '') await runRow(row)
  else await sides[flags.role]()
}

/**
 * Starts one side of this row as a process.
 *
 * @param {string} url of the row's script
 * @param {import('./flags.mjs').Flags} flags
 * @param {string} role
 * @param {{ cpu?: number, more?: Record<string, unknown>, node?: string[] }} options cpu: where it is
 *   bound to with --pin
 */
export function startSide(url, flags, role, { cpu, more = {}, node = [] } = {}) {
  const args = toArgs({ ...flags, ...more, role })
  const command = [process.execPath, '--expose-gc', ...node, fileURLToPath(url), ...args]
  return new Part(role, command, {
    cpu: flags.pin ? cpu : undefined,
    seconds: patience(flags.seconds),
  })
}

/** A side's line. */
export const tell = (object) => console.log(JSON.stringify(object))

/** A side's last line. The process ends once it is out, whatever else is going on: a pipe holds 64 KiB. */
export const tellLast = (object) =>
  process.stdout.write(`${JSON.stringify(object)}\n`, () => process.exit(0))
