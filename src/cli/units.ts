const PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']

/**
 * Bytes as people read them.
 *
 * ```ts
 * bytesText(52_953_088) // '50.5 MiB'
 * ```
 */
export function bytesText(bytes: number): string {
  let value = bytes
  let prefix = 0
  while (value >= 1024 && prefix < PREFIXES.length - 1) {
    value /= 1024
    prefix++
  }
  return prefix === 0 ? `${value} B` : `${value.toFixed(1)} ${PREFIXES[prefix] ?? ''}B`
}

/** Whole mebibytes from here on, as Docker takes sizes: `49m`. */
export function dockerSize(bytes: number): string {
  return `${mebibytes(bytes)}m`
}

/** The same as Kubernetes takes them: `49Mi`. */
export function kubernetesSize(bytes: number): string {
  return `${mebibytes(bytes)}Mi`
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20)
}

/**
 * A count of things as people write it.
 *
 * ```ts
 * counted(1, 'reader') // '1 reader'
 * counted(0, 'frame') // '0 frames'
 * ```
 */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
