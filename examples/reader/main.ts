// Receives frames, shows and checks them: node build/examples/reader/main.js --serve
import { frames } from 'framering'
import { take, takeUntil } from 'rxjs'
import { everySecondUntil } from '../common/every-second.ts'
import { fail } from '../common/fail.ts'
import { interruptSignal, whenAborted } from '../common/interrupt.ts'
import { Counter, type Figures, figuresText } from './figures.ts'
import { isWhole } from './is-whole.ts'
import { openLivePage } from './live-page.ts'
import { readerArguments } from './options.ts'
import { Pictures } from './pictures.ts'
import { writeSnapshot } from './snapshot.ts'

async function main(): Promise<void> {
  const { ring, delivery, verify } = args
  const counter = new Counter(verify)
  const pictures = new Pictures()
  let latest = counter.interval()
  const stats = (viewers: number): object => ({ ring, delivery, viewers, ...latest })
  await using page = args.serve ? await openLivePage(pictures, stats, args.port) : undefined
  say(`reading '${ring}' (${delivery})${page ? `, shown at ${page.url}` : ''}; Ctrl-C ends`, {
    ring,
    delivery,
    url: page?.url,
  })
  const snapshot = args.snapshot && writeSnapshot(pictures, args.snapshot).catch(fail)
  const received = frames(ring, { delivery, wait: true, reconnect: !args.once })
    .pipe(take(args.frames), takeUntil(whenAborted(interrupted)))
    .forEach((frame) => {
      counter.count(frame, !verify || isWhole(frame))
      pictures.offer(frame)
    })
  await everySecondUntil(received, () => {
    latest = counter.interval()
    sayFigures(latest)
  })

  pictures.close()
  await snapshot
  sayFigures({ ...counter.total(), done: true })
  if (counter.torn > 0) process.exitCode = 1
}

function sayFigures(figures: Figures & { done?: true }): void {
  say(figuresText(figures), figures)
}

function say(text: string, json: object): void {
  console.log(args.json ? JSON.stringify(json) : text)
}

const args = readerArguments(process.argv.slice(2))
const interrupted = interruptSignal()
main().catch(fail)
