// The other process of `framering bench`: gets an Order, says that it is ready, and tells what it found
// when the ring ends.
import { Socket } from 'node:net'
import { frames } from '../../frames/index.ts'
import { now, openReader } from '../../ring/index.ts'
import { open } from '../../sharedmem/index.ts'
import type { Found, Order } from './two-processes.ts'

const SPINS = 4096 // looks between two at whether the other side still lives

process.once('disconnect', () => process.exit())
process.once('message', (message) => {
  const order = message as Order
  if (order.how === 'event') wait(order)
  else poll(order)
})

/** Sleeps until it is woken: by the ring, and by a pipe. */
function wait({ ring, directory }: Order): void {
  const own: number[] = []
  const floor: number[] = []
  const pipe = new Socket({ fd: 4 })
  let rest = Buffer.alloc(0)
  pipe.on('data', (bytes: Buffer) => {
    const at = now()
    rest = Buffer.concat([rest, bytes])
    for (; rest.length >= 8; rest = rest.subarray(8)) floor.push(at - rest.readDoubleLE(0))
  })
  frames(ring, { directory }).subscribe({
    next: (frame) => {
      own.push(now() - frame.captureTime)
    },
    complete: () => {
      tell({ own, floor })
    },
  })
  // Only when it has joined: what is published before would be measured from then on.
  setImmediate(ready)
}

/** Never sleeps: looks for a frame, then for the word to change, and so on. */
function poll({ ring, directory, word }: Order): void {
  const own: number[] = []
  const floor: number[] = []
  using reader = openReader(ring, { directory, replay: 0 })
  const { data } = open(word) as { data: Float64Array }
  const turns = new Int32Array(data.buffer, data.byteOffset, 1)
  ready()
  const parent = process.ppid
  let spins = 0
  // Nothing is heard from the event loop here, not even that the other side is gone.
  const alone = (): boolean => ++spins % SPINS === 0 && process.ppid !== parent
  for (;;) {
    let frame = reader.tryNext()
    while (frame === null) {
      if (reader.ended) {
        tell({ own, floor })
        return
      }
      if (alone()) process.exit()
      frame = reader.tryNext()
    }
    own.push(now() - frame.captureTime)
    // The word turns after each frame. If it has already, this process slept, and saw neither in time.
    const { sequence } = frame
    frame.release()
    const late = Atomics.load(turns, 0) >= sequence
    while (Atomics.load(turns, 0) < sequence) if (alone()) process.exit()
    if (!late) floor.push(now() - data[1]!)
  }
}

function ready(): void {
  process.send?.('ready')
}

/** The other side ends this process: an end of its own could overtake what it told. */
function tell(found: Found): void {
  process.send?.(found)
}
