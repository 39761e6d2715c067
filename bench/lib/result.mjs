// Several runs of the same rows, made one: medians of the runs, and ratios taken within each run.
import { median } from './summary.mjs'

const PERCENTILES = ['min', 'p50', 'p90', 'p99', 'p999', 'max', 'mean']

/**
 * One row over all runs: medians of its figures; curve and all the rest of the run whose p50 is the
 * middle one. A row that failed or was missing in some run is told so, with the others left out.
 *
 * @param {{ id: string, engine: string }} plan
 * @param {object[]} lines what each run printed
 */
export function mergeRuns({ id, engine }, lines) {
  const found = lines.filter((line) => line.missing === undefined && line.failed === undefined)
  if (found.length < lines.length) {
    const odd = lines.find((line) => !found.includes(line))
    return { id, engine, ...odd, runs: [] }
  }
  const sorted = [...found].sort((a, b) => (a.ns?.p50 ?? 0) - (b.ns?.p50 ?? 0))
  const middle = sorted[(sorted.length - 1) >> 1]
  return {
    ...{ id, engine },
    ...middle,
    ns: middle.ns && medians(found.map(({ ns }) => ns)),
    ...(middle.floor && {
      floor: {
        ...middle.floor,
        ns: medians(
          found.map(({ floor }) => floor.ns),
          middle.floor.ns,
        ),
      },
    }),
    ...(middle.figures && { figures: medianOf(found.map(({ figures }) => figures)) }),
    cpu_percent: cpuPercent(found),
    // Without the curves: of each run only what ratios are taken from.
    runs: found.map(({ ns, floor, others, figures }) => ({
      ns: ns && bare(ns),
      floor: floor && bare(floor.ns),
      others: others && Object.fromEntries(Object.entries(others).map(([k, v]) => [k, bare(v)])),
      figures,
    })),
  }
}

/**
 * Results of several times made one: what the first says of the machine, and of each row what the last says
 * that has it. `full`: how many rows were not run as --quick does.
 *
 * @param {{ quick: boolean, seconds: number, rows: { id: string }[] }[]} results
 */
export function joinResults(results) {
  const rows = new Map()
  for (const { rows: some, quick } of results) {
    for (const row of some) rows.set(row.id, { row, quick })
  }
  const joined = [...rows.values()]
  return {
    ...results[0],
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
    full: joined.filter(({ quick }) => !quick).length,
    rows: joined.map(({ row }) => row),
  }
}

/**
 * The ratio of two rows' p50 (or of another figure): the median of the ratios of each run.
 *
 * @param {object} row
 * @param {object} other
 * @param {string} figure
 */
export function ratio(row, other, figure = 'p50') {
  const count = Math.min(row.runs.length, other.runs.length)
  if (count === 0) return NaN
  return median(
    Array.from({ length: count }, (_, i) => row.runs[i].ns[figure] / other.runs[i].ns[figure]),
  )
}

/** As `ratio`, against the floor that the row carries in itself. */
export function floorRatio(row, figure = 'p50') {
  const ratios = row.runs
    .filter((run) => run.floor)
    .map((run) => run.ns[figure] / run.floor[figure])
  return ratios.length === 0 ? NaN : median(ratios)
}

/**
 * Which row is the floor of another that does not carry one in itself.
 *
 * @param {object} row
 * @param {object[]} rows
 */
export function floorOf(row, rows) {
  if (row.engine.startsWith('floor:') || !row.ns) return undefined
  const of = (engine, rate) =>
    rows.find((r) => r.engine === engine && r.runs.length > 0 && (rate ?? r.rate) === r.rate)
  if (row.workload === 'ping-pong')
    return of(row.blocking ? 'floor: semaphores' : 'floor: cache line')
  if (row.workload === 'one-way') {
    return of('floor: fd wake-up', row.rate) ?? of('floor: fd wake-up')
  }
  return undefined
}

function medians(all) {
  const sorted = [...all].sort((a, b) => a.p50 - b.p50)
  const { curve } = sorted[(sorted.length - 1) >> 1]
  const count = sorted.reduce((sum, ns) => sum + ns.count, 0)
  const figures = PERCENTILES.map((key) => [key, median(all.map((ns) => ns[key]))])
  return { count, ...Object.fromEntries(figures), curve }
}

function medianOf(all) {
  return Object.fromEntries(
    Object.keys(all[0]).map((key) => [key, median(all.map((figures) => figures[key]))]),
  )
}

/** Of one processor, each side, over the time the row took. */
function cpuPercent(found) {
  const sides = {}
  for (const side of ['writer', 'reader']) {
    const all = found.filter(({ cpu, seconds }) => cpu?.[side] !== undefined && seconds > 0)
    if (all.length > 0) {
      sides[side] = median(all.map(({ cpu, seconds }) => (100 * cpu[side]) / seconds))
    }
  }
  return sides
}

function bare(ns) {
  return { ...ns, curve: undefined }
}
