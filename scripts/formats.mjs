// Writes the table of docs/formats.md out of the one in src/format/fourcc.ts: `npm run setup` first.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const PAGE = fileURLToPath(new URL('../docs/formats.md', import.meta.url))
const BEGIN = '<!-- table: node scripts/formats.mjs -->'
const END = '<!-- end of table -->'

const code = (text) => (text === undefined ? '–' : `\`${text}\``)

/** Bytes of a pixel, or of a block of columns × rows. */
function planesOf({ opaque, planes }) {
  if (opaque) return '–'
  return planes
    .map(({ bytes, across, down }) => `${bytes} B / ${across}×${down}`)
    .join(', ')
    .replaceAll(/(\d+ B) \/ 1×1/g, '$1')
}

function chromaOf({ chroma }) {
  if (chroma === undefined) return '–'
  const { across, down, x, y, sampleLocType } = chroma
  const type = sampleLocType === undefined ? '' : `, type ${sampleLocType}`
  return `${across}×${down} at (${x}, ${y})${type}`
}

/**
 * The page with its table made anew, as prettier leaves it.
 *
 * @param {string} page
 * @param {readonly any[]} rows
 * @returns {Promise<string>}
 */
export async function withTable(page, rows) {
  const head = [
    ...['fourcc', 'also', 'ffmpeg `pixFmt`', '`gstreamer`', '`ros`', 'model', 'array'],
    ...['planes', 'chroma'],
  ]
  const lines = rows.map((row) => [
    code(row.fourcc),
    row.aliases.map(code).join(', ') || '–',
    code(row.pixFmt),
    code(row.gstreamer),
    code(row.ros),
    row.model,
    row.channels === 1 ? row.dtype : `${row.dtype} ×${row.channels}`,
    planesOf(row),
    chromaOf(row),
  ])
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`)
  const whole = [before, BEGIN, '\n\n', table.join('\n'), '\n\n', END, after].join('')
  return format(whole, { ...(await resolveConfig(PAGE)), parser: 'markdown' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { FOURCCS } = await import('../dist/index.js')
  writeFileSync(PAGE, await withTable(readFileSync(PAGE, 'utf8'), FOURCCS))
}
