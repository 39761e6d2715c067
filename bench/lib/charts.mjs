// The charts of docs/performance.md, drawn without a browser.
import * as echarts from 'echarts'
import { SIZES } from './flags.mjs'

const WIDTH = 900
const HEIGHT = 520
/** Told apart by most eyes; as many as there are engines. */
const COLOURS = [
  ...['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'],
  ...['#8c564b', '#7f7f7f', '#9467bd', '#bcbd22', '#17becf', '#e377c2', '#1a55ff'],
]
const TIME_TITLE = 'µs'

/**
 * The charts that a run has rows for.
 *
 * @param {{ rows: object[] }} result
 * @returns {{ file: string, title: string, svg: string }[]}
 */
export function drawCharts({ rows }) {
  const measured = rows.filter((row) => row.ns && row.runs.length > 0)
  return [roundTripBySize, oneWayBySize, byReaders, percentiles]
    .map((chart) => chart(measured))
    .filter(({ series }) => series.length > 0)
    .map(({ file, title, x, y, series }) => ({ file, title, svg: draw(title, x, y, series) }))
}

function roundTripBySize(rows) {
  const chosen = rows.filter((row) => row.workload === 'ping-pong' && row.in_place)
  return {
    file: 'round-trip-by-size.svg',
    title: 'Round trip in place, p50',
    ...{ x: sizes(), y: log(TIME_TITLE), series: lines(chosen) },
  }
}

function oneWayBySize(rows) {
  const chosen = rows.filter(
    ({ workload, rate, readers, in_place, id }) =>
      workload === 'one-way' &&
      rate === 60 &&
      readers === 1 &&
      !in_place &&
      !id.includes('irregular'),
  )
  return {
    file: 'one-way-by-size.svg',
    title: 'One way at 60 Hz, every byte written and read, p50',
    ...{ x: sizes(), y: log(TIME_TITLE), series: lines(chosen) },
  }
}

function byReaders(rows) {
  const fan = rows.filter(({ workload }) => workload === 'fan-out')
  const asleep = fan.filter(({ blocking }) => blocking)
  const points = (all, ns) => all.map((row) => [row.readers, ns(row).p50 / 1000])
  const series = [
    { name: 'publish, readers asleep', points: points(asleep, (row) => row.ns) },
    { name: 'as many bare wakes', points: points(asleep, (row) => row.floor.ns) },
    {
      name: 'until a reader has the frame',
      points: points(asleep, (row) => row.others['publish to a reader']),
    },
    {
      name: 'publish, readers awake',
      points: points(
        fan.filter(({ blocking }) => !blocking),
        (row) => row.ns,
      ),
    },
  ]
  return {
    file: 'latency-by-readers.svg',
    title: 'What readers cost, p50',
    ...{ x: log('readers', 2), y: log(TIME_TITLE) },
    series: series.filter(({ points }) => points.length > 1),
  }
}

function percentiles(rows) {
  const of = (row) =>
    row.workload === 'one-way' &&
    row.bytes === 64 &&
    row.rate === 1000 &&
    row.in_place &&
    !row.engine.startsWith('floor:')
  const chosen = rows.filter(of)
  const curve = (ns) =>
    // 1 in so many is slower; the last point of a short row is its maximum and says nothing.
    ns.curve
      .filter(([p]) => p > 0 && p <= 100 - 100 / ns.count)
      .map(([p, time]) => [1 / (1 - p / 100), time / 1000])
  const floors = chosen
    .filter(({ floor }) => floor)
    .map(({ floor }) => ({ name: floor.name, points: curve(floor.ns) }))
  return {
    file: 'percentiles.svg',
    title: 'One way at 1000 Hz, 64 B: one in N is slower',
    ...{ x: log('N'), y: log(TIME_TITLE) },
    series: [...chosen.map((row) => ({ name: row.engine, points: curve(row.ns) })), ...floors],
  }
}

/** A line per engine over the sizes, in µs; a floor without a payload holds for every size. */
function lines(rows) {
  const engines = [...new Set(rows.map(({ engine }) => engine))]
  return engines
    .map((name) => ({ name, rows: rows.filter(({ engine }) => engine === name) }))
    .filter(({ name, rows }) => rows.length > 1 || name.startsWith('floor:'))
    .map(({ name, rows }) => ({
      name,
      points: rows.length > 1 ? rows.map(point) : across(rows[0]),
    }))
}

function point({ bytes, ns }) {
  return [Object.values(SIZES).indexOf(bytes), ns.p50 / 1000]
}

function across({ ns }) {
  return Object.keys(SIZES).map((_, index) => [index, ns.p50 / 1000])
}

function sizes() {
  return { type: 'category', data: Object.keys(SIZES), name: 'frame', boundaryGap: false }
}

function log(name, base = 10) {
  return { type: 'log', name, logBase: base }
}

function draw(title, x, y, series) {
  const chart = echarts.init(null, null, {
    ...{ renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT },
  })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 8 },
    color: COLOURS,
    // Without a browser the width of a text is a guess: room for a wrong one.
    legend: { type: 'plain', bottom: 4, itemGap: 36, width: WIDTH - 60 },
    grid: { left: 80, right: 30, top: 50, bottom: 60 + 26 * Math.ceil(series.length / 4) },
    xAxis: { ...x, nameLocation: 'middle', nameGap: 30, splitLine: { show: false } },
    yAxis: { ...y, nameLocation: 'middle', nameGap: 56 },
    series: series.map(({ name, points }) => ({
      ...{ name, type: 'line', data: points, symbolSize: points.length > 10 ? 0 : 7 },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}
