#!/usr/bin/env node
// Fuzzes the native core through its C face: `npm run fuzz -- --seconds 60`.
//
// Two fuzzers, at once: `ring` drives writer and readers while both objects change underneath them,
// `attach` opens what it makes of a ring's files. Each starts with the inputs kept in test/fuzz/,
// among them one for every bug found so far; what it discovers beyond them is thrown away.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { coreFlags } from '../native/build.mjs'
import { BuildError, compile, findCompiler, root, sourcesIn } from '../native/compile.mjs'
import { runNativeTest } from './native-test.mjs'

const USAGE = `usage: npm run fuzz -- [--seconds N] [--only ring|attach] [--json] [INPUT…]
  --seconds N  how long each fuzzer runs, default 60
  --only NAME  one of the two
  --json       the figures as one line of JSON
  INPUT        with --only: run these files once each and nothing else`
const FUZZERS = ['ring', 'attach']
const folder = join(root, 'native/build/fuzz')
const SHARED = ['playground', 'object_files', 'fuzzed_reader', 'fuzzed_writer', 'onlooker']

async function build() {
  const flags = coreFlags({ sanitize: 'address,undefined' })
  // Coverage for the fuzzer's guidance; its driver comes with the link.
  const plan = {
    folder,
    compiler: findCompiler(['clang++']),
    flags: [...flags, '-fsanitize=fuzzer'],
  }
  const programs = FUZZERS.map((name) => ({
    output: join(folder, name),
    sources: [
      ...sourcesIn('native/core/src'),
      ...[...SHARED, `fuzz_${name}`].map((file) => `native/test/${file}.cc`),
    ],
    link: ['-pthread', '-fsanitize=fuzzer,address,undefined'],
  }))
  await compile({ ...plan, programs, log: (line) => console.error(line) })
}

/** Runs one fuzzer to its end and returns what it counted, with the finding's file if there is one. */
async function fuzz(name, seconds, inputs) {
  const discovered = mkdtempSync(join(folder, 'corpus-'))
  const findings = join(folder, 'findings')
  mkdirSync(findings, { recursive: true })
  const saved = join(findings, `${name}-${process.pid}`)
  // By the clock, and the machine may be busy with other things: an input takes milliseconds.
  const args = ['-timeout=30', '-rss_limit_mb=1024', '-print_final_stats=1']
  args.push(`-exact_artifact_path=${saved}`)
  if (inputs.length > 0) args.push(...inputs)
  else {
    // Long inputs from the start: a ring is full only after a dozen operations.
    args.push(`-max_total_time=${seconds}`, '-max_len=1024', '-len_control=0')
    args.push(discovered, join(root, 'test/fuzz', name))
  }
  try {
    const env = {
      // The core's handlers come first for SIGSEGV and SIGBUS and hand on what is not theirs.
      ASAN_OPTIONS: 'allow_user_segv_handler=1:malloc_context_size=8:allow_addr2line=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    }
    const options = { env, seconds: 2 * seconds + 120 }
    const { code, text } = await runNativeTest(join(folder, name), args, options)
    const number = (pattern) => Number(pattern.exec(text)?.[1] ?? 0)
    const executions = number(/stat::number_of_executed_units:\s*(\d+)/)
    const operations = number(/^operations: (\d+)/m)
    const perSecond = number(/stat::average_exec_per_sec:\s*(\d+)/)
    const figures = { name, executions, operations, perSecond }
    return code === 0 ? { figures } : { figures: { ...figures, finding: saved }, text }
  } finally {
    rmSync(discovered, { recursive: true, force: true })
  }
}

function report({ figures: { name, executions, operations, perSecond, finding }, text }) {
  if (finding === undefined) {
    return `${name}: ${executions} inputs, ${operations} operations, ${perSecond} inputs/s: nothing found`
  }
  const start = text.search(/^(\S+:\d+: not true|.*runtime error:|==\d+==\s?ERROR)/m)
  return `${text.slice(Math.max(start, 0)).trim()}\n${name}: found something; its input is ${relative(process.cwd(), finding)}`
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds)
  const names = values.only === undefined ? FUZZERS : [values.only]
  const valid = Number.isInteger(seconds) && seconds > 0 && FUZZERS.includes(names[0])
  if (values.help || !valid || (positionals.length > 0 && names.length > 1)) {
    console.log(USAGE)
    return values.help ? 0 : 1
  }
  await build()
  const results = await Promise.all(names.map((name) => fuzz(name, seconds, positionals)))
  if (values.json) {
    console.log(JSON.stringify(results.map(({ figures }) => figures)))
  }
  for (const result of results) {
    if (!values.json || result.text !== undefined) console.error(report(result))
  }
  return results.some((result) => result.text !== undefined) ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof BuildError) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error
  console.error(error.message)
  process.exitCode = 1
}
