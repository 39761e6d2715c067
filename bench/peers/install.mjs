#!/usr/bin/env node
// The peers' npm packages into build/bench/node_modules, as package-lock.json beside this has them:
//
//   node bench/peers/install.mjs
//
// No package's install script runs. zeromq brings its binary along; the other two are compiled here
// with the node-gyp that npm has inside, and are left out where that fails: their rows say so then.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder } from './lib/build.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const COMPILED = ['shared-memory-disruptor', 'shm-typed-array']

export function install(log = console.log) {
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(here, name), join(folder, name))
  }
  log(`npm ci --ignore-scripts in ${folder}`)
  // The npm this was started by; one found on PATH may belong to another Node.
  const cli = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : npmOnPath()
  must(process.execPath, [cli, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  const gyp = join(dirname(dirname(cli)), 'node_modules/node-gyp/bin/node-gyp.js')
  // Where Node came with its headers, nothing needs to be downloaded.
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : []
  for (const name of COMPILED) {
    log(`node-gyp rebuild of ${name}`)
    try {
      must(process.execPath, [gyp, 'rebuild', ...headers], join(folder, 'node_modules', name))
    } catch (error) {
      log(`${name} cannot be compiled, and its rows will say that it is missing:\n${error.message}`)
    }
  }
}

function npmOnPath() {
  for (const part of (process.env.PATH ?? '').split(':')) {
    if (existsSync(join(part, 'npm'))) return realpathSync(join(part, 'npm'))
  }
  throw new Error('There is no npm on the PATH: install the one that comes with Node.')
}

function must(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim())
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    install()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
