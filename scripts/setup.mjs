#!/usr/bin/env node
// From a fresh clone to something that runs: packages, native addon, dist. Does only what is missing,
// so that `npm test` and `npm run demo` can call it every time.
//
//   import { setup } from './setup.mjs'
//   await setup()
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync } from 'node:fs'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run } from '../native/compile.mjs'

/**
 * @param {(line: string) => void} log gets one line per step that had something to do, and one every
 *   ten seconds that it takes
 * @throws Error whose message holds what the failed step printed
 */
export async function setup(log = console.log) {
  await installPackages(log)
  await buildNative(log)
  await buildTypeScript(log)
}

async function installPackages(log) {
  const installed = modified('node_modules/.package-lock.json')
  if (installed !== undefined && installed >= modified('package-lock.json')) return
  await step(log, 'installing packages (npm ci)', async () => {
    // The npm this was started by; one found on PATH may belong to another Node.
    const npm = process.env.npm_execpath
    const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
    await run([...command, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  })
}

async function buildNative(log) {
  // Imported only now: it needs packages that may just have been installed.
  const { build } = await import('../native/build.mjs')
  const started = Date.now()
  let ticking
  try {
    await build({ log: (line) => (ticking = announce(log, `building the native addon: ${line}`)) })
    if (ticking) log(`  done in ${seconds(started)}`)
  } finally {
    clearInterval(ticking)
  }
}

async function buildTypeScript(log) {
  const record = join(root, 'node_modules/.cache/framering/dist.json')
  const state = sourceState()
  if (existsSync(join(root, 'dist')) && existsSync(record)) {
    if (readFileSync(record, 'utf8') === state) return
  }
  await step(log, 'compiling TypeScript (tsc)', async () => {
    // Into a folder of its own, which git ignores: what failed to compile replaces nothing, and a
    // file whose source is gone does not stay.
    const fresh = join(root, `native/build/dist-${process.pid}`)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    try {
      await run([process.execPath, tsc, '-p', 'tsconfig.build.json', '--outDir', fresh])
      const { buildPage } = await import('./page.mjs')
      await buildPage(fresh)
      rmSync(join(root, 'dist'), { recursive: true, force: true })
      renameSync(fresh, join(root, 'dist'))
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
    mkdirSync(dirname(record), { recursive: true })
    writeFileSync(record, state)
  })
}

/** Changes with every file that dist is made from, also when one is deleted. */
function sourceState() {
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  for (const name of [
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
    'scripts/page.mjs',
  ]) {
    files.push(join(root, name))
  }
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    const { mtimeMs, size } = statSync(file)
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs
}

async function step(log, what, work) {
  const started = Date.now()
  const ticking = announce(log, what)
  try {
    await work()
    log(`  done in ${seconds(started)}`)
  } finally {
    clearInterval(ticking)
  }
}

function announce(log, what) {
  const started = Date.now()
  log(`${what} …`)
  return setInterval(() => log(`  … ${seconds(started)}`), 10_000).unref()
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await setup()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
