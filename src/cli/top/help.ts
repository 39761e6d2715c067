/** What the keys do, and what the columns mean. */
export const HELP: readonly string[] = [
  '',
  'up, down, k, j   choose the ring whose readers are shown; g first, G last',
  'n r b d l a u    order by name, rate, bytes a second, drops, lag, age, readers',
  'p                pause, and go on',
  '+ -              look less often, more often',
  '?                this; any key goes back',
  'q, Ctrl-C        quit',
  '',
  'Counts are since top started, latencies of the last ten seconds.',
  'Rings:   DROPS for want of a free slot, LOST before the writer had them.',
  'Readers: LAG frames behind, HELD slots of those it may hold, P50 and P99 from',
  '         publication to the lease, what it lost by cause, COST: drops while it',
  '         held slots.',
]
