import type { ServerResponse } from 'node:http'
import type { FrameringError } from '../errors/framering-error.ts'
import type { After } from './protocol.ts'
import type { Demand, RingFeed } from './ring-feed.ts'

const BOUNDARY = 'framering-next'

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
  let after: After | undefined
  while (!response.destroyed) {
    const picture = await ask(feed, response, { as: 'jpeg', quality, after })
    const { bytes, frame } = picture
    after = frame
    if (!response.headersSent) {
      response.writeHead(200, {
        'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
      })
      response.write(`--${BOUNDARY}\r\n`)
    }
    response.cork()
    response.write('Content-Type: image/jpeg\r\n')
    response.write(`Content-Length: ${bytes.length}\r\nX-Sequence: ${frame.sequence}\r\n\r\n`)
    response.write(bytes, () => {
      picture.release()
    })
    // At once, not with the next picture: a browser shows a part when it sees its end.
    response.write(`\r\n--${BOUNDARY}\r\n`)
    response.uncork()
    await drained(response)
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

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || !response.writableNeedDrain) {
      resolve()
      return
    }
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
