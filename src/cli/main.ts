#!/usr/bin/env node
import { complaintOf } from './complaint.ts'
import { ExitCode } from './exit-code.ts'
import { ProcessIo } from './process-io.ts'
import { helpfulCommand, run } from './program.ts'

const argv = process.argv.slice(2)
const io = new ProcessIo()

process.on('uncaughtException', (error) => {
  complain(error)
  process.exit()
})
try {
  await run(io, argv)
  await io.written
  process.exitCode = io.exitCode
  if (io.failure !== undefined) complain(io.failure)
} catch (error) {
  // Work that its signal ended has not failed.
  if (!io.signal.aborted) complain(error)
  else if (io.failure !== undefined) complain(io.failure)
  else process.exitCode = ExitCode.done
}
// What is still to be written to an output that nobody reads would keep the process.
if (io.signal.aborted) process.exit()

function complain(error: unknown): void {
  const end = argv.indexOf('--')
  const json = argv.slice(0, end === -1 ? undefined : end).includes('--json')
  const complaint = complaintOf(error, helpfulCommand(argv), json)
  process.stderr.write(`${complaint.line}\n`)
  process.exitCode = complaint.exitCode
}
