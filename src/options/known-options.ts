import { FrameringError } from '../errors/framering-error.ts'

/** How many letters a misspelt option may differ in from the one that is meant. */
const FAR = 3

/** Throws `OPTION_INVALID` for options nobody knows: a misspelt one would be ignored in silence. */
export function knownOptions(where: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue
    const near = nearest(option, known)
    throw new FrameringError(
      'OPTION_INVALID',
      `${where} has no option '${option}'; ` +
        (near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${known.join(', ')}`),
    )
  }
}

/** The known ones that a misspelt one may have meant, in quotes; none where it is too far from all. */
export function nearest(option: string, known: readonly string[]): string[] {
  // A long key is no slip of the fingers, and comparing it would take long.
  if (option.length > 40) return []
  const distances = known.map((name) => distance(option.toLowerCase(), name.toLowerCase()))
  const least = Math.min(...distances)
  if (least > FAR || least >= option.length) return []
  return known.filter((_, i) => distances[i] === least).map((name) => `'${name}'`)
}

/** Letters to insert, remove or change on the way from `a` to `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
  }
  return row[b.length] as number
}
