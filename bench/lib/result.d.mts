import type { Summary } from './summary.mjs'

export interface Row {
  id: string
  engine: string
  rate?: number
  ns?: Summary | null
  failed?: string
  missing?: string
  cpu_percent?: { writer?: number; reader?: number }
  runs: { ns?: Summary }[]
}
export function mergeRuns(plan: { id: string; engine: string }, lines: object[]): Row
export function joinResults<R extends { quick: boolean; seconds: number; rows: { id: string }[] }>(
  results: R[],
): R & { full: number }
export function ratio(row: Row, other: Row, figure?: string): number
export function floorRatio(row: Row, figure?: string): number
export function floorOf(row: Row, rows: Row[]): Row | undefined
