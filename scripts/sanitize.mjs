#!/usr/bin/env node
// Stress tests of the native core under ThreadSanitizer, AddressSanitizer with LeakSanitizer, and
// UndefinedBehaviorSanitizer: `npm run sanitize -- --seconds 20`. Any report is a failure.
//
// Whether the sanitizers would see anything is checked as well: faults are put into copies of the
// core's sources, and each must be reported.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { coreFlags } from '../native/build.mjs'
import { BuildError, compile, findCompiler, root, sourcesIn } from '../native/compile.mjs'
import { runNativeTest } from './native-test.mjs'

const USAGE = `usage: npm run sanitize -- [--seconds N]
  --seconds N  how long each stress test runs, default 20`
const RACE = /WARNING: ThreadSanitizer: data race/
const LEAK = /ERROR: LeakSanitizer: detected memory leaks/
const HELD = /not true: descriptors == descriptors_after/

/** Deliberate faults: what is replaced in which source, and what must be said about it. */
const MUTANTS = [
  {
    name: 'unordered-release',
    fault: 'a reader lets go of a slot without ordering its reads before',
    source: 'joined_reader_lease.cc',
    from: 'fetch_and(~bit_, std::memory_order_seq_cst)',
    to: 'fetch_and(~bit_, std::memory_order_relaxed)',
    report: RACE,
  },
  {
    name: 'unordered-look',
    fault: 'the writer fills a slot without ordering that after its look at the pins',
    source: 'writer_acquire.cc',
    from: 'const uint64_t seen = pins.load(std::memory_order_seq_cst);',
    to: 'const uint64_t seen = pins.load(std::memory_order_relaxed);',
    report: RACE,
  },
  {
    name: 'no-look',
    fault: 'the writer does not look at the pins after its mark',
    source: 'writer_acquire.cc',
    from: 'const uint64_t seen = pins.load(std::memory_order_seq_cst);',
    to: 'const uint64_t seen = 0;',
    report: RACE,
  },
  {
    name: 'plain-time',
    fault: 'the publish time is stored plainly while readers ask after the age',
    source: 'writer_publish.cc',
    from: '__atomic_store_n(&h->publish_time, time, __ATOMIC_RELAXED);',
    to: 'h->publish_time = time;',
    report: RACE,
  },
  {
    name: 'unordered-unit',
    fault: 'who takes the lock does not see what was done under it',
    source: 'glibc_semaphore.cc',
    from: 'seen - what, std::memory_order_acquire',
    to: 'seen - what, std::memory_order_relaxed',
    test: 'semaphores',
    report: RACE,
  },
  {
    name: 'kept-writer',
    fault: 'a closed writer is not freed',
    source: 'c_writer.cc',
    from: 'delete w;',
    to: ';',
    report: HELD,
  },
  {
    name: 'leak',
    fault: 'a writer that could not be made is not freed',
    source: 'writer_create.cc',
    from: 'w->name_lock_.remove();',
    to: 'w->name_lock_.remove(); static_cast<void>(w.release());',
    report: LEAK,
  },
]

const STRESS = ['playground', 'onlooker', 'stress', 'stress_reader', 'stress_writer']
const CYCLES = ['playground', 'cycles']
const SEMAPHORES = ['semaphores']

/** One sanitizer's programs: the sound ones by name, and one per mutant that it must catch. */
async function build(name, flags, sound, mutants) {
  const folder = join(root, 'native/build/sanitize', name)
  const link = ['-pthread', ...flags.filter((flag) => flag.startsWith('-fsanitize='))]
  const core = sourcesIn('native/core/src')
  const program = (output, test, sources) => ({
    output: join(folder, output),
    sources: [...sources, ...test.map((file) => `native/test/${file}.cc`)],
    link,
  })
  const programs = [
    ...Object.entries(sound).map(([output, test]) => program(output, test, core)),
    ...mutants.map((mutant) => {
      const mutated = mutate(mutant)
      const sources = core.map((path) => (basename(path) === mutant.source ? mutated : path))
      return program(`mutant-${mutant.name}`, testOf(mutant), sources)
    }),
  ]
  // A mutated copy stands elsewhere and includes the headers beside the original.
  const plan = { folder, compiler: findCompiler(['clang++']), programs }
  await compile({ ...plan, flags: [...flags, '-iquote', 'native/core/src'], log: console.log })
  return folder
}

function testOf({ test, report }) {
  if (test === 'semaphores') return SEMAPHORES
  return report === RACE ? STRESS : CYCLES
}

/** A copy of the source with the fault in it; the same file as before when nothing changed. */
function mutate({ name, source, from, to }) {
  const original = readFileSync(join(root, 'native/core/src', source), 'utf8')
  if (!original.includes(from)) {
    throw new BuildError(`${source} has no '${from}' any more: update the mutant ${name}`)
  }
  const path = `native/build/sanitize/mutants/${name}/src/${source}`
  const text = original.replaceAll(from, to)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  if (!existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text) {
    writeFileSync(join(root, path), text)
  }
  return path
}

const env = {
  TSAN_OPTIONS: 'halt_on_error=1:allow_addr2line=1',
  // Freed memory given back at once: the count of mappings must not depend on what is kept.
  ASAN_OPTIONS: 'detect_leaks=1:quarantine_size_mb=0:allow_addr2line=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
}

/** Runs a sound program; whether nothing was reported. */
async function passes(what, program, args, seconds) {
  const { code, text } = await runNativeTest(program, args, { env, seconds: 4 * seconds + 60 })
  console.log(`${what}: ${code === 0 ? text.trim() : `FAILED\n${text.trim()}`}`)
  return code === 0
}

/** Runs a mutant; whether its fault was reported. */
async function isCaught({ name, fault, test, report }, folder) {
  const stress = ['--seconds', '10', ...(test === undefined ? ['--one-mapping'] : [])]
  const args = report === RACE ? stress : ['--rounds', '1']
  const program = join(folder, `mutant-${name}`)
  const { text } = await runNativeTest(program, args, { env, seconds: 120 })
  const caught = report.test(text)
  console.log(`  ${caught ? 'reported' : 'NOT REPORTED'}: ${fault}`)
  if (!caught) console.log(text.trim())
  return caught
}

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds)
  if (values.help || !Number.isInteger(seconds) || seconds <= 0) {
    console.log(USAGE)
    return values.help ? 0 : 1
  }
  const races = MUTANTS.filter((mutant) => mutant.report === RACE)
  const leaks = MUTANTS.filter((mutant) => mutant.report !== RACE)
  const thread = await build(
    'thread',
    coreFlags({ sanitize: 'thread', testHooks: true }),
    { stress: STRESS, semaphores: SEMAPHORES },
    races,
  )
  const address = await build(
    'address',
    coreFlags({ sanitize: 'address,undefined' }),
    { stress: STRESS, cycles: CYCLES, semaphores: SEMAPHORES },
    leaks,
  )
  const time = ['--seconds', String(seconds)]
  const results = [
    await passes('threads', join(thread, 'stress'), [...time, '--one-mapping'], seconds),
    await passes('addresses', join(address, 'stress'), time, seconds),
    await passes(
      'addresses, control object scribbled over',
      join(address, 'stress'),
      [...time, '--scribble'],
      seconds,
    ),
    await passes('semaphores, threads', join(thread, 'semaphores'), time, seconds),
    await passes('semaphores, addresses', join(address, 'semaphores'), time, seconds),
    await passes('leaks', join(address, 'cycles'), ['--rounds', String(20 * seconds)], seconds),
  ]
  console.log('deliberate faults:')
  for (const mutant of races) results.push(await isCaught(mutant, thread))
  for (const mutant of leaks) results.push(await isCaught(mutant, address))
  return results.every(Boolean) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof BuildError) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error
  console.error(error.message)
  process.exitCode = 1
}
