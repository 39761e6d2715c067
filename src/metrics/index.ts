export type { MetricsOptions } from './register-metrics.ts'
export { registerMetrics } from './register-metrics.ts'
