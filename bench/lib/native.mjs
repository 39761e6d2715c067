// What the benchmark has compiled: floors and rows in C++, and an addon of small native helpers for
// rows in JavaScript. All into build/bench.
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { coreFlags } from '../../native/build.mjs'
import { compile, findCompiler, root, sourcesIn } from '../../native/compile.mjs'

const folder = join(root, 'build/bench')
const require = createRequire(import.meta.url)

/** The path of a compiled program, by its source's name without `.cc`. */
export const program = (name) => join(folder, name)

/** The helpers of bench/native/helpers.cc. */
export const helpers = () => require(join(folder, 'helpers.node'))

/** libyuv's functions called directly: bench/native/yuv_direct.cc. */
export const yuvDirect = () => require(join(folder, 'yuv_direct.node')).yuvDirect

/**
 * Compiles what is stale.
 *
 * @param {(line: string) => void} log
 */
export async function buildBench(log = () => {}) {
  const headers = join(dirname(require.resolve('node-api-headers/package.json')), 'include')
  const core = sourcesIn('native/core/src')
  const linked = { link: ['-pthread'], libraries: ['-lrt'] }
  const programs = [
    ...sourcesIn('bench/floors').map((source) => ({ source, with: [] })),
    ...sourcesIn('bench/rings').map((source) => ({ source, with: core })),
  ].map(({ source, with: more }) => ({
    output: program(source.split('/').at(-1).replace(/\.cc$/, '')),
    sources: [source, ...more],
    ...linked,
  }))
  const addons = sourcesIn('bench/native').map((source) => ({
    output: join(folder, source.split('/').at(-1).replace(/\.cc$/, '.node')),
    sources: [source],
    link: ['-shared', '-pthread', '-Wl,-z,nodelete'],
    libraries: ['-ldl'],
  }))
  await compile({
    folder,
    compiler: findCompiler(),
    flags: [...coreFlags(), '-DNAPI_VERSION=8', '-isystem', relative(root, headers), '-I.'],
    programs: [...programs, ...addons],
    log,
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildBench(console.log)
}
