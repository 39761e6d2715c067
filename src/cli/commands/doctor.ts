import { Command } from 'commander'
import { directoryOption } from '../../ring/names.ts'
import { examine } from '../doctor/checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { thisSystem } from '../doctor/this-system.ts'
import { ExitCode } from '../exit-code.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import type { Format, Io } from '../io.ts'
import { printable } from '../../inspect/printable.ts'

const COLORS: Readonly<Record<Finding['status'], Format>> = {
  ok: 'green',
  warn: 'yellow',
  fail: ['bold', 'red'],
}

/** `framering doctor`: whether framering can work here, and what mends what is in its way. */
export function command(io: Io): Command {
  const doctor = new Command('doctor').description(
    'Look at what framering needs of this machine: shared memory and its limits, kernel, container, ' +
      'permissions, cameras, versions. Says what to type where something is amiss. Ends with 1 when ' +
      'something fails.',
  )
  withJson(doctor, 'all findings as one line of JSON')
  return withDirectory(doctor)
    .addHelpText(
      'after',
      examples(
        ['framering doctor', 'here, for this user'],
        ['docker run --rm IMAGE npx framering doctor', 'in a container'],
        ['framering doctor --json | jq \'.findings[] | select(.status != "ok")\'', 'what is amiss'],
      ),
    )
    .action((flags: CommonFlags) => report(io, flags))
}

async function report(io: Io, { directory, json }: CommonFlags): Promise<void> {
  const findings = await examine(thisSystem(), directoryOption(directory))
  const failed = findings.some(({ status }) => status === 'fail')
  if (failed) io.exitCode = ExitCode.failed
  if (json) {
    await io.json({ ok: !failed, findings })
    return
  }
  const width = Math.max(...findings.map(({ check }) => check.length))
  for (const { check, status, summary, fix } of findings) {
    const head = `${io.style(COLORS[status], status.padEnd(4))}  ${check.padEnd(width)}`
    await io.line(`${head}  ${printable(summary)}`)
    for (const line of fix) await io.line(`${' '.repeat(width + 8)}→ ${printable(line)}`)
  }
}
