import type { System } from './system.ts'

/** What one check found. */
export interface Finding {
  /** stable, to be looked up: `shared-memory` */
  readonly check: string
  /** `warn`: works, but not as well as it could, or not for long; `fail`: does not work */
  readonly status: 'ok' | 'warn' | 'fail'
  /** a sentence without a full stop */
  readonly summary: string
  /** commands and settings that mend it, each in full; empty where there is nothing to mend */
  readonly fix: readonly string[]
}

/** Looks at one thing. Pure: whatever it knows it has from `system`. */
export type Check = (
  system: System,
  directory: string,
) => readonly Finding[] | Promise<readonly Finding[]>

/** A finding that leaves nothing to be done. */
export function fine(check: string, summary: string, ...fix: string[]): Finding {
  return { check, status: 'ok', summary, fix }
}

/** A finding that something could be better. */
export function warning(check: string, summary: string, ...fix: string[]): Finding {
  return { check, status: 'warn', summary, fix }
}

/** A finding that something does not work. */
export function failing(check: string, summary: string, ...fix: string[]): Finding {
  return { check, status: 'fail', summary, fix }
}
