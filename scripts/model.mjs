// Checks the protocol: every run of every model exhaustively, every mutant for being caught, every
// situation for being reached.
//
//   npm run model                 all runs and mutants: some minutes, below 4 GB
//   npm run model -- --quick      runs with small bounds, mutants that are found at once: for every push
//   npm run model -- --json       the result as JSON on stdout
//   npm run model -- --only wake  one model
//
// Needs spin and a C compiler (apt-get install spin gcc). docs/model.md says what the models mean.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { models } from '../test/model/models.mjs'

const execute = promisify(execFile)
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'model')
/** MB one run may take for its states. Two run at a time, and the rest of pan takes a little. */
const MEMORY = 3500
const PARALLEL = 2

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const work = mkdtempSync(join(tmpdir(), 'framering-model-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Generates, compiles and runs one checker. */
async function check(model, bounds, mutant) {
  const directory = mkdtempSync(join(work, 'pan-'))
  const defines = Object.entries({ ...model.defaults, ...bounds }).map(([k, v]) => `-D${k}=${v}`)
  if (mutant !== undefined) defines.push(`-D${mutant}`)
  const here = { cwd: directory, maxBuffer: 1 << 24 }
  await execute('spin', [...defines, '-a', join(folder, `${model.name}.pml`)], here)
  // A mutant is found within moments: compiling it costs more than running it.
  const level = mutant === undefined ? '-O2' : '-O0'
  const macros = ['SAFETY', 'COLLAPSE', 'NOFAIR', `MEMLIM=${MEMORY}`, 'VECTORSZ=512', 'PRINTF']
  await execute('gcc', [level, '-w', ...macros.map((m) => `-D${m}`), '-o', 'pan', 'pan.c'], here)
  const started = performance.now()
  // -m: deeper than any run goes; a search cut short would say so and fail below.
  const { stdout } = await execute('./pan', ['-m100000'], here)
  const seconds = (performance.now() - started) / 1000
  rmSync(directory, { recursive: true })
  const number = (pattern) => Number(pattern.exec(stdout)?.[1] ?? NaN)
  return {
    errors: number(/errors: (\d+)/),
    states: number(/([\d.e+]+) states, stored/),
    depth: number(/depth reached (\d+)/),
    megabytes: number(/([\d.]+)\s+total actual memory usage/),
    complete:
      !/Search not completed|max search depth too small|out of memory|reached -DMEMLIM/.test(
        stdout,
      ),
    said: /pan:1: (.*)/.exec(stdout)?.[1],
    reached: [...stdout.matchAll(/^reached: (.*)$/gm)].map((m) => m[1]),
    seconds,
  }
}

/** Runs the tasks, a few at a time, the longest of which should come first. */
async function inParallel(tasks) {
  const left = [...tasks]
  const worker = async () => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await task()
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
}

/** Every situation that a model marks with SEEN. */
function situations(model) {
  const text = readFileSync(join(folder, `${model.name}.pml`), 'utf8')
  return [...new Set([...text.matchAll(/SEEN\("([^"]+)"\)/g)].map((m) => m[1]))]
}

const say = (line) => {
  if (!options.json) console.log(line)
}
const chosen = models.filter((m) => options.only === undefined || m.name === options.only)
if (chosen.length === 0) {
  console.error(`there is no model '${options.only}': ${models.map((m) => m.name).join(', ')}`)
  process.exit(2)
}

const report = { quick: options.quick, runs: [], mutants: [], situations: [] }
const problems = []
const started = performance.now()

const runTasks = []
const mutantTasks = []
for (const model of chosen) {
  for (const run of model.runs) {
    const bounds = options.quick ? run.quick : run.bounds
    if (bounds === undefined) continue
    runTasks.push(async () => {
      const r = await check(model, bounds)
      report.runs.push({ model: model.name, name: run.name, bounds, ...r })
      if (r.errors !== 0 || !r.complete) {
        problems.push(`${model.name}: ${run.name}: ${r.said ?? 'the search was not completed'}`)
      }
      const figures = `${r.states.toLocaleString('en')} states, depth ${r.depth}, ${r.megabytes} MB, ${r.seconds.toFixed(1)} s`
      say(
        `${r.errors === 0 && r.complete ? 'holds ' : 'FAILS '} ${model.name}: ${run.name}: ${figures}`,
      )
    })
  }
  for (const mutant of model.mutants) {
    if (options.quick && mutant.slow) continue
    mutantTasks.push(async () => {
      const r = await check(model, mutant.bounds ?? {}, mutant.define)
      const caught = r.errors > 0
      report.mutants.push({ model: model.name, ...mutant, caught, by: r.said, seconds: r.seconds })
      if (!caught) problems.push(`${model.name}: mutant ${mutant.define} was not caught`)
      say(`${caught ? 'caught' : 'MISSED'} ${model.name}: ${mutant.says}`)
    })
  }
}
await inParallel(runTasks)
await inParallel(mutantTasks)

for (const model of chosen) {
  const reached = new Set(
    report.runs.filter((r) => r.model === model.name).flatMap((r) => r.reached),
  )
  const all = situations(model)
  for (const what of all) {
    report.situations.push({ model: model.name, what, reached: reached.has(what) })
    // The small bounds leave some out; the full run must reach every one.
    if (!options.quick && !reached.has(what)) problems.push(`${model.name}: never reached: ${what}`)
  }
  say(
    `${model.name}: ${all.filter((w) => reached.has(w)).length} of ${all.length} situations reached`,
  )
}

report.seconds = (performance.now() - started) / 1000
report.problems = problems
if (options.json) console.log(JSON.stringify(report, null, 2))
for (const problem of problems) console.error(problem)
const total = report.runs.reduce((sum, r) => sum + r.states, 0)
say(
  `${report.runs.length} runs, ${total.toLocaleString('en')} states; ` +
    `${report.mutants.filter((m) => m.caught).length} of ${report.mutants.length} mutants caught; ` +
    `${problems.length} problems; ${report.seconds.toFixed(0)} s`,
)
process.exitCode = problems.length === 0 ? 0 : 1
