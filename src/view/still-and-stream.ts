import type { ServerResponse } from 'node:http'
import type { FrameringError } from '../errors/framering-error.ts'
import { Multipart } from '../sinks/multipart.ts'
import type { After } from './protocol.ts'
import type { Demand, RingFeed } from './ring-feed.ts'

interface Picture {
  readonly bytes: Buffer
  readonly frame: After
  release(): void
}

/** Sends the next frame as PNG; `X-Sequence` says which. */
export async function sendSnapshot(feed: RingFeed, response: ServerResponse): Promise<void> {
  const picture = await ask(feed, response, { as: 'png', quality: 100, after: undefined })
  response.writeHead(200, {
    'content-type': 'image/png',
    'content-length': picture.bytes.length,
    'x-sequence': picture.frame.sequence,
  })
  response.end(picture.bytes, () => {
    picture.release()
  })
}

/**
 * multipart/x-mixed-replace, a JPEG a part with its sequence as `X-Sequence`. A browser gets its next
 * picture when the one before is out: slow ones skip frames, nothing piles up.
 */
export async function sendStream(
  feed: RingFeed,
  response: ServerResponse,
  quality: number,
): Promise<void> {
  const multipart = new Multipart(response)
  let after: After | undefined
  while (!response.destroyed) {
    const picture = await ask(feed, response, { as: 'jpeg', quality, after })
    after = picture.frame
    // Not before: what cannot be encoded has a status of its own.
    multipart.begin()
    const part = multipart.part(picture.bytes, after.sequence)
    picture.release()
    await multipart.write(part)
  }
}

function ask(
  feed: RingFeed,
  response: ServerResponse,
  what: Pick<Demand, 'as' | 'quality' | 'after'>,
): Promise<Picture> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      feed.cancel(demand)
      reject(new Error('the other side has gone'))
    }
    const demand: Demand = {
      ...what,
      deliver: (message, { session, sequence, headBytes }) => {
        response.off('close', gone)
        resolve({
          bytes: message.bytes.subarray(headBytes),
          frame: { session, sequence },
          release: () => {
            message.release()
          },
        })
      },
      refuse: (error: FrameringError) => {
        response.off('close', gone)
        reject(error)
      },
    }
    response.once('close', gone)
    feed.want(demand)
  })
}
