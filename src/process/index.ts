export { atExit } from './exit-guard.ts'
