const hooks = new Set<() => void>()

function runAll(): void {
  for (const hook of hooks) hook()
}

/**
 * Runs `hook` should the process exit before the returned function is called: `process.exit()` and an
 * uncaught exception would otherwise leave child processes and files behind.
 */
export function atExit(hook: () => void): () => void {
  if (hooks.size === 0) process.on('exit', runAll)
  hooks.add(hook)
  return () => {
    hooks.delete(hook)
    if (hooks.size === 0) process.off('exit', runAll)
  }
}
