/** How a picture is turned and which part of it is seen. */
export interface View {
  /** quarter turns clockwise, 0…3 */
  readonly turns: number
  /** left and right exchanged, after the turns */
  readonly mirror: boolean
  /** screen pixels per picture pixel; 0 = as large as fits */
  readonly scale: number
  /** pixel of the turned picture that is in the middle; not looked at while the whole fits */
  readonly x: number
  readonly y: number
}

export const WHOLE: View = { turns: 0, mirror: false, scale: 0, x: 0, y: 0 }

export interface Size {
  readonly width: number
  readonly height: number
}

/** From a screen pixel to a picture's: `x' = xx·x + xy·y + x0`, `y' = yx·x + yy·y + y0`. */
export interface Affine {
  readonly xx: number
  readonly xy: number
  readonly x0: number
  readonly yx: number
  readonly yy: number
  readonly y0: number
}

const MAX_SCALE = 128

/** Size of the picture as it is turned. */
export function turned({ width, height }: Size, turns: number): Size {
  return turns % 2 === 0 ? { width, height } : { width: height, height: width }
}

/** Screen pixels per picture pixel at which all of it is seen. */
export function fitScale(picture: Size, turns: number, screen: Size): number {
  const { width, height } = turned(picture, turns)
  return Math.min(screen.width / width, screen.height / height)
}

/**
 * Where the pixels of a screen area come from.
 *
 * ```ts
 * const at = screenToPicture({ ...WHOLE, turns: 1 }, { width: 4, height: 2 }, { width: 2, height: 4 })
 * apply(at, 0.5, 0.5) // [0.5, 1.5]: the top left pixel shows the one at the bottom left
 * ```
 *
 * Coordinates are continuous: the middle of the first pixel is 0.5.
 */
export function screenToPicture(view: View, picture: Size, screen: Size): Affine {
  const { width, height } = picture
  const shown = turned(picture, view.turns)
  const whole = view.scale === 0
  const scale = whole ? fitScale(picture, view.turns, screen) : view.scale
  // The corner at a whole screen pixel: else every second picture pixel would be one too narrow.
  const corner = (middle: number, length: number): number =>
    Math.round(length / 2 - middle * scale) / scale
  const left = corner(whole ? shown.width / 2 : view.x, screen.width)
  const top = corner(whole ? shown.height / 2 : view.y, screen.height)
  const picked = (sx: number, sy: number): readonly [number, number] => {
    const across = sx / scale - left
    const x = view.mirror ? shown.width - across : across
    const y = sy / scale - top
    switch (view.turns) {
      case 1:
        return [y, height - x]
      case 2:
        return [width - x, height - y]
      case 3:
        return [width - y, x]
      default:
        return [x, y]
    }
  }
  const [x0, y0] = picked(0, 0)
  const [xRight, yRight] = picked(1, 0)
  const [xDown, yDown] = picked(0, 1)
  return { xx: xRight - x0, xy: xDown - x0, x0, yx: yRight - y0, yy: yDown - y0, y0 }
}

export function apply(a: Affine, x: number, y: number): readonly [number, number] {
  return [a.xx * x + a.xy * y + a.x0, a.yx * x + a.yy * y + a.y0]
}

/**
 * The view zoomed by `factor`, with the screen point `at` staying where it is. Between the whole picture
 * (or pixel for pixel, where that is smaller) and 128 screen pixels per picture pixel, whatever is asked for.
 */
export function zoomed(
  view: View,
  factor: number,
  at: readonly [number, number],
  picture: Size,
  screen: Size,
): View {
  const fit = fitScale(picture, view.turns, screen)
  const before = view.scale === 0 ? fit : view.scale
  const wanted = before * (Number.isFinite(factor) && factor > 0 ? factor : 1)
  const scale = Math.min(Math.max(wanted, Math.min(fit, 1)), Math.max(MAX_SCALE, fit))
  if (Math.abs(scale / fit - 1) < 1e-9) return { ...view, scale: 0 }
  const shown = turned(picture, view.turns)
  const x = view.scale === 0 ? shown.width / 2 : view.x
  const y = view.scale === 0 ? shown.height / 2 : view.y
  const shift = 1 / before - 1 / scale
  return panned(
    { ...view, scale, x, y },
    (at[0] - screen.width / 2) * shift,
    (at[1] - screen.height / 2) * shift,
    picture,
  )
}

/** The view moved by so many pixels of the turned picture; its middle stays in the picture. */
export function panned(view: View, dx: number, dy: number, picture: Size): View {
  if (view.scale === 0) return view
  const { width, height } = turned(picture, view.turns)
  const within = (value: number, most: number): number => Math.min(Math.max(value, 0), most)
  return { ...view, x: within(view.x + dx, width), y: within(view.y + dy, height) }
}
