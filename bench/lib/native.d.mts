export function program(name: string): string
export function helpers(): unknown
export function buildBench(log?: (line: string) => void): Promise<void>
