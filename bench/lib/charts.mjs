// The charts of docs/performance.md, drawn without a browser.
import * as echarts from 'echarts'

const WIDTH = 900
const HEIGHT = 520
const SIZE_TITLE = 'bytes of a frame'
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
    ...{ x: log(SIZE_TITLE), y: log(TIME_TITLE), series: lines(chosen, 'bytes') },
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
    ...{ x: log(SIZE_TITLE), y: log(TIME_TITLE), series: lines(chosen, 'bytes') },
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
    row.workload === 'one-way' && row.bytes === 64 && row.rate === 1000 && row.in_place
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

/** A line per engine over `key`, in µs. */
function lines(rows, key) {
  const engines = [...new Set(rows.map(({ engine }) => engine))]
  return engines
    .map((name) => {
      const own = rows.filter(({ engine }) => engine === name).sort((a, b) => a[key] - b[key])
      return { name, points: own.map((row) => [row[key], row.ns.p50 / 1000]) }
    })
    .filter(({ points, name }) => points.length > 1 || name.startsWith('floor:'))
    .map(({ name, points }) => ({
      name,
      points: points.length > 1 ? points : across(rows, key, points),
    }))
}

/** A floor without a payload holds for every size. */
function across(rows, key, [[, time]]) {
  const all = rows.map((row) => row[key])
  return [Math.min(...all), Math.max(...all)].map((x) => [x, time])
}

function log(name, base = 10) {
  return { type: 'log', name, logBase: base, nameLocation: 'middle', nameGap: 36 }
}

function draw(title, x, y, series) {
  const chart = echarts.init(null, null, {
    ...{ renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT },
  })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 8 },
    legend: { type: 'plain', bottom: 4 },
    grid: { left: 80, right: 30, top: 50, bottom: 50 + 26 * Math.ceil(series.length / 4) },
    xAxis: { ...x, splitLine: { show: false } },
    yAxis: { ...y, nameGap: 52 },
    series: series.map(({ name, points }) => ({
      ...{ name, type: 'line', data: points, symbolSize: points.length > 10 ? 0 : 7 },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}
