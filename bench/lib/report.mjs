// A run's rows as a table.
import { floorOf, floorRatio, ratio } from './result.mjs'
import { micros } from './table.mjs'

export const HEAD = ['row', 'p50', 'p90', 'p99', 'p99.9', 'max', '× floor', 'CPU w', 'CPU r']

/** @param {{ rows: object[] }} result */
export function tableRows({ rows }) {
  return rows.filter((row) => row.ns).map((row) => [row.id, ...figures(row, rows)])
}

/** @returns {string[]} the cells after the first, as HEAD names them */
function figures(row, rows) {
  const { p50, p90, p99, p999, max } = row.ns
  const floor = floorOf(row, rows)
  const by = row.floor ? floorRatio(row) : floor ? ratio(row, floor) : NaN
  const { writer, reader } = row.cpu_percent
  return [
    ...[p50, p90, p99, p999, max].map(micros),
    Number.isNaN(by) ? '–' : by.toPrecision(3),
    ...[writer, reader].map((share) => (share === undefined ? '–' : `${share.toFixed(0)} %`)),
  ]
}

/** Rows that have other figures than times, as lines. */
export function figureLines({ rows }) {
  return rows
    .filter(({ figures }) => figures)
    .map(({ id, figures }) => [
      id,
      Object.entries(figures)
        .map(([name, value]) => `${name.replaceAll('_', ' ')} ${short(value)}`)
        .join(', '),
    ])
}

function short(value) {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(3))}`
}

/** Rows without figures: why. */
export function problems({ rows }) {
  return rows
    .filter(({ missing, failed }) => missing ?? failed)
    .map(({ id, missing, failed }) => [id, missing ? `missing: ${missing}` : `FAILED: ${failed}`])
}
