#!/usr/bin/env node
import { ExitCode } from './exit-code.ts'
import { ProcessIo } from './process-io.ts'
import { run } from './program.ts'

const argv = process.argv.slice(2)
const io = new ProcessIo(argv)

process.on('uncaughtException', (error) => {
  io.fail(error)
  process.exit(io.exitCode)
})
try {
  await run(io, argv)
  await io.written
} catch (error) {
  // Work that its signal ended has not failed.
  if (io.signal.aborted) io.exitCode = ExitCode.done
  else io.fail(error)
}
if (io.failure !== undefined) io.fail(io.failure)
process.exitCode = io.exitCode
// Node fails an assertion of its own as it puts back the settings of a terminal that is gone; everything
// of ours is closed by now, and so a hang-up ends this process as it would end any other.
if (io.hungUp) io.dieOfHangUp()
// What is still to be written to an output that nobody reads would keep the process.
if (io.signal.aborted) process.exit()
