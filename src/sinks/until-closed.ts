import type { Writable } from 'node:stream'
import type { MonoTypeOperatorFunction } from 'rxjs'
import { catchError, EMPTY, Observable, takeUntil } from 'rxjs'
import { hungUp, isHangUp, streamFailed } from './stream-write.ts'

/** Completes when the other end of the stream hangs up, since a viewer that leaves is no failure. */
export function untilClosed<T>(stream: Writable): MonoTypeOperatorFunction<T> {
  const closed = new Observable<void>((subscriber) => {
    const onClose = (): void => {
      // A response has none.
      const errored = (stream as Partial<Writable>).errored ?? null
      if (errored === null || hungUp(errored)) subscriber.next()
      else subscriber.error(streamFailed(errored))
    }
    // Without a listener an error between two writes would end the process.
    const onError = (): void => undefined
    stream.on('close', onClose).on('error', onError)
    if (stream.closed) onClose()
    return () => {
      stream.off('close', onClose)
      // One that is being destroyed has its error still to tell, and that is told here already.
      if (!stream.destroyed) stream.off('error', onError)
    }
  })
  return (source) =>
    source.pipe(
      catchError((error: unknown) => {
        if (isHangUp(error)) return EMPTY
        throw error
      }),
      takeUntil(closed),
    )
}
