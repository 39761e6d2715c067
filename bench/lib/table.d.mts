export function micros(ns: number): string
export function formatTable(head: string[], rows: string[][]): string
export function markdownTable(head: string[], rows: string[][]): string
