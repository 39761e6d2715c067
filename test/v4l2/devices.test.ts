import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { v4l2, v4l2Devices, type V4l2Options } from '../../src/sources/index.ts'
import { fakeDevices, identity, simpleCamera } from './fake.ts'

const fake = fakeDevices()

const LAPTOP = [
  ...identity(),
  'format MJPG 1 Motion-JPEG',
  'size MJPG 1920 1080',
  'size MJPG 640 480',
  'format YUYV 0 YUYV 4:2:2',
  'size YUYV 640 480',
  'format PJPG 1 something of the maker',
  'interval 1 30',
  'interval 1001 15000',
  'interval 0 15',
  'mode MJPG 1920 1080 1 7 0 0 0 0 4147200',
  'mode YUYV 640 480 1 8 0 0 0 1280 614400',
]
const SENSOR = [
  ...identity('platform:csi'),
  'format RGGB 0 8-bit Bayer',
  'steps RGGB 32 3280 2 32 2464 4',
  'intervals 1 120 1 1',
  'mode RGGB 64 48 1 0 0 0 0 64 3072',
]

describe('v4l2Devices', () => {
  it('lists formats, sizes and rates, discrete and stepwise, by number of the device', () => {
    fake().plug('video10', { lines: SENSOR, index: 3 })
    fake().plug('video2', { lines: LAPTOP })
    const discrete = { kind: 'discrete', fps: [30, 15000 / 1001] }
    expect(v4l2Devices()).toEqual([
      {
        path: `${fake().dev}/video2`,
        driver: 'uvcvideo',
        card: 'Test Cam: C920',
        busInfo: 'usb-0000:00:14.0-1',
        index: 0,
        error: undefined,
        formats: [
          {
            fourcc: 'MJPG',
            driverFourcc: 'MJPG',
            description: 'Motion-JPEG',
            sizes: [
              { kind: 'discrete', width: 1920, height: 1080, rates: discrete },
              { kind: 'discrete', width: 640, height: 480, rates: discrete },
            ],
          },
          {
            fourcc: 'YUYV',
            driverFourcc: 'YUYV',
            description: 'YUYV 4:2:2',
            sizes: [{ kind: 'discrete', width: 640, height: 480, rates: discrete }],
          },
          {
            fourcc: undefined,
            driverFourcc: 'PJPG',
            description: 'something of the maker',
            sizes: [],
          },
        ],
      },
      {
        path: `${fake().dev}/video10`,
        driver: 'uvcvideo',
        card: 'Test Cam: C920',
        busInfo: 'platform:csi',
        index: 3,
        error: undefined,
        formats: [
          {
            fourcc: 'RGGB',
            driverFourcc: 'RGGB',
            description: '8-bit Bayer',
            sizes: [
              {
                kind: 'stepwise',
                width: { min: 32, max: 3280, step: 2 },
                height: { min: 32, max: 2464, step: 4 },
                rates: { kind: 'range', min: 1, max: 120 },
              },
            ],
          },
        ],
      },
    ])
  })

  it('leaves out what captures no video, and says why a camera could not be opened', () => {
    fake().plug('video0', { lines: identity('a', 0x04a00000) }) // metadata
    fake().plug('video1', { lines: identity('a', 0x00000001) }) // read(2) alone
    fake().plug('video2', { lines: [...LAPTOP, 'fail QUERYCAP 25 -1'] }) // no V4L2 device
    fake().plug('video3', { lines: [...LAPTOP, 'fail open 13 -1'] })
    const card = 'Cam as the kernel calls it'
    expect(v4l2Devices()).toMatchObject([{ card, formats: [], error: { code: 'PERMISSION' } }])
    rmSync(fake().dev, { recursive: true })
    expect(v4l2Devices()).toEqual([])
  })

  it('comes back from a driver whose lists never end', () => {
    fake().plug('video0', { lines: [...LAPTOP, 'lie endless 1'] })
    const [{ formats }] = v4l2Devices() as [ReturnType<typeof v4l2Devices>[number]]
    expect(formats).toHaveLength(64)
    expect(formats[0]!.sizes).toHaveLength(128)
  })

  it('shows no control characters that a driver put into a name', () => {
    const lines = LAPTOP.map((line) => line.replace('card ', 'card \u001b[2J'))
    fake().plug('video0', { lines })
    expect(v4l2Devices()[0]!.card).toBe('[2JTest Cam: C920')
  })
})

describe('opening a camera', () => {
  it('takes what it is set to, or what was asked for', async () => {
    const path = fake().plug('video0', { lines: LAPTOP })
    {
      await using camera = await v4l2()
      expect(camera.format).toMatchObject({ fourcc: 'MJPG', width: 1920, height: 1080 })
      expect(camera.device).toMatchObject({ path, busInfo: 'usb-0000:00:14.0-1' })
      expect(camera.fps).toBe(30)
    }
    await using camera = await v4l2({ fourcc: 'YUY2', width: 640, height: 480, fps: [15000, 1001] })
    expect(camera.format).toMatchObject({ fourcc: 'YUYV', width: 640, height: 480 })
    expect(camera.fps).toBeCloseTo(14.985, 3)
  })

  it('takes the first format framering knows when it is set to none of those', async () => {
    fake().plug('video0', {
      lines: [
        ...identity(),
        'format PJPG 1 x',
        'format GREY 0 y',
        'mode PJPG 16 8 1 0 0 0 0 0 99',
        'mode GREY 16 8 1 0 0 0 0 16 128',
      ],
    })
    await using camera = await v4l2()
    expect(camera.format).toMatchObject({ fourcc: 'GREY', width: 16, height: 8 })
  })

  it.each<[string, V4l2Options, readonly string[], string, RegExp]>([
    [
      'a format it has not',
      { fourcc: 'NV12' },
      [],
      'FORMAT_INVALID',
      /MJPG 1920 × 1080, 640 × 480/,
    ],
    ['a size it has not', { width: 641, height: 480 }, [], 'FORMAT_INVALID', /offers MJPG/],
    ['a rate where none can be set', { fps: 30 }, ['lie rate 0'], 'UNSUPPORTED', /leave `fps` out/],
    ['a device nobody has', { device: '/none/video0' }, [], 'NOT_FOUND', /plugged in/],
    ['a camera of another user', {}, ['fail open 13 1'], 'PERMISSION', /group video/],
    ['a camera another program has', {}, ['fail S_FMT 16 1'], 'DEVICE_BUSY', /fuser -v/],
    ['a camera that goes away', {}, ['fail G_FMT 19 1'], 'DEVICE_GONE', /Plug it in again/],
    ['a node without video', {}, ['caps 0x04a00000'], 'NOT_FOUND', /no camera in/],
    ['a device without mmap', {}, ['caps 0x1'], 'NOT_FOUND', /no camera in/],
    ['fields apart', {}, ['field 7'], 'FORMAT_INVALID', /two fields/],
  ])('refuses %s and says what to do', async (_, options, lines, code, message) => {
    const field = lines[0]?.startsWith('field')
    const recording = field
      ? LAPTOP.map((line) => line.replace(/^(mode \S+ \d+ \d+) 1/, '$1 7'))
      : [...LAPTOP, ...lines]
    fake().plug('video0', { lines: recording })
    await expect(v4l2(options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })

  it('names the node that is no camera when it was asked for', async () => {
    const metadata = fake().plug('video0', { lines: identity('a', 0x04a00000) })
    await expect(v4l2({ device: metadata })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    const reader = fake().plug('video1', { lines: identity('a', 1) })
    await expect(v4l2({ device: reader })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('ffmpeg') as string,
    })
  })

  it('says that another streams, at the pump, and works once that one has ended', async () => {
    const lines = [...simpleCamera('GREY', 16, 8), 'frame 0 1 0 0x2000 0', 'frame 1 1 0 0x2000 0']
    const path = fake().plug('video0', { lines, payloads: [new Uint8Array(128)] })
    const { FakeWriter } = await import('../sources/fake-writer.ts')
    await using one = await v4l2({ device: path })
    await using two = await v4l2({ device: path })
    const stop = new AbortController()
    const pump = one.pump(new FakeWriter(one.format), { signal: stop.signal })
    const busy = two.pump(new FakeWriter(two.format))
    await expect(busy).rejects.toMatchObject({ code: 'DEVICE_BUSY' })
    stop.abort()
    await pump
    const first = new AbortController()
    const writer = new FakeWriter(two.format, () => {
      first.abort()
    })
    fake().play(path)
    const done = two.pump(writer, { signal: first.signal })
    expect((await done).published).toBeGreaterThan(0)
  })

  it.each([
    [{ device: '' }, 'device'],
    [{ device: 'a\0b' }, 'device'],
    [{ fourcc: 'XXXX' }, 'fourcc'],
    [{ fourcc: 7 }, 'fourcc'],
    [{ width: 640 }, 'width and height'],
    [{ width: 0, height: 1 }, 'width'],
    [{ fps: 0 }, 'fps'],
    [{ fps: [1] }, 'fps'],
    [{ buffers: 1 }, 'buffers'],
    [{ buffers: 33 }, 'buffers'],
    [{ controls: 3 }, 'controls'],
    [{ reconnect: 1 }, 'reconnect'],
    [{ signal: 1 }, 'signal'],
    [{ exposure: 1 }, 'exposure'],
  ])('refuses %j', async (options, named) => {
    await expect(v4l2(options as V4l2Options)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(named) as string,
    })
  })
})
