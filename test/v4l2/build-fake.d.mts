export function buildFake(log?: (line: string) => void, sanitize?: string): Promise<string>
