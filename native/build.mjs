#!/usr/bin/env node
// Builds native/build/framering.node, and the framering-guardian beside it, with nothing but Node and a
// C++ compiler.
//
//   node native/build.mjs                    what is needed to run framering
//   node native/build.mjs --debug            native/build/debug/framering.node, -O0 -g
//   node native/build.mjs --sanitize=address native/build/address/…; also thread, undefined
//   node native/build.mjs --force            everything, also what looks up to date
//   node native/build.mjs --test-hooks       native/build/test-hooks/…, compiled with FR_TEST_HOOKS
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  BuildError,
  checkMachine,
  compile,
  findCompiler,
  root,
  sourcesIn,
  writeCompileCommands,
} from './compile.mjs'

const SANITIZERS = ['address', 'thread', 'undefined']
const USAGE = `usage: node native/build.mjs [--debug] [--sanitize=${SANITIZERS.join('|')}] [--test-hooks] [--force]
The compiler is $CXX, or else the first of c++, g++ and clang++. A build with --sanitize=address or
--sanitize=thread is loaded with the sanitizer first:
  LD_PRELOAD=$(c++ -print-file-name=libasan.so) node …`

/**
 * @param {{ debug?: boolean, sanitize?: string, testHooks?: boolean, force?: boolean, log?: (line: string) => void }} options
 * @returns {Promise<{ output: string, compiled: number }>} compiled: 0 when all was up to date
 */
export async function build(options = {}) {
  const { debug = false, sanitize, testHooks = false, force = false, log = () => {} } = options
  checkMachine()
  const variant = [debug && 'debug', sanitize, testHooks && 'test-hooks'].filter(Boolean).join('-')
  const folder = join(root, 'native/build', variant)
  const plan = { folder, compiler: findCompiler(), ...addonFlags({ debug, sanitize, testHooks }) }
  const sources = [
    'native/core/src',
    'native/convert/src',
    'native/v4l2/src',
    'native/addon/src',
  ].flatMap(sourcesIn)
  const output = join(folder, 'framering.node')
  const addon = { output, sources, link: linkFlags(sanitize), libraries: ['-lrt', '-ldl'] }
  const guardian = {
    output: join(folder, 'framering-guardian'),
    sources: sourcesIn('native/guardian/src'),
    // Nothing of the C++ library is used, and without it the process takes half the memory.
    link: ['-Wl,--as-needed', ...(sanitize ? [`-fsanitize=${sanitize}`] : [])],
  }
  const all = [...sources, ...guardian.sources]
  if (variant === '') writeCompileCommands(join(folder, 'compile_commands.json'), plan, all)
  const { compiled } = await compile({ ...plan, programs: [addon, guardian], force, log })
  return { output, compiled }
}

function headerPackage(name, folderOf) {
  const require = createRequire(import.meta.url)
  try {
    const manifest = require.resolve(`${name}/package.json`)
    return { include: folderOf(dirname(manifest)), version: require(manifest).version }
  } catch {
    throw new BuildError(`The package ${name} is missing. Run: npm install ${name}`)
  }
}

/**
 * What every file of the core is compiled with.
 *
 * @param {{ debug?: boolean, sanitize?: string, testHooks?: boolean }} options  sanitize: one or
 *   several names with commas between, as the compiler takes them
 */
export function coreFlags({ debug = false, sanitize, testHooks = false } = {}) {
  const flags = ['-std=c++17', '-fPIC', '-pthread', '-fvisibility=hidden', '-Wall', '-Wextra']
  flags.push('-fno-exceptions', '-fno-rtti')
  // For whoever only uses framering, a newer compiler's new warning must not be the end.
  if (!root.split('/').includes('node_modules')) flags.push('-Werror')
  if (debug) flags.push('-O0', '-g')
  else if (sanitize) flags.push('-O1', '-g')
  else flags.push('-O2')
  if (sanitize) flags.push(`-fsanitize=${sanitize}`, '-fno-omit-frame-pointer')
  if (sanitize?.split(',').includes('undefined')) {
    flags.push('-fno-sanitize-recover=undefined', '-fno-sanitize=vptr')
  }
  if (testHooks) flags.push('-DFR_TEST_HOOKS')
  flags.push('-Inative/core/include', '-Inative/v4l2/include')
  return flags
}

/** What every file of an addon is compiled with, and what its headers are known by. */
export function addonFlags(options = {}) {
  const api = headerPackage('node-api-headers', (folder) => join(folder, 'include'))
  const flags = [...coreFlags(options), '-DNAPI_VERSION=8', '-isystem', relative(root, api.include)]
  flags.push('-Inative/convert/include')
  // Loops over rows of pixels are what the compiler makes of them: -O3 doubles their speed. Nobody
  // looks at the flags of floating point, and asking for them keeps comparisons out of vectors.
  const fast = !options.debug && !options.sanitize
  const flagsOf = (source) =>
    fast && source.startsWith('native/convert/') ? ['-O3', '-fno-trapping-math'] : []
  return { flags, flagsOf, identity: api.version }
}

export function linkFlags(sanitize) {
  const flags = ['-shared', '-pthread', '-Wl,-z,now']
  // An addon loaded only in a worker is unloaded with it, and its signal handlers would point nowhere.
  flags.push('-Wl,-z,nodelete')
  if (sanitize) flags.push(`-fsanitize=${sanitize}`)
  return flags
}

async function main() {
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        debug: { type: 'boolean' },
        sanitize: { type: 'string' },
        'test-hooks': { type: 'boolean' },
        force: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }))
    if (values.sanitize !== undefined && !SANITIZERS.includes(values.sanitize)) {
      throw new Error(`--sanitize takes one of ${SANITIZERS.join(', ')}, not '${values.sanitize}'`)
    }
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`)
    return 1
  }
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  try {
    const { output, compiled } = await build({
      debug: values.debug,
      sanitize: values.sanitize,
      testHooks: values['test-hooks'],
      force: values.force,
      log: (line) => console.log(line),
    })
    const path = relative(process.cwd(), output)
    console.log(compiled === 0 ? `${path} is up to date` : `built ${path}`)
    return 0
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    console.error(error.message)
    return 1
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main()
}
