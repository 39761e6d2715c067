import type { Observable } from 'rxjs'
import { map, pairwise } from 'rxjs'
import { frames } from 'framering'

/** How much brighter each picture of a camera is than the one before, twice a second. */
export function brightening(camera: string): Observable<number> {
  return frames(camera, { maxFps: 2, wait: true, reconnect: true }).pipe(
    map((frame) => frame.data.reduce((sum, value) => sum + value, 0) / frame.data.length),
    pairwise(),
    map(([before, after]) => after - before),
  )
}
