export { type ChildEnd, ChildRun } from './child-run.ts'
export { atExit } from './exit-guard.ts'
export { notStarted } from './not-started.ts'
