import type { FourccInfo } from '../src/format/index.ts'

export function withTable(page: string, rows: readonly FourccInfo[]): Promise<string>
