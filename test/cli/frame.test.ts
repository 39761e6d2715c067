import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { complaintOf } from '../../src/cli/complaint.ts'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import { printable, printableJson } from '../../src/inspect/printable.ts'
import { COMMANDS } from '../../src/cli/registry.ts'
import { linePeer } from '../support/line-peer.ts'
import { hasPython } from '../support/tools.ts'
import { built, CLI, framering, run, watching } from './framering.ts'
import { inTerminal } from './terminal.ts'

built()

const shown = COMMANDS.filter((entry) => !entry.hidden).map(({ name }) => name)

test('without a command it lists them, and ends with 2', async () => {
  const { code, stdout, stderr } = await framering()
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  for (const { name, summary } of COMMANDS.filter((entry) => !entry.hidden)) {
    expect(stdout).toMatch(new RegExp(`^ +${name} `, 'm'))
    expect(stdout.replace(/\s+/g, ' ')).toContain(summary)
  }
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  expect(await framering('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each(shown)('`%s --help` explains it, with examples', async (name) => {
  const { code, stdout, stderr } = await framering(name, '--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: framering ${name}`)
  expect(stdout).toContain(`Examples:\n  $ framering ${name}`)
  expect((await framering('help', name)).stdout).toBe(stdout)
})

test.each([
  [['veiw'], "OPTION_INVALID: there is no command 'veiw'; did you mean 'view'?\n"],
  [['help', 'veiw'], "OPTION_INVALID: there is no command 'veiw'; did you mean 'view'?\n"],
  [
    ['view', '--prot', '1'],
    "OPTION_INVALID: unknown option '--prot'; did you mean --port?; framering view --help lists what there is\n",
  ],
  [
    ['view', '--port', '1\u001b[2J'],
    "OPTION_INVALID: --port takes a whole number from 0 to 65535, got '1\\x1b[2J'\n",
  ],
])('a command line that makes no sense is answered in one line: %j', async (args, stderr) => {
  expect(await framering(...args)).toEqual({ code: 2, stdout: '', stderr })
})

test('with --json a failure is a line of JSON', async () => {
  const { code, stdout, stderr } = await framering('view', '--port', '-1', '--json')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'OPTION_INVALID',
      message: "--port takes a whole number from 0 to 65535, got '-1'",
    },
  })
})

test('what is missing, what failed and what took too long end with codes of their own', () => {
  expect(exitCodeOf('OPTION_INVALID')).toBe(2)
  expect(exitCodeOf('NOT_FOUND')).toBe(3)
  expect(exitCodeOf('WRITER_DIED')).toBe(3)
  expect(exitCodeOf('TIMED_OUT')).toBe(4)
  expect(exitCodeOf('PERMISSION')).toBe(1)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends a command with 0', async (signal) => {
  const command = watching('view', '--port', '0', '--json')
  await command.line()
  command.process.kill(signal)
  expect(await command.ended()).toBe(0)
  expect(command.stderr).toBe('')
})

test('a second signal ends what does not heed the first, by way of its exit, and not at once', async () => {
  const io = JSON.stringify(new URL('../../dist/cli/process-io.js', import.meta.url).href)
  // Two turns later the signal has been heard.
  const stubborn = linePeer(
    ...[process.execPath, '--input-type=module', '--eval'],
    `import { createInterface } from 'node:readline'
    const { ProcessIo } = await import(${io})
    let clock = 0
    performance.now = () => clock
    const { signal } = new ProcessIo([])
    process.on('exit', () => console.log('exit'))
    createInterface(process.stdin).on('line', (line) => {
      const [name, time] = line.split(' ')
      clock = Number(time)
      process.kill(process.pid, name)
      setImmediate(() => setImmediate(() => console.log('aborted', signal.aborted)))
    })`,
  )
  for (const order of ['SIGINT 0', 'SIGINT 1', 'SIGTERM 2', 'SIGINT 499']) {
    expect(await stubborn.does(order)).toBe('aborted true')
  }
  expect(await stubborn.does('SIGTERM 500')).toBe('exit')
  expect(await stubborn.ended()).toBe(1)
})

test('an output that nobody reads any more ends it with 0 and without a word', async () => {
  const child = spawn(process.execPath, [CLI, 'view', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // Closed before anything is written: the first line finds no reader.
  child.stdout.destroy()
  const [code] = (await once(child, 'exit')) as [number | null]
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('nor does one that has nothing to write outlive its reader', async () => {
  const command = watching('view', '--port', '0', '--json')
  expect(JSON.parse(await command.line())).toHaveProperty('url')
  command.process.stdout.destroy()
  const [code] = (await once(command.process, 'exit')) as [number | null]
  expect({ code, stderr: command.stderr }).toEqual({ code: 0, stderr: '' })
})

test('an output that takes nothing is a failure', async () => {
  const { code, stderr } = await run([
    '/bin/sh',
    '-c',
    'exec "$0" "$@" >/dev/full',
    process.execPath,
    CLI,
    '--help',
  ])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^SYSTEM: cannot write the output: ENOSPC.*\n$/)
})

describe('colour', () => {
  const BOLD = '\u001b[1mUsage:'

  test('none in a pipe, unless it is asked for', async () => {
    const words = [process.execPath, CLI, '--help']
    expect((await run(words)).stdout).not.toContain('\u001b')
    const env = { ...process.env, FORCE_COLOR: '1' }
    expect((await run(words, { env })).stdout).toContain(BOLD)
  })

  test.skipIf(!hasPython)('in a terminal, unless NO_COLOR forbids it', async () => {
    expect((await inTerminal(['--help'])).seen).toContain(BOLD)
    const { code, seen } = await inTerminal(['--help'], { env: { NO_COLOR: '1' } })
    expect(code).toBe(0)
    expect(seen).toContain('Usage:')
    expect(seen).not.toContain('\u001b')
  })
})

describe('text of others', () => {
  test('reaches the terminal without control characters and marks of direction', () => {
    expect(printable('a\u001b]0;x\u0007\n\u009b1m\u202e\u061cb é 日本')).toBe(
      'a\\x1b]0;x\\x07\\x0a\\x9b1m\\u202e\\u061cb é 日本',
    )
  })

  test('is the same text again when its JSON is parsed', () => {
    const value = { name: 'a\u001b[2J\u009b\u202e\n"' }
    expect(printableJson(value)).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(printableJson(value))).toEqual(value)
  })
})

describe('a failure', () => {
  const line = (error: unknown, ...argv: string[]) => complaintOf(error, argv)

  test('of this package’s own making asks for a report, and has no stack trace', () => {
    expect(line(new TypeError('x is not a function\n    at y'))).toEqual({
      line: 'SYSTEM: x is not a function at y; this is a fault of framering: please report it with what NODE_DEBUG=framering prints',
      exitCode: 1,
    })
  })

  test('of the system is told as the system tells it', () => {
    const error = Object.assign(new Error('EMFILE: too many open files'), { errno: -24 })
    expect(line(error).line).toBe('SYSTEM: EMFILE: too many open files')
  })

  test('for want of a package says what to install', () => {
    const error = new Error("Cannot find package 'rxjs' imported from /app/x.js")
    expect(line(error, 'echo', '--json').line).toBe(
      '{"error":{"code":"PEER_MISSING","message":"the package rxjs is missing; add it with: npm install rxjs"}}',
    )
    expect(line(error, 'echo', '--', '--json').line).toMatch(/^PEER_MISSING: /)
  })
})
