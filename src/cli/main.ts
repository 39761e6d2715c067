#!/usr/bin/env node
import { FrameringError } from '../errors/framering-error.ts'
import { UsageError } from './usage.ts'
import { view } from './view.ts'

/** A subcommand: gets what stands after its name, resolves with the exit code. */
type Command = (args: readonly string[]) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = { view }

const HELP = `framering: frames in shared memory, from one process to many

  framering view [ring…]   watch rings in a browser or a terminal

  framering COMMAND --help says more.
`

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    throw new UsageError(
      `there is no command '${name}'; there is ${Object.keys(COMMANDS).join(', ')}`,
    )
  }
  return command(args)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(error.message)
    process.exitCode = 2
  } else {
    console.error(error instanceof FrameringError ? `${error.code}: ${error.message}` : error)
    process.exitCode = 1
  }
}
