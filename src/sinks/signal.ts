import { aborted, signalOption } from '../options/index.ts'

/** `signal` if it is one or left out. Throws `OPTION_INVALID` otherwise, `ABORTED` when it is aborted. */
export function liveSignal(signal: AbortSignal | undefined, what: string): AbortSignal | undefined {
  signalOption(signal)
  if (signal?.aborted) throw aborted(what, signal)
  return signal
}
