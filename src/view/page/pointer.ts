import type { Tile } from './tile.ts'

/** Drag moves, wheel and two fingers zoom, a double click shows all; `changed` after each. */
export function followPointers(tile: Tile, chosen: () => boolean, changed: () => void): void {
  const { screen } = tile
  const down = new Map<number, readonly [number, number]>()
  const place = (event: MouseEvent): readonly [number, number] => {
    const { left, top } = screen.getBoundingClientRect()
    return [(event.clientX - left) * devicePixelRatio, (event.clientY - top) * devicePixelRatio]
  }
  screen.addEventListener('pointerdown', (event) => {
    if (!chosen()) return
    screen.setPointerCapture(event.pointerId)
    down.set(event.pointerId, place(event))
  })
  screen.addEventListener('pointermove', (event) => {
    const [x, y] = place(event)
    tile.pointed = tile.pixelAt(Math.floor(x), Math.floor(y))
    const before = down.get(event.pointerId)
    if (before !== undefined) {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
      if (other === undefined) tile.pan(x - before[0], y - before[1])
      else {
        const wide = (at: readonly [number, number]): number =>
          Math.hypot(at[0] - other[0], at[1] - other[1])
        tile.zoom(wide([x, y]) / (wide(before) || 1), other)
      }
      down.set(event.pointerId, [x, y])
    }
    changed()
  })
  for (const type of ['pointerup', 'pointercancel'] as const) {
    screen.addEventListener(type, (event) => {
      down.delete(event.pointerId)
    })
  }
  screen.addEventListener('pointerleave', () => {
    tile.pointed = undefined
    changed()
  })
  screen.addEventListener(
    'wheel',
    (event) => {
      if (!chosen()) return
      event.preventDefault()
      tile.zoom(Math.exp(-event.deltaY / 300), place(event))
      changed()
    },
    { passive: false },
  )
  screen.addEventListener('dblclick', () => {
    if (!chosen()) return
    tile.ring.view = { ...tile.ring.view, scale: 0 }
    changed()
  })
}
