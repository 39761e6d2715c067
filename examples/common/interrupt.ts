import { fromEvent, type Observable, of } from 'rxjs'

/**
 * Aborted by the first Ctrl-C, SIGTERM or SIGHUP, and when whoever read stdout is gone (`reader | head`).
 * Later ones change nothing: a clean end takes milliseconds and must not be cut short.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, abort)
  process.stdout.on('error', abort)
  return controller.signal
}

/** Emits when `signal` is aborted, at once if it was before: for `takeUntil`. */
export function whenAborted(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? of(true) : fromEvent(signal, 'abort')
}
