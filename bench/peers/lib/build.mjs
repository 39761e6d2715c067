// What the peers have compiled, each only when a row asks for it. Into build/bench.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { compile, findCompiler, root } from '../../../native/compile.mjs'

const require = createRequire(import.meta.url)
const FLAGS = ['-std=c++17', '-O3', '-fPIC', '-pthread', '-Wall', '-Wextra', '-Werror']

/** Where the peers' npm packages and programs are. */
export const folder = join(root, 'build/bench')

/** bench/peers/native/payload_addon.cc, compiled if it is stale. */
export async function buildPayload() {
  const headers = join(dirname(require.resolve('node-api-headers/package.json')), 'include')
  const output = join(folder, 'payload.node')
  await compile({
    folder: join(folder, 'payload'),
    compiler: findCompiler(),
    flags: [...FLAGS, '-fno-exceptions', '-DNAPI_VERSION=8', '-isystem', relative(root, headers)],
    programs: [
      {
        output,
        sources: ['bench/peers/native/payload_addon.cc'],
        link: ['-shared', '-pthread', '-Wl,-z,nodelete'],
      },
    ],
  })
  return output
}

/** The addon; `buildPayload` must have been awaited, in whichever process. */
export const loadPayload = () => require(join(folder, 'payload.node'))

/**
 * A peer's program, compiled if it is stale.
 *
 * @param {string} name of its source in bench/peers/native
 * @param {{ include: string[], libraries: string[], identity: string }} needs
 * @returns {Promise<string>} its path
 */
export async function buildProgram(name, { include, libraries, identity }) {
  const output = join(folder, name)
  await compile({
    folder: join(folder, `${name}-build`),
    compiler: findCompiler(),
    flags: [...FLAGS, ...include],
    identity,
    programs: [
      { output, sources: [`bench/peers/native/${name}.cc`], link: ['-pthread'], libraries },
    ],
  })
  return output
}

/** A program on the PATH. */
export function onPath(name) {
  return (process.env.PATH ?? '').split(':').some((part) => existsSync(join(part, name)))
}

/** What a program prints, or undefined when there is none or it fails. */
export function output(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() || stderr.trim() : undefined
}
