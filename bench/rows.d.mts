export interface RowPlan {
  id: string
  engine: string
  script: string
  args: string[]
  quick: boolean
}
export function planRows(options: { quick: boolean; pin: boolean }): RowPlan[]
