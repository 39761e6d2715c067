// Compiles C++ sources and links programs, with nothing but Node and a C++ compiler.
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
import { availableParallelism } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's folder: what compilers run in and sources are named from. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Something the person at the keyboard can put right: shown without a stack. */
export class BuildError extends Error {}

export function checkMachine() {
  const { platform, arch } = process
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    throw new BuildError(
      `framering runs on Linux with x64 or arm64, and this is ${platform} ${arch}: nothing to build.`,
    )
  }
}

/** $CXX, or else the first of `candidates` on the PATH. */
export function findCompiler(candidates = ['c++', 'g++', 'clang++']) {
  const asked = process.env.CXX?.trim().split(/\s+/).filter(Boolean) ?? []
  const names = asked.length > 0 ? [asked[0]] : candidates
  for (const name of names) {
    for (const folder of name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter)) {
      const path = folder === '' ? name : join(folder, name)
      if (!existsSync(path)) continue
      const real = realpathSync(path)
      const command = asked.length > 0 ? asked : [name]
      return { command, identity: `${real} ${statSync(real).mtimeMs}` }
    }
  }
  const [debian, fedora] = names[0] === 'clang++' ? ['clang', 'clang'] : ['g++', 'gcc-c++']
  throw new BuildError(
    `No C++ compiler found (looked for ${names.join(', ')}). Install one and run this again:\n` +
      `  Debian, Ubuntu:  sudo apt install ${debian}\n` +
      `  Fedora, RHEL:    sudo dnf install ${fedora}\n` +
      '  Alpine:          not supported (musl); use a Debian based image such as node:22-slim\n' +
      'or set CXX to the compiler to use.',
  )
}

/**
 * Compiles what is stale of the programs' sources and links the programs that are.
 *
 * @param {{
 *   folder: string,
 *   compiler: { command: string[], identity: string },
 *   flags: string[],
 *   flagsOf?: (source: string) => string[],
 *   identity?: string,
 *   programs: { output: string, sources: string[], link: string[], libraries?: string[] }[],
 *   force?: boolean,
 *   log?: (line: string) => void,
 * }} plan  identity: of headers outside the project, which change with their version;
 *   flagsOf: what one source has beyond the others
 * @returns {Promise<{ compiled: number, linked: number }>} both 0 when all was up to date
 */
export async function compile(plan) {
  const { folder, compiler, programs, force = false, log = () => {} } = plan
  const objects = join(folder, 'obj')
  if (force) rmSync(objects, { recursive: true, force: true })
  mkdirSync(objects, { recursive: true })

  const units = new Map()
  for (const source of programs.flatMap((program) => program.sources)) {
    if (!units.has(source)) units.set(source, unit(source, plan, objects))
  }
  const links = programs.map(({ output, sources, link, libraries = [] }) => {
    const made = sources.map((source) => units.get(source).object)
    return { output, command: [...compiler.command, ...link, ...made], libraries, made }
  })
  const all = [...units.values()]
  const stale = all.filter(isStale)
  const changed = new Set(stale.map((u) => u.object))
  const unlinked = links.filter((l) => l.made.some((o) => changed.has(o)) || !isLinked(l, objects))
  if (unlinked.length === 0) return { compiled: 0, linked: 0 }

  checkLibc()
  log(`compiling ${stale.length} of ${all.length} files with ${compiler.command.join(' ')}`)
  // Recorded as unlinked until it is: an object that is newer than its program must not be missed.
  for (const link of unlinked) rmSync(record(link, objects), { force: true })
  await eachOf(stale, async (u) => {
    const temporary = `${u.object}.${process.pid}.tmp`
    await run([...u.command, '-MMD', '-MF', `${temporary}.d`, '-o', temporary, u.source])
    renameSync(`${temporary}.d`, `${u.object}.d`)
    renameSync(temporary, u.object)
  })
  await eachOf(unlinked, (link) => linkTo(link, objects))
  removeForeign(objects, all)
  return { compiled: stale.length, linked: unlinked.length }
}

/** The C++ sources of a folder, named from the root. */
export function sourcesIn(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.cc'))
    .sort()
    .map((name) => `${folder}/${name}`)
}

/** One entry of compile_commands.json per source. */
export function writeCompileCommands(path, { compiler, flags, flagsOf = () => [] }, sources) {
  const entries = sources.map((source) => ({
    directory: root,
    file: source,
    arguments: [...compiler.command, ...flags, ...flagsOf(source), '-c', source],
  }))
  const text = JSON.stringify(entries, null, 2) + '\n'
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
}

function checkLibc() {
  if (process.report.getReport().header.glibcVersionRuntime !== undefined) return
  throw new BuildError(
    'This Node runs on another C library than glibc (musl, as on Alpine), whose semaphores are not\n' +
      "glibc's. framering supports glibc only: use a Debian based image such as node:22-slim.",
  )
}

function unit(source, { compiler, flags, flagsOf = () => [], identity }, objects) {
  const command = [...compiler.command, ...flags, ...flagsOf(source), '-c']
  const hash = createHash('sha256')
    .update(JSON.stringify([command, compiler.identity, identity, source]))
    .digest('hex')
    .slice(0, 12)
  const part = source.split('/').at(-3)
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

function record(link, objects) {
  return join(objects, `${basename(link.output)}.link.txt`)
}

function isLinked(link, objects) {
  const path = record(link, objects)
  return (
    existsSync(link.output) &&
    existsSync(path) &&
    readFileSync(path, 'utf8') === link.command.join('\n')
  )
}

async function linkTo(link, objects) {
  const temporary = `${link.output}.${process.pid}.tmp`
  await run([...link.command, '-o', temporary, ...link.libraries])
  renameSync(temporary, link.output)
  writeFileSync(record(link, objects), link.command.join('\n'))
}

/** Objects of other command lines and of sources that are gone. */
function removeForeign(objects, units) {
  const own = new Set(units.map((u) => basename(u.object)))
  for (const name of readdirSync(objects)) {
    if (/\.o(\.d)?$/.test(name) && !own.has(name.replace(/\.d$/, ''))) rmSync(join(objects, name))
  }
}

/** As many at once as there are processors. */
async function eachOf(items, work) {
  const queue = [...items]
  const results = await Promise.allSettled(
    Array.from({ length: availableParallelism() }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** Runs a program to its end. Throws BuildError, with what it printed, when it fails. */
export function run([command, ...args]) {
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
