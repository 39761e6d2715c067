const hooks = new Set<() => void>()

function runAll(): void {
  for (const hook of hooks) hook()
}

/**
 * Runs `hook` should the process or worker exit before the returned function is called: clean-up hooks
 * of addons do not run on `process.exit()` and after an uncaught exception, and would leave rings, child
 * processes and files behind.
 *
 * The set is strong on purpose: a writer whose variable went out of scope must not end under its
 * readers whenever the garbage collector pleases.
 */
export function atExit(hook: () => void): () => void {
  if (hooks.size === 0) process.on('exit', runAll)
  hooks.add(hook)
  return () => {
    if (hooks.delete(hook) && hooks.size === 0) process.off('exit', runAll)
  }
}
