export interface Target {
  target: number
  what: string
  limit: string
  figure: string
  met: boolean | undefined
}
export function targets(result: { rows: object[] }): Target[]
export function targetTable(all: Target[]): string
