// What conversions cost: `node bench/convert.mjs [--json] [--runs 200]`.
//
// framering's are convertSync into memory that is there already, as medians; libyuv's the same functions
// called directly, in turn with those and on the same memory; ffmpeg's the processor time that a filter graph with the conversion takes beyond one
// without, of one thread, for each frame. All on the same sizes, one after the other.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { convertSync, converters, toTensorSync } from 'framering/convert'
import { fourccInfo, resolveFormat } from 'framering'
import { useOwnOnly } from '../dist/convert/converters.js'
import { buildBench, yuvDirect as loadDirect } from './lib/native.mjs'

const SIZES = [
  [640, 480],
  [1920, 1080],
]
/** Of libyuv called directly: what the issue asks for. */
const BOUND = 1.2
const FFMPEG_FRAMES = 60
/** Until the compiler has seen enough of what is around the conversion: microseconds, at first tens of them. */
const WARM_UP = 600

const small = ([width, height]) => ({ size: { width: width / 2, height: height / 2 } })
const PAIRS = [
  { name: 'I420-RGB3' },
  { name: 'I420-BGRA' },
  { name: 'NV12-RGB3' },
  { name: 'YUYV-BGRA' },
  { name: 'YUYV-RGB3' },
  { name: 'YUYV-I420' },
  { name: 'YUYV-NV12' },
  { name: 'YUYV-GREY' },
  { name: 'RGB3-I420' },
  { name: 'BGRA-I420' },
  { name: 'RGB3-NV12' },
  { name: 'RGB3-BGRA' },
  { name: 'RGB3-GREY' },
  { name: 'RGGB-RGB3' },
  { name: 'RG16-RGB3' },
  { name: 'Y16-GREY' },
  { name: 'Z16-RGB3', ffmpeg: false },
  { name: 'RGB3-RGB3', label: 'RGB3 area ½', options: small, filter: 'scale=iw/2:ih/2:flags=area' },
  { name: 'I420-I420', label: 'I420 area ½', options: small, filter: 'scale=iw/2:ih/2:flags=area' },
  {
    name: 'RGB3-RGB3',
    label: 'RGB3 nearest ½',
    options: (size) => ({ ...small(size), filter: 'nearest' }),
    filter: 'scale=iw/2:ih/2:flags=neighbor',
  },
  {
    name: 'RGB3-RGB3',
    label: 'RGB3 turned 90°',
    options: () => ({ rotate: 90 }),
    filter: 'transpose=1',
  },
]

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, runs: { type: 'string', default: '200' } },
})
const runs = Number(values.runs)
await buildBench()
const yuvDirect = loadDirect()

/** ms, the median of each way; they take turns, so that all meet the same machine. */
function medians(ways) {
  const times = ways.map(() => [])
  for (let i = 0; i < runs + WARM_UP; i++) {
    ways.forEach((run, k) => {
      const start = performance.now()
      run()
      if (i >= WARM_UP) times[k].push(performance.now() - start)
    })
  }
  return times.map((took) => took.sort((a, b) => a - b)[took.length >> 1])
}

/** Processor time of one run in ms; undefined without ffmpeg, or where it has no such conversion. */
function ffmpegTime(file, pixFmt, [width, height], filter) {
  const input = ['-threads', '1', '-f', 'rawvideo', '-pix_fmt', pixFmt, '-s', `${width}x${height}`]
  const output = ['-i', file, '-vf', filter, '-threads', '1', '-f', 'null', '-']
  const { stderr, status } = spawnSync(
    'ffmpeg',
    ['-v', 'info', '-benchmark', '-filter_threads', '1', ...input, ...output],
    { encoding: 'utf8' },
  )
  const time = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr ?? '')
  return status === 0 && time ? 1000 * (Number(time[1]) + Number(time[2])) : undefined
}

function ffmpegCost(folder, data, pixFmt, size, filter) {
  const file = join(folder, 'frames.raw')
  writeFileSync(file, Buffer.concat(Array(FFMPEG_FRAMES).fill(data)))
  const costs = [0, 1, 2].map(() => {
    const without = ffmpegTime(file, pixFmt, size, 'null')
    const withIt = ffmpegTime(file, pixFmt, size, filter)
    return without === undefined || withIt === undefined ? NaN : (withIt - without) / FFMPEG_FRAMES
  })
  return costs.sort((a, b) => a - b)[1]
}

const folder = mkdtempSync(join(tmpdir(), 'framering-bench-convert-'))
const rows = []
try {
  for (const size of SIZES) {
    const [width, height] = size
    for (const { name, label = name, options, filter, ffmpeg = true } of PAIRS) {
      const [from, to] = name.split('-')
      const format = resolveFormat({ format: { fourcc: from, width, height } })
      const data = new Uint8Array(format.bytes).map((_, i) => (i * 2654435761) >>> 24)
      const source = { data, fourcc: from, width, height }
      const given = { to, ...options?.(size) }
      const into = convertSync(source, given).data
      const asked = { ...given, into }
      const work = () => convertSync(source, asked)
      const direct = () => yuvDirect(label, data, into, width, height)
      const [framering, libyuv] = medians(direct() ? [work, direct] : [work])
      useOwnOnly(true)
      const [own] = medians([work])
      useOwnOnly(false)
      const pixFmt = fourccInfo(from).pixFmt
      const graph = filter ?? `format=${fourccInfo(to).pixFmt}`
      rows.push({
        size: `${width}x${height}`,
        conversion: label,
        framering,
        own,
        libyuv,
        ffmpeg: ffmpeg ? ffmpegCost(folder, data, pixFmt, size, graph) : undefined,
      })
    }
    const source = { data: new Uint8Array(width * height * 3), fourcc: 'RGB3', width, height }
    const into = new Float32Array(width * height * 3)
    const [framering] = medians([() => toTensorSync(source, { into })])
    rows.push({
      size: `${width}x${height}`,
      conversion: 'RGB3 to tensor',
      framering,
      own: framering,
    })
  }
} finally {
  rmSync(folder, { recursive: true })
}

if (values.json) {
  console.log(JSON.stringify({ converters: converters(), rows }, null, 2))
} else {
  const cell = (ms) => (ms === undefined || Number.isNaN(ms) ? '–' : ms.toFixed(3)).padStart(9)
  const times = (a, b) => (b === undefined || !(b > 0) ? '' : `${(a / b).toFixed(2)} ×`).padStart(9)
  console.log(`ms a picture; ${JSON.stringify(converters())}`)
  console.log(
    'size       conversion       framering       own    libyuv    ffmpeg  /libyuv  /ffmpeg',
  )
  for (const { size, conversion, framering, own, libyuv, ffmpeg } of rows) {
    const figures = [framering, own, libyuv, ffmpeg].map(cell).join(' ')
    const ratios = `${times(framering, libyuv)}${times(framering, ffmpeg)}`
    const slow = libyuv !== undefined && framering > BOUND * libyuv ? ` over ${BOUND} ×` : ''
    console.log(`${size.padEnd(10)} ${conversion.padEnd(15)} ${figures}${ratios}${slow}`)
  }
}
