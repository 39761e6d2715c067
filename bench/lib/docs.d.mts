export function writeDocs(result: object): Promise<string[]>
export function fill(page: string, sections: Record<string, string>): string
