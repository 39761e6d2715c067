export { type ChildEnd, ChildRun } from './child-run.ts'
export { notStarted } from './not-started.ts'
