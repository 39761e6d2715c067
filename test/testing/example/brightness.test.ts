import { createWriter } from 'framering'
import { useMemoryTransport } from 'framering/testing'
import { expect, test } from 'vitest'
import { brightening } from './brightness.ts'

test('tells how the picture changes, over a crash of the camera', () => {
  using memory = useMemoryTransport()
  const seen: number[] = []
  brightening('front').subscribe((change) => seen.push(change))

  const grey = { format: { fourcc: 'GREY', width: 4, height: 4 } }
  let camera = createWriter('front', grey)
  for (const level of [10, 11, 12, 40]) {
    camera.write(new Uint8Array(16).fill(level))
    memory.advance(250) // 4 frames a second, of which every other one is taken
  }
  expect(seen).toEqual([2])

  memory.kill('front')
  camera = createWriter('front', grey)
  camera.write(new Uint8Array(16).fill(112))
  memory.advance(500)
  expect(seen).toEqual([2, 100])
})
