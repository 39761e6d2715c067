#!/usr/bin/env node
// Builds native/build/framering.node with nothing but Node and a C++ compiler.
//
//   node native/build.mjs                    what is needed to run framering
//   node native/build.mjs --debug            native/build/debug/framering.node, -O0 -g
//   node native/build.mjs --sanitize=address native/build/address/…; also thread, undefined
//   node native/build.mjs --force            everything, also what looks up to date
//   node native/build.mjs --test-hooks       native/build/test-hooks/…, compiled with FR_TEST_HOOKS
//
// Compiles only what changed: an object's name carries a hash of its command line and compiler, and
// the compiler itself lists the headers it depends on. Everything is made under a temporary name and
// renamed, so that a build that is interrupted, or two at once, leave no half-written file.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { basename, delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const SANITIZERS = ['address', 'thread', 'undefined']
const USAGE = `usage: node native/build.mjs [--debug] [--sanitize=${SANITIZERS.join('|')}] [--test-hooks] [--force]
The compiler is $CXX, or else the first of c++, g++ and clang++. A build with --sanitize=address or
--sanitize=thread is loaded with the sanitizer first:
  LD_PRELOAD=$(c++ -print-file-name=libasan.so) node …`

/** Something the person at the keyboard can put right: shown without a stack. */
export class BuildError extends Error {}

/**
 * @param {{ debug?: boolean, sanitize?: string, testHooks?: boolean, force?: boolean, log?: (line: string) => void }} options
 * @returns {Promise<{ output: string, compiled: number }>} compiled: 0 when all was up to date
 */
export async function build(options = {}) {
  const { debug = false, sanitize, testHooks = false, force = false, log = () => {} } = options
  checkMachine()
  const variant = [debug && 'debug', sanitize, testHooks && 'test-hooks'].filter(Boolean).join('-')
  const folder = join(root, 'native/build', variant)
  const objects = join(folder, 'obj')
  if (force) rmSync(objects, { recursive: true, force: true })
  mkdirSync(objects, { recursive: true })

  const compiler = findCompiler()
  const flags = compileFlags({ debug, sanitize, testHooks })
  const units = sources().map((source) => unit(source, compiler, flags, objects))
  if (variant === '') writeCompileCommands(folder, units)

  const stale = units.filter(isStale)
  const output = join(folder, 'framering.node')
  const link = [...compiler.command, ...linkFlags(sanitize), ...units.map((u) => u.object)]
  if (stale.length === 0 && isLinked(output, link, objects)) return { output, compiled: 0 }

  checkLibc()
  log(`compiling ${stale.length} of ${units.length} files with ${compiler.command.join(' ')}`)
  await eachOf(stale, availableParallelism(), async (u) => {
    const temporary = `${u.object}.${process.pid}.tmp`
    await run([...u.command, '-MMD', '-MF', `${temporary}.d`, '-o', temporary, u.source])
    renameSync(`${temporary}.d`, `${u.object}.d`)
    renameSync(temporary, u.object)
  })
  await linkTo(output, link, objects)
  removeForeign(objects, units)
  return { output, compiled: stale.length }
}

function checkMachine() {
  const { platform, arch } = process
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    throw new BuildError(
      `framering runs on Linux with x64 or arm64, and this is ${platform} ${arch}: nothing to build.`,
    )
  }
}

function checkLibc() {
  if (process.report.getReport().header.glibcVersionRuntime !== undefined) return
  throw new BuildError(
    'This Node runs on another C library than glibc (musl, as on Alpine), whose semaphores are not\n' +
      "glibc's. framering supports glibc only: use a Debian based image such as node:22-slim.",
  )
}

function findCompiler() {
  const asked = process.env.CXX?.trim().split(/\s+/).filter(Boolean) ?? []
  const names = asked.length > 0 ? [asked[0]] : ['c++', 'g++', 'clang++']
  for (const name of names) {
    for (const folder of name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter)) {
      const path = folder === '' ? name : join(folder, name)
      if (!existsSync(path)) continue
      const real = realpathSync(path)
      const command = asked.length > 0 ? asked : [name]
      return { command, identity: `${real} ${statSync(real).mtimeMs}` }
    }
  }
  throw new BuildError(
    `No C++ compiler found (looked for ${names.join(', ')}). Install one and run this again:\n` +
      '  Debian, Ubuntu:  sudo apt install g++\n' +
      '  Fedora, RHEL:    sudo dnf install gcc-c++\n' +
      '  Alpine:          not supported (musl); use a Debian based image such as node:22-slim\n' +
      'or set CXX to the compiler to use.',
  )
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

function compileFlags({ debug, sanitize, testHooks }) {
  const api = headerPackage('node-api-headers', (folder) => join(folder, 'include'))
  const flags = ['-std=c++17', '-fPIC', '-pthread', '-fvisibility=hidden', '-Wall', '-Wextra']
  flags.push('-fno-exceptions', '-fno-rtti')
  // For whoever only uses framering, a newer compiler's new warning must not be the end.
  if (!root.split('/').includes('node_modules')) flags.push('-Werror')
  if (debug) flags.push('-O0', '-g')
  else if (sanitize) flags.push('-O1', '-g')
  else flags.push('-O2')
  if (sanitize) flags.push(`-fsanitize=${sanitize}`, '-fno-omit-frame-pointer')
  if (sanitize === 'undefined') flags.push('-fno-sanitize-recover=undefined', '-fno-sanitize=vptr')
  if (testHooks) flags.push('-DFR_TEST_HOOKS')
  flags.push('-DNAPI_VERSION=8', '-Inative/core/include')
  flags.push('-isystem', relative(root, api.include))
  return { flags, identity: api.version }
}

function linkFlags(sanitize) {
  const flags = ['-shared', '-pthread', '-Wl,-z,now']
  // An addon loaded only in a worker is unloaded with it, and its signal handlers would point nowhere.
  flags.push('-Wl,-z,nodelete')
  if (sanitize) flags.push(`-fsanitize=${sanitize}`)
  return flags
}

function sources() {
  return ['native/core/src', 'native/addon/src'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.cc'))
      .sort()
      .map((name) => `${folder}/${name}`),
  )
}

function unit(source, compiler, { flags, identity }, objects) {
  const command = [...compiler.command, ...flags, '-c']
  const hash = createHash('sha256')
    .update(JSON.stringify([command, compiler.identity, identity, source]))
    .digest('hex')
    .slice(0, 12)
  const part = source.split('/')[1]
  return { source, command, object: join(objects, `${part}-${basename(source, '.cc')}-${hash}.o`) }
}

function isStale(u) {
  const made = modified(u.object)
  if (made === undefined || !existsSync(`${u.object}.d`)) return true
  return dependencies(readFileSync(`${u.object}.d`, 'utf8')).some((path) => {
    const changed = modified(join(root, path))
    return changed === undefined || changed > made
  })
}

/** The prerequisites of a make rule: blanks separate, a backslash keeps a blank or joins lines. */
function dependencies(rule) {
  return rule
    .slice(rule.indexOf(': ') + 2)
    .replace(/\\\n/g, ' ')
    .split(/(?<!\\)\s+/)
    .filter(Boolean)
    .map((path) => path.replace(/\\(.)/g, '$1'))
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

function isLinked(output, link, objects) {
  const record = join(objects, 'link.txt')
  return (
    existsSync(output) && existsSync(record) && readFileSync(record, 'utf8') === link.join('\n')
  )
}

async function linkTo(output, link, objects) {
  const record = join(objects, 'link.txt')
  const temporary = `${output}.${process.pid}.tmp`
  rmSync(record, { force: true })
  await run([...link, '-o', temporary, '-lrt'])
  renameSync(temporary, output)
  writeFileSync(record, link.join('\n'))
}

/** Objects of other command lines and of sources that are gone. */
function removeForeign(objects, units) {
  const own = new Set(units.map((u) => basename(u.object)))
  for (const name of readdirSync(objects)) {
    if (/\.o(\.d)?$/.test(name) && !own.has(name.replace(/\.d$/, ''))) rmSync(join(objects, name))
  }
}

function writeCompileCommands(folder, units) {
  const path = join(folder, 'compile_commands.json')
  const entries = units.map((u) => ({
    directory: root,
    file: u.source,
    arguments: [...u.command, u.source],
  }))
  const text = JSON.stringify(entries, null, 2) + '\n'
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
}

async function eachOf(items, atOnce, work) {
  const queue = [...items]
  const results = await Promise.allSettled(
    Array.from({ length: atOnce }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

function run([command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (said += text))
    }
    child.on('error', (error) => reject(new BuildError(`${command}: ${error.message}`)))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new BuildError(`${said}\n${command} failed on ${args.at(-1)} (exit ${code}).`))
    })
  })
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
