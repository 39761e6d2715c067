import { Command, Help } from 'commander'
import { Inspector, type RingReport } from '../../inspect/index.ts'
import { now } from '../../ring/index.ts'
import { allWell } from '../explain/all-well.ts'
import { explain } from '../explain/explain.ts'
import type { Finding } from '../explain/finding.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'

/** `framering explain`: what is wrong with a ring, in words. */
export function command(io: Io): Command {
  const explaining = new Command('explain')
    .description(
      'What is wrong with a ring, who is to blame and what to do about it, from the figures that ' +
        'writer and readers leave there. Of what a dead writer left too.',
    )
    .argument('<ring>')
  withJson(explaining, 'one line of JSON with the findings')
  return withDirectory(explaining)
    .addHelpText(
      'after',
      examples(
        ['framering explain front', 'why are frames missing or late?'],
        ["framering explain front --json | jq -r '.findings[].code'", 'for a program'],
      ),
    )
    .action(async (ring: string, { json, directory }: CommonFlags) => {
      using inspector = new Inspector(ring, { directory })
      const report = inspector.look()
      const findings = explain({ report, moments: inspector.moments(), time: now() })
      if (json) await io.json({ ring, state: report.state, findings })
      else for (const line of lines(io, report, findings)) await io.line(line)
    })
}

/** A sentence at the width of the terminal, its other lines below its first words; in a pipe as it is. */
function wrapped(io: Io, indent: string, text: string): string {
  if (!io.isTTY) return indent + text
  const below = `${indent}  `
  const width = io.columns - below.length
  return indent + new Help().boxWrap(text, width).replaceAll('\n', `\n${below}`)
}

const COLOURS = { fail: 'red', warn: 'yellow', info: 'cyan' } as const

function lines(io: Io, report: RingReport, findings: readonly Finding[]): readonly string[] {
  const told = findings.flatMap(({ severity, text, remedy }) => [
    wrapped(io, '', `${io.style(COLOURS[severity], severity)}: ${text}`),
    ...(remedy === null ? [] : [wrapped(io, '      ', `→ ${remedy}`)]),
  ])
  return findings.some(({ severity }) => severity !== 'info') ? told : [allWell(report), ...told]
}
