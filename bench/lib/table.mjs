// Tables of text, for the terminal and for Markdown.

/** '0.42 µs', '17.9 µs', '3.70 ms': three digits. */
export function micros(ns) {
  if (!Number.isFinite(ns)) return '–'
  if (Math.abs(ns) >= 1e9) return `${(ns / 1e9).toPrecision(3)} s`
  if (Math.abs(ns) >= 999_500) return `${digits(ns / 1e6)} ms`
  return `${digits(ns / 1e3)} µs`
}

/** Three digits, without an exponent and without more than two behind the point. */
function digits(figure) {
  const size = Math.abs(figure)
  return figure.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)
}

/**
 * Columns side by side; those that look like figures to the right.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function formatTable(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)))
  const line = (cells) =>
    cells
      .map((cell, i) => (isFigure(rows, i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** The same as Markdown. */
export function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, i) => (isFigure(rows, i) ? '---:' : '---'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function isFigure(rows, column) {
  return (
    rows.length > 0 &&
    rows.every((row) => /^([\d–-]|$)/.test(row[column]) && row[column].length < 12)
  )
}
