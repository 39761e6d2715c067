const warned = new Set<string>()

/** Warns on the process, once per code: a stream of them would bury what they say. */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  process.emitWarning(message, { type: 'FrameringWarning', code })
}
