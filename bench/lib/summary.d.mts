export interface Summary {
  count: number
  min: number
  p50: number
  p90: number
  p99: number
  p999: number
  max: number
  mean: number
  curve: [number, number][]
}
export const CURVE: number[]
export function summarise(samples: Iterable<number>): Summary
export function median(figures: Iterable<number>): number
