#!/usr/bin/env node
// npm run bench: every row, one after another, each in processes of its own.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../native/compile.mjs'
import { setup } from '../scripts/setup.mjs'

const HELP = `npm run bench -- [options]

  --quick       fewer rows and samples: under 3 minutes
  --runs N      how often every row is run; 5 unless said, 1 with --quick. Medians are shown
  --only NAME   rows whose name contains it; several times: any of them. --list shows the names
  --pin         writer on processor 0, reader on processor 1
  --json FILE   the result, for --from and bench/targets.mjs
  --from FILE   nothing is run: shows that result; several times: their rows together, a row of a later
                file in place of the same one of an earlier
  --docs        writes docs/performance.md and its charts
  --list        names of the rows, nothing else

Each row is a command of its own as well: see bench/README.md.
`
/** A row that goes on for so long hangs: ms. */
const PATIENCE = 600_000

const options = {
  quick: { type: 'boolean', default: false },
  runs: { type: 'string' },
  only: { type: 'string', multiple: true, default: [] },
  pin: { type: 'boolean', default: false },
  json: { type: 'string' },
  from: { type: 'string', multiple: true, default: [] },
  docs: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

let running
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    running?.kill('SIGTERM')
    process.exit(1)
  })
}
let asked
try {
  asked = parseArgs({ options }).values
} catch (error) {
  console.error(`${error.message}\n\n${HELP}`)
  process.exit(1)
}
process.exitCode = await main(asked)

async function main(values) {
  if (values.help) return say(HELP)
  await setup(progress)
  // Only now: they need packages that may just have been installed.
  const { planRows } = await import('./rows.mjs')
  const wanted = ({ id }) => values.only.length === 0 || values.only.some((o) => id.includes(o))
  const plans = planRows(values).filter(wanted)
  if (values.list) return say(plans.map(({ id }) => id).join('\n'))
  if (plans.length === 0) return complain(`no row's name contains ${values.only.join(' or ')}`)
  const result =
    values.from.length === 0 ? await measure(plans, values) : await readResults(values.from)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result)}\n`)
  await show(result)
  if (values.docs) {
    const { writeDocs } = await import('./lib/docs.mjs')
    say(`written: ${(await writeDocs(result)).join(', ')}`)
  }
  return result.rows.some(({ failed }) => failed !== undefined) ? 1 : 0
}

async function measure(plans, { quick, runs: asked, pin }) {
  const { buildBench } = await import('./lib/native.mjs')
  const { describeMachine } = await import('./lib/machine.mjs')
  const { mergeRuns } = await import('./lib/result.mjs')
  await buildBench(progress)
  const runs = asked === undefined ? (quick ? 1 : 5) : Number(asked)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a count, not '${asked}'`)
  const machine = describeMachine({ pin })
  if (loadavg()[0] > 0.5) progress(`the machine is busy: load average ${loadavg()[0].toFixed(2)}`)
  const started = Date.now()
  const lines = new Map(plans.map(({ id }) => [id, []]))
  // Whole runs one after the other: what the machine does meanwhile meets all rows alike.
  for (let run = 1; run <= runs; run++) {
    for (const [index, plan] of plans.entries()) {
      const before = Date.now()
      lines.get(plan.id).push(await runPlan(plan))
      const took = ((Date.now() - before) / 1000).toFixed(1)
      progress(`run ${run}/${runs}, row ${index + 1}/${plans.length}, ${took} s: ${plan.id}`)
    }
  }
  const rows = plans.map((plan) => mergeRuns(plan, lines.get(plan.id)))
  const seconds = Math.round((Date.now() - started) / 1000)
  return { machine: { ...machine, 'load average after': loads() }, quick, pin, runs, seconds, rows }
}

function loads() {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')
}

/** The row's line, or { failed } with what it said. */
function runPlan({ script, args }) {
  if (!existsSync(join(root, script))) return { missing: `there is no ${script}` }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE },
    })
    running = child
    let said = ''
    let complained = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (complained += text))
    child.on('error', (error) => resolve({ failed: error.message }))
    child.on('close', (code, signal) => {
      try {
        if (code === 0) return resolve(JSON.parse(said))
      } catch {
        complained = `no line of JSON: ${said.slice(0, 200)}`
      }
      resolve({ failed: complained.trim() || `ended with ${signal ?? code}` })
    })
  })
}

async function readResults(files) {
  const { readFileSync } = await import('node:fs')
  const { joinResults } = await import('./lib/result.mjs')
  return joinResults(files.map((file) => JSON.parse(readFileSync(file, 'utf8'))))
}

async function show(result) {
  const { HEAD, figureLines, problems, tableRows } = await import('./lib/report.mjs')
  const { formatTable } = await import('./lib/table.mjs')
  const { targetTable, targets } = await import('./targets.mjs')
  const facts = { ...result.machine, runs: result.runs, seconds: result.seconds }
  for (const [name, value] of Object.entries(facts)) say(`${name}: ${value}`)
  const tables = [
    [HEAD, tableRows(result)],
    [['row', 'figures'], figureLines(result)],
    [['row', 'not measured'], problems(result)],
  ]
  for (const [head, rows] of tables) if (rows.length > 0) say(`\n${formatTable(head, rows)}`)
  say(`\n${targetTable(targets(result))}`)
}

function say(text) {
  console.log(text)
  return 0
}

function complain(text) {
  console.error(text)
  return 1
}

/** Not part of the output: a pipe gets the tables alone. */
function progress(line) {
  console.error(line)
}
