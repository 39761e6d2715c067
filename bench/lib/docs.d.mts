export function writeDocs(result: object): string[]
export function fill(page: string, sections: Record<string, string>): string
