import { loadNative } from '../native/index.ts'

/** What does the work in this process. */
export interface Converters {
  /** pairs that libyuv has go through it, all others are framering's own */
  readonly yuv: 'libyuv' | 'own'
  /** `sharp`: where that package is installed, and only in `convert`, not in `convertSync` */
  readonly jpeg: 'libturbojpeg' | 'sharp'
}

let ownOnly: boolean | undefined

/** @internal Whether libyuv and libturbojpeg are passed over though they may be there. */
export function usesOwnOnly(): boolean {
  return (ownOnly ??= process.env['FRAMERING_CONVERT'] === 'own')
}

/** @internal For tests: as if FRAMERING_CONVERT had been `own`, or not. */
export function useOwnOnly(own: boolean): void {
  ownOnly = own
}

/** @internal */
export function hasTurbojpeg(): boolean {
  return !usesOwnOnly() && loadNative().converters().turbojpeg
}

/**
 * Which libraries were found on this machine.
 *
 * ```ts
 * converters() // { yuv: 'libyuv', jpeg: 'libturbojpeg' }
 * ```
 *
 * libyuv.so.0 and libturbojpeg.so.0 are looked for when the first conversion needs them, and their
 * absence costs speed only. With `FRAMERING_CONVERT=own` in the environment neither is used.
 */
export function converters(): Converters {
  const found = loadNative().converters()
  return {
    yuv: found.libyuv && !usesOwnOnly() ? 'libyuv' : 'own',
    jpeg: hasTurbojpeg() ? 'libturbojpeg' : 'sharp',
  }
}
