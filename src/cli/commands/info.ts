import { Command } from 'commander'
import { inspect } from '../../inspect/index.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import { infoLines } from '../info-lines.ts'
import type { Io } from '../io.ts'
import { ringJson } from '../ring-json.ts'

/** `framering info`: all that is known of a ring. */
export function command(io: Io): Command {
  const info = new Command('info')
    .description(
      'All that can be seen of a ring without joining it: format, slots and who holds them, readers ' +
        'with what each got and lost, memory, permissions. What a dead writer left can be looked at too.',
    )
    .argument('<ring>')
  withJson(info, 'one line of JSON')
  return withDirectory(info)
    .addHelpText(
      'after',
      examples(
        ['framering info front', 'all about it'],
        ["framering info front --json | jq '.readers[].lost'", 'what readers lost, by cause'],
      ),
    )
    .action(async (ring: string, { json, directory }: CommonFlags) => {
      const report = inspect(ring, { directory })
      if (json) await io.json(ringJson(report))
      else for (const line of infoLines(report, io)) await io.line(line)
    })
}
