import { Command } from 'commander'
import { cleanStale, type StaleFile } from '../../ring/index.ts'
import { ExitCode } from '../exit-code.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'
import { printable } from '../../inspect/printable.ts'
import { table } from '../table.ts'
import { bytesText } from '../units.ts'

interface Flags extends CommonFlags {
  readonly yes?: true
}

/** `framering clean`: what dead writers left, listed, and with `--yes` removed. */
export function command(io: Io): Command {
  const clean = new Command('clean')
    .description(
      'List what dead writers left behind, and with --yes remove it. Never needed before a writer ' +
        'starts, which clears up under its own name: this is for names that nobody uses again.',
    )
    .option('-y, --yes', 'remove it')
  withJson(clean, 'the report as one line of JSON')
  return withDirectory(clean)
    .addHelpText(
      'after',
      examples(
        ['framering clean', 'only look'],
        ['framering clean --yes', 'remove what was listed'],
        ['framering clean --json | jq .bytes', 'how much memory that is'],
      ),
    )
    .action((flags: Flags) => sweep(io, flags))
}

async function sweep(io: Io, flags: Flags): Promise<void> {
  const { directory, json } = flags
  const yes = flags.yes === true
  const { removed, kept } = cleanStale({ directory, dryRun: !yes })
  // The others are at work.
  const refused = kept.filter(({ code }) => code !== 'NAME_IN_USE')
  const bytes = total(removed)
  if (yes && refused.length > 0) io.exitCode = ExitCode.failed
  if (json) {
    await io.json({ dryRun: !yes, bytes, removed, kept })
    return
  }
  const rows = removed.map((file) => [file.ring, bytesText(file.bytes), file.path].map(printable))
  const columns = [{ head: 'RING' }, { head: 'MEMORY', right: true }, { head: 'FILE' }] as const
  if (rows.length > 0) for (const line of table(columns, rows)) await io.line(line)
  for (const { code, reason, path } of refused) io.note(`${code}: ${path} stays: ${reason}`)
  const again = `framering clean --yes${directory === undefined ? '' : ` --directory ${printable(directory)}`}`
  await io.line(verdict(removed.length, bytes, yes ? undefined : again))
}

/** `again`: what to type to have it done; undefined when it was. */
function verdict(files: number, bytes: number, again: string | undefined): string {
  if (files === 0) return 'Nothing is left of dead writers.'
  const what = `${files === 1 ? '1 file' : `${files} files`} of dead writers, ${bytesText(bytes)}`
  return again === undefined ? `${what}: removed.` : `${what}. Remove them: ${again}`
}

function total(files: readonly StaleFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
