import { availableParallelism, cpus } from 'node:os'
import { Command, Option } from 'commander'
import { copyIn, calls, type BenchRun } from '../bench/one-process.ts'
import type { BenchRow } from '../bench/row.ts'
import { latency } from '../bench/two-processes.ts'
import type { CommonFlags } from '../flags.ts'
import { examples, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'
import { formatOfSpec, type Size, size } from '../format-flags.ts'
import { type Column, table } from '../table.ts'

interface Flags extends CommonFlags {
  readonly size: Size
  readonly quick?: true
}

const ROW = 2000 // ms
const QUICK = 150

/** `framering bench`: what framering costs on this machine, beside the simplest thing of its kind. */
export function command(io: Io): Command {
  const bench = new Command('bench')
    .description(
      'Measure this machine in ten seconds: copying frames in, the cost of the calls, and the time to ' +
        'another process. Each figure stands beside that of the simplest thing of its kind, its floor, ' +
        'measured in turn with it: what else runs meanwhile slows both.',
    )
    .addOption(
      new Option('--size <WxH>', 'pixels of the RGB frames that are copied')
        .argParser(size)
        .default({ width: 1920, height: 1080 }, '1920x1080'),
    )
    .option('--quick', 'two seconds instead of ten: a rough idea')
  withJson(bench, 'everything as a line of JSON')
  return withDirectory(bench)
    .addHelpText(
      'after',
      examples(
        ['framering bench', 'a table'],
        ['framering bench --size 640x480', 'with smaller frames'],
        ["framering bench --json | jq '.rows[].ratio'", 'for scripts'],
      ),
    )
    .action((flags: Flags) => measure(io, flags))
}

async function measure(io: Io, { size: picture, quick, directory, json }: Flags): Promise<void> {
  const run: BenchRun = {
    name: `bench-${process.pid}`,
    ms: quick ? QUICK : ROW,
    ...{ directory, signal: io.signal },
  }
  const spec = { format: { fourcc: 'RGB3', ...picture } }
  const { bytes } = formatOfSpec(spec)
  const cores = availableParallelism()
  const rows = [await copyIn(run, spec), ...(await calls(run)), await latency(run, 'event')]
  // Two processes that never sleep need a core each.
  if (cores > 1) rows.push(await latency(run, 'polling'))
  if (io.signal.aborted) return
  const cpu = cpus()[0]?.model ?? null
  const bytesPerSecond = (bytes / rows[0]!.median) * 1000
  if (json) {
    await io.json({ cpu, cores, node: process.version, frameBytes: bytes, bytesPerSecond, rows })
    return
  }
  const named = `${picture.width} × ${picture.height} RGB3, ${(bytesPerSecond / 1e9).toFixed(1)} GB/s`
  for (const line of table(COLUMNS, rows.map(cells))) await io.line(line)
  await io.line('')
  await io.line(`${cpu ?? 'unknown processor'}, ${cores} cores, Node ${process.version}; ${named}`)
  if (cores === 1) await io.line('polling is left out: it needs two cores')
}

const COLUMNS: readonly Column[] = [
  { head: 'WHAT' },
  { head: 'MEDIAN', right: true },
  { head: 'P99', right: true },
  { head: 'FLOOR', right: true },
  { head: 'RATIO', right: true },
  { head: 'THE FLOOR IS' },
]

function cells({ what, median, p99, floor, ratio }: BenchRow): string[] {
  return [what, time(median), time(p99), time(floor.median), ratio.toFixed(2), floor.what]
}

/** ms as people read it. */
function time(ms: number): string {
  if (ms >= 1) return `${ms.toFixed(2)} ms`
  return ms >= 0.001 ? `${(ms * 1000).toFixed(2)} µs` : `${(ms * 1e6).toFixed(0)} ns`
}
