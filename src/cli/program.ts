import { Command, CommanderError } from 'commander'
import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { nearest } from '../options/index.ts'
import { ExitCode } from './exit-code.ts'
import { examples, misused } from './flags.ts'
import type { Io } from './io.ts'
import { packageVersion } from './package-version.ts'
import { COMMANDS, type Entry } from './registry.ts'

const GIVING_WAY = 10

/** Runs a command line, without the program's own name. Rejects with what went wrong. */
export async function run(io: Io, argv: readonly string[]): Promise<void> {
  const [name] = argv
  const entry = entryOf(name === 'help' ? argv[1] : name)
  if (entry?.onlooker) giveWay()
  const program = programOf(io)
  for (const known of COMMANDS) {
    await addCommand(program, known, known === entry ? io : undefined)
  }
  if (name === undefined) {
    io.exitCode = ExitCode.usage
    program.outputHelp()
    return
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    // --help and --version have been answered then.
    if (error instanceof CommanderError && error.exitCode === 0) return
    throw error
  }
}

/**
 * Whoever reads or writes frames goes first; to ask for less than one has is always allowed. On Linux each
 * thread has a priority of its own: those of V8, which collect garbage, exist by now.
 */
function giveWay(): void {
  try {
    for (const thread of readdirSync('/proc/self/task').map(Number)) {
      if (getPriority(thread) < GIVING_WAY) setPriority(thread, GIVING_WAY)
    }
  } catch {
    // No /proc, a sandbox that refuses, a thread that has just ended: a courtesy is no reason to fail.
  }
}

function entryOf(name: string | undefined): Entry | undefined {
  if (name === undefined || name.startsWith('-')) return undefined
  const found = COMMANDS.find((entry) => entry.name === name)
  if (found !== undefined) return found
  const names = COMMANDS.filter((entry) => !entry.hidden).map((entry) => entry.name)
  const near = nearest(name, names)
  throw misused(
    `there is no command '${name}'; ` +
      (near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there is ${names.join(', ')}`),
  )
}

/** @internal The program without its commands. */
export function programOf(io: Io): Command {
  return new Command('framering')
    .description(
      'Frames in shared memory, from one process to many: what is there, and how it does.',
    )
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.line(text.replace(/\n$/, '')),
      // Said by main, in one line.
      writeErr: () => undefined,
      getOutHelpWidth: () => io.columns,
      // Our styles know what the environment wants of them.
      getOutHasColors: () => true,
    })
    .configureHelp({
      styleTitle: (text) => io.style('bold', text),
      showGlobalOptions: false,
    })
    .addHelpText(
      'after',
      examples(
        ['framering view', 'watch all rings in a browser'],
        ['framering view --help', 'what a command can do'],
      ),
    )
}

/** @internal Adds a command: in full where there is `io` for it, otherwise what the list of all needs. */
export async function addCommand(program: Command, entry: Entry, io?: Io): Promise<void> {
  const command = io === undefined ? new Command(entry.name) : (await entry.load()).command(io)
  command.copyInheritedSettings(program).summary(entry.summary)
  if (io === undefined) command.helpOption(false)
  program.addCommand(command, { hidden: entry.hidden ?? false })
}
