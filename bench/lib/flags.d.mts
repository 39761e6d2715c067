export interface Flags {
  [name: string]: string | number | boolean
}
export const SIZES: Readonly<Record<string, number>>
export function rowFlags(args: string[], defaults?: Flags): Flags
export function toArgs(flags: Flags): string[]
