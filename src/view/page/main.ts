import { App } from './app.ts'
import { find } from './dom.ts'
import type { Tile } from './tile.ts'

const app = new App()
const STEP = 60
const ZOOM = 1.5

type Deed = (tile: Tile) => void

/** What can be done to the chosen ring, by button or key. */
const DEEDS: Readonly<Record<string, Deed>> = {
  pause: ({ ring }) => {
    ring.pause()
  },
  step: ({ ring }) => {
    ring.step()
  },
  in: (tile) => {
    tile.zoom(ZOOM)
  },
  out: (tile) => {
    tile.zoom(1 / ZOOM)
  },
  fit: ({ ring }) => {
    ring.view = { ...ring.view, scale: 0 }
  },
  one: (tile) => {
    tile.zoom(1 / tile.scale)
  },
  rotate: ({ ring }) => {
    // A mirrored picture is turned before it is mirrored.
    const by = ring.view.mirror ? 3 : 1
    ring.view = { ...ring.view, turns: (ring.view.turns + by) % 4, scale: 0 }
  },
  mirror: ({ ring }) => {
    ring.view = { ...ring.view, mirror: !ring.view.mirror, scale: 0 }
  },
  upend: ({ ring }) => {
    const { turns, mirror } = ring.view
    ring.view = { ...ring.view, turns: (turns + 2) % 4, mirror: !mirror, scale: 0 }
  },
  left: (tile) => {
    tile.pan(STEP, 0)
  },
  right: (tile) => {
    tile.pan(-STEP, 0)
  },
  up: (tile) => {
    tile.pan(0, STEP)
  },
  down: (tile) => {
    tile.pan(0, -STEP)
  },
  map: ({ ring }) => {
    ring.nextMap()
  },
  auto: ({ ring }) => {
    ring.setTone({ auto: !ring.autoTone })
  },
  jpeg: ({ ring }) => {
    ring.setJpeg(!ring.jpeg)
  },
  histogram: () => {
    app.toggleHistogram()
  },
  snapshot: () => void app.save('png'),
  npy: () => void app.save('npy'),
  clip: () => {
    app.toggleClip()
  },
}

type Key = readonly [
  keys: readonly string[],
  shown: string,
  meaning: string,
  deed: string | (() => void),
]

const KEYS: readonly Key[] = [
  [[' '], 'space', 'pause, go on', 'pause'],
  [['.'], '.', 'one frame on', 'step'],
  [['+', '='], '+', 'larger', 'in'],
  [['-'], '−', 'smaller', 'out'],
  [['0'], '0', 'all of it', 'fit'],
  [['1'], '1', 'pixel for pixel', 'one'],
  [['ArrowLeft'], '←', 'move left', 'left'],
  [['ArrowRight'], '→', 'move right', 'right'],
  [['ArrowUp'], '↑', 'move up', 'up'],
  [['ArrowDown'], '↓', 'move down', 'down'],
  [['r'], 'r', 'a quarter turn', 'rotate'],
  [['f'], 'f', 'left and right exchanged', 'mirror'],
  [['v'], 'v', 'top and bottom exchanged', 'upend'],
  [['h'], 'h', 'histogram', 'histogram'],
  [['m'], 'm', 'next colour map', 'map'],
  [['a'], 'a', 'range from the picture, or fixed', 'auto'],
  [['j'], 'j', 'JPEG for slow links, or raw', 'jpeg'],
  [['s'], 's', 'save as PNG', 'snapshot'],
  [['n'], 'n', 'save the numbers as .npy', 'npy'],
  [['c'], 'c', 'start or end a clip', 'clip'],
  [
    [']'],
    ']',
    'next ring',
    () => {
      app.chooseNext(1)
    },
  ],
  [
    ['['],
    '[',
    'ring before',
    () => {
      app.chooseNext(-1)
    },
  ],
  [
    ['Escape', 'g'],
    'Esc',
    'all rings',
    () => {
      app.choose(undefined)
    },
  ],
  [['t'], 't', 'dark or light', changeTheme],
  [['?'], '?', 'these keys', showHelp],
]

function perform(deed: string): void {
  const tile = app.chosen
  if (tile === undefined) return
  DEEDS[deed]?.(tile)
  app.touched()
}

document.addEventListener('keydown', (event) => {
  const { target, key } = event
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return
  if (find<HTMLDialogElement>('#help').open) return
  // A button that has the focus answers to the space bar itself.
  if (key === ' ' && target instanceof HTMLButtonElement) return
  const found = KEYS.find(([keys]) => keys.includes(key))
  if (found === undefined) return
  event.preventDefault()
  const deed = found[3]
  if (typeof deed === 'string') perform(deed)
  else deed()
})

for (const button of document.querySelectorAll<HTMLElement>('[data-do]')) {
  button.addEventListener('click', ({ detail }) => {
    perform(button.dataset['do'] ?? '')
    // Pressed by a pointer: the keys go to the picture again.
    if (detail > 0) app.chosen?.element.focus({ preventScroll: true })
  })
}
find('#back').addEventListener('click', () => {
  app.choose(undefined)
})
find('#theme').addEventListener('click', changeTheme)
find('#help-button').addEventListener('click', showHelp)

function showHelp(): void {
  find<HTMLDialogElement>('#help').showModal()
}

const root = document.documentElement
root.dataset['theme'] = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'

function changeTheme(): void {
  root.dataset['theme'] = root.dataset['theme'] === 'light' ? 'dark' : 'light'
}

const rows = find<HTMLTableElement>('#keys')
for (const [, shown, meaning] of KEYS) {
  const row = rows.insertRow()
  const key = document.createElement('kbd')
  key.textContent = shown
  row.insertCell().append(key)
  row.insertCell().textContent = meaning
}
