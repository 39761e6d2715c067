const open = new Set<{ close(): void }>()

function closeAll(): void {
  for (const writer of open) writer.close()
}

/**
 * Closes a writer when the process or worker exits. Clean-up hooks of addons do not run on
 * `process.exit()` and after an uncaught exception: the ring's objects would stay in /dev/shm.
 *
 * The set is strong on purpose: a writer whose variable went out of scope must not end under its
 * readers whenever the garbage collector pleases.
 */
export function closeAtExit(writer: { close(): void }): void {
  if (open.size === 0) process.on('exit', closeAll)
  open.add(writer)
}

export function closedBeforeExit(writer: { close(): void }): void {
  if (open.delete(writer) && open.size === 0) process.off('exit', closeAll)
}
