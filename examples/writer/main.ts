// Publishes frames of a camera, a film, pictures or a test pattern: node build/examples/writer/main.js
import { createWriter, specOf } from 'framering'
import { everySecondUntil } from '../common/every-second.ts'
import { fail } from '../common/fail.ts'
import { interruptSignal } from '../common/interrupt.ts'
import { openSource } from './open-source.ts'
import { writerArguments } from './options.ts'
import { readersJoined } from './readers-joined.ts'
import { reportText, type WriterReport, writerReporter } from './report.ts'
import { tappedWriter } from './tapped-writer.ts'

async function main(): Promise<void> {
  const opened = await openSource(args, interrupted)
  await using source = opened.source
  const { fourcc, width, height } = source.format
  const check = opened.isPattern ? 'pattern' : args.checksum ? 'crc32' : 'none'

  using writer = createWriter(args.ring, {
    ...specOf(source.format),
    slots: args.slots,
    info: { source: opened.name, check },
  })
  say(`ring '${args.ring}': ${opened.name}, ${fourcc} ${width} × ${height}; Ctrl-C ends`, {
    ring: args.ring,
    source: opened.name,
    fourcc,
    width,
    height,
    check,
    locked: writer.locked,
  })
  await readersJoined(writer, args.waitReaders, interrupted)

  const complete = new AbortController()
  const tapped = tappedWriter(writer, {
    checksum: check === 'crc32',
    frames: args.frames,
    onEnd: () => {
      complete.abort()
    },
  })
  const report = writerReporter(() => writer.stats())
  const signal = AbortSignal.any([interrupted, complete.signal])
  await everySecondUntil(source.pump(tapped, { signal }), () => {
    sayReport(report())
  })
  const total = report()
  sayReport({ ...total, fps: total.published / total.seconds, done: true })
}

function sayReport(report: WriterReport & { done?: true }): void {
  say(reportText(report), report)
}

function say(text: string, json: object): void {
  console.log(args.json ? JSON.stringify(json) : text)
}

const args = writerArguments(process.argv.slice(2))
const interrupted = interruptSignal()
main().catch((error: unknown) => {
  if (!interrupted.aborted) fail(error)
})
