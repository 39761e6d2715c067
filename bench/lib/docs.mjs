// docs/performance.md and its charts out of a run. What stands outside the markers is written by hand
// and stays.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { root } from '../../native/compile.mjs'
import { targets } from '../targets.mjs'
import { drawCharts } from './charts.mjs'
import { HEAD, figureLines, problems, tableRows } from './report.mjs'
import { markdownTable } from './table.mjs'

const PAGE = join(root, 'docs/performance.md')
const IMAGES = join(root, 'docs/images')

/**
 * Writes the page and the charts.
 *
 * @param {{ machine: object, runs: number, rows: object[] }} result
 * @returns {Promise<string[]>} the files written
 * @throws Error when the page lacks a marker
 */
export async function writeDocs(result) {
  const charts = drawCharts(result)
  mkdirSync(IMAGES, { recursive: true })
  for (const { file, svg } of charts) writeFileSync(join(IMAGES, file), svg)
  const page = fill(readFileSync(PAGE, 'utf8'), {
    machine: machine(result),
    targets: targetSection(result),
    charts: charts.map(({ file, title }) => `![${title}](images/${file})`).join('\n\n'),
    rows: rowSection(result),
  })
  const style = await resolveConfig(PAGE)
  writeFileSync(PAGE, await format(page, { ...style, filepath: PAGE }))
  return [PAGE, ...charts.map(({ file }) => join(IMAGES, file))]
}

/**
 * Puts each section between its markers.
 *
 * ```js
 * fill('<!-- bench: rows -->\n<!-- /bench -->\n', { rows: 'none' })
 * ```
 *
 * @param {string} page
 * @param {Record<string, string>} sections
 */
export function fill(page, sections) {
  for (const [name, text] of Object.entries(sections)) {
    const start = `<!-- bench: ${name} -->`
    const from = page.indexOf(start)
    const to = page.indexOf('<!-- /bench -->', from)
    if (from < 0 || to < 0) throw new Error(`the page lacks the markers of ${name}`)
    page = `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`
  }
  return page
}

function machine({ machine: facts, runs, quick, full = 0, rows: { length } }) {
  const longer = full > 0 ? `; ${full} of ${length} rows in full` : ''
  const rows = Object.entries({ ...facts, runs: `${runs}${quick ? `, quick${longer}` : ''}` })
  return markdownTable(
    ['', ''],
    rows.map(([name, value]) => [name, `${value}`]),
  )
}

function targetSection(result) {
  const verdict = (met) => (met === undefined ? 'not measured' : met ? 'met' : '**not met**')
  return markdownTable(
    ['target', 'what', 'limit', 'measured', ''],
    targets(result).map(({ target, what, limit, figure, met }) => [
      ...[`${target}`, what, limit, figure, verdict(met)],
    ]),
  )
}

function rowSection(result) {
  const absent = problems(result)
  return [
    markdownTable(HEAD, tableRows(result)),
    markdownTable(['row', 'figures'], figureLines(result)),
    ...(absent.length > 0 ? [markdownTable(['row', 'not measured'], absent)] : []),
  ].join('\n\n')
}
