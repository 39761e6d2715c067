#!/usr/bin/env node
// Compiles the examples into build/examples, if they changed: node examples/build.mjs
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, realpathSync, renameSync } from 'node:fs'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const output = join(root, 'build/examples')
const record = '.sources'

/** @param {(line: string) => void} log */
export function buildExamples(log = console.log) {
  const state = sourceState()
  if (isBuilt(state)) return
  log('compiling the examples (tsc) …')
  // Into a folder of its own: processes may be running from the old one.
  const fresh = `${output}-${process.pid}`
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  try {
    const args = [tsc, '-p', join(root, 'tsconfig.examples.json'), '--outDir', fresh]
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${stdout}\nthe examples do not compile`)
    writeFileSync(join(fresh, record), state)
    // Another one may have been faster.
    if (isBuilt(state)) return
    rmSync(output, { recursive: true, force: true })
    renameSync(fresh, output)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function isBuilt(state) {
  const path = join(output, record)
  return existsSync(path) && readFileSync(path, 'utf8') === state
}

/** Changes with the sources and with what they are compiled against. */
function sourceState() {
  const hash = createHash('sha256')
  const files = readdirSync(here, { recursive: true }).filter((name) => name.endsWith('.ts'))
  for (const name of files.sort()) hash.update(`${name}\n`).update(readFileSync(join(here, name)))
  for (const name of ['tsconfig.json', 'tsconfig.examples.json', 'package-lock.json']) {
    hash.update(readFileSync(join(root, name)))
  }
  return hash.digest('hex')
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    buildExamples()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
