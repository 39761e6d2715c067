/** Calls `report` once a second until `work` is done, and returns what it resolves with. */
export async function everySecondUntil<T>(work: Promise<T>, report: () => void): Promise<T> {
  const timer = setInterval(report, 1000)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
