import { describe, expect, it } from 'vitest'
import { v4l2 } from '../../src/sources/index.ts'
import { fakeDevices, simpleCamera } from './fake.ts'

const fake = fakeDevices()

// ids, types and flags as linux/v4l2-controls.h and videodev2.h have them
const CONTROLS = [
  'control 0x980001 6 4 0 0 0 0 User Controls',
  'control 0x980900 1 0x20 -64 64 1 0 Brightness',
  'control 0x98090c 2 0 0 1 1 1 White Balance, Automatic',
  'control 0x980913 1 0 0 255 5 60 Gain',
  'control 0x980918 3 0 0 2 1 1 Power Line Frequency',
  'choice 0x980918 0 Disabled',
  'choice 0x980918 1 50 Hz',
  'choice 0x980918 2 60 Hz',
  'control 0x98091a 1 0x10 2800 6500 10 4600 White Balance Temperature',
  'control 0x980920 1 1 0 1 1 0 Switched off for good',
  'control 0x9a0901 3 0 0 3 1 3 Auto Exposure',
  'choice 0x9a0901 1 Manual Mode',
  'choice 0x9a0901 3 Aperture Priority Mode',
  'control 0x9a0902 1 0 3 2047 1 250 Exposure Time, Absolute',
  'control 0x9a0910 2 0x4 0 1 1 0 Privacy',
  'control 0x9f0901 9 0 0 1 1 1 Link Frequency',
  'number 0x9f0901 0 450000000',
  'number 0x9f0901 1 900000000',
  'control 0x9f0902 5 0 0 10000000000 1 800000000 Pixel Rate',
  'control 0xa00901 4 0x40 0 0 0 0 Calibrate',
  'control 0xa00902 8 0 0 -1 0 5 Lamps',
  'control 0xa00903 7 0 0 16 1 0 Serial Text',
  'control 0xa00904 1 2 0 9 1 0 Held by another',
]

async function open() {
  const path = fake().plug('video0', { lines: [...simpleCamera('GREY', 16, 8), ...CONTROLS] })
  return v4l2({ device: path })
}

describe('controls of a V4L2 camera', () => {
  it('are listed with type, range, choices and value', async () => {
    await using camera = await open()
    const controls = camera.controls()
    const gain = { min: 0, max: 255, step: 5, default: 60, value: 60, menu: [] }
    const flags = { readOnly: false, inactive: false }
    expect(controls.map((control) => control.name)).toEqual([
      ...['brightness', 'white_balance_automatic', 'gain', 'power_line_frequency'],
      ...['white_balance_temperature', 'auto_exposure', 'exposure_time_absolute', 'privacy'],
      ...['link_frequency', 'pixel_rate', 'calibrate', 'lamps', 'serial_text', 'held_by_another'],
    ])
    const by = (name: string) => controls.find((control) => control.name === name)
    expect(by('gain')).toEqual({ name: 'gain', label: 'Gain', type: 'integer', ...gain, ...flags })
    expect(by('brightness')).toMatchObject({ min: -64, max: 64 })
    expect(by('white_balance_automatic')).toMatchObject({ type: 'boolean', value: true })
    expect(by('white_balance_temperature')).toMatchObject({ inactive: true })
    expect(by('auto_exposure')).toMatchObject({
      type: 'menu',
      value: 3,
      menu: [
        { value: 1, label: 'Manual Mode' },
        { value: 3, label: 'Aperture Priority Mode' },
      ],
    })
    expect(by('link_frequency')).toMatchObject({
      type: 'integer-menu',
      menu: [
        { value: 0, label: '450000000' },
        { value: 1, label: '900000000' },
      ],
    })
    expect(by('pixel_rate')).toMatchObject({ type: 'integer', max: 1e10, value: 8e8 })
    expect(by('privacy')).toMatchObject({ readOnly: true })
    expect(by('calibrate')).toMatchObject({ type: 'button', value: undefined })
    expect(by('serial_text')).toMatchObject({ type: 'other', value: undefined })
  })

  it('are set and read by the listed, the driver’s and a short name', async () => {
    await using camera = await open()
    expect(camera.setControl('gain', 103)).toBe(100) // rounded to its step by the driver
    expect(camera.control('Gain')).toBe(100)
    expect(camera.setControl('exposure', 2000)).toBe(2000)
    expect(camera.control('exposure_time_absolute')).toBe(2000)
    expect(camera.control('Exposure Time, Absolute')).toBe(2000)
    expect(camera.setControl('exposure_auto', 'manual mode')).toBe(1)
    expect(camera.setControl('power_line_frequency', '60 Hz')).toBe(2)
    expect(camera.setControl('link_frequency', '450000000')).toBe(0)
    expect(camera.setControl('white_balance_auto', false)).toBe(false)
    expect(camera.setControl('brightness', -64)).toBe(-64)
    expect(camera.setControl('pixel_rate', 9_999_999_999)).toBe(9_999_999_999)
    expect(camera.setControl('lamps', 0xf000_0000)).toBe(0xf000_0000)
    expect(camera.setControl('calibrate', true)).toBeUndefined()
  })

  it('given as options are set when the camera is opened', async () => {
    const path = fake().plug('video0', { lines: [...simpleCamera('GREY', 16, 8), ...CONTROLS] })
    await using camera = await v4l2({ device: path, controls: { exposure_auto: 1, exposure: 99 } })
    expect(camera.control('exposure')).toBe(99)
    const wrong = v4l2({ device: path, controls: { exposure: 1e6 } })
    await expect(wrong).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it.each<[string, unknown, string, RegExp]>([
    ['gian', 1, 'OPTION_INVALID', /no such control; it has brightness/],
    ['', 1, 'OPTION_INVALID', /no such control/],
    ['toString', 1, 'OPTION_INVALID', /no such control/],
    ['gain', 256, 'OPTION_INVALID', /from 0 to 255/],
    ['gain', -1, 'OPTION_INVALID', /from 0 to 255/],
    ['gain', 1.5, 'OPTION_INVALID', /whole number/],
    ['gain', NaN, 'OPTION_INVALID', /whole number/],
    ['gain', '7', 'OPTION_INVALID', /whole number/],
    ['auto_exposure', 'Automatic', 'OPTION_INVALID', /"Manual Mode"/],
    ['privacy', 1, 'OPTION_INVALID', /looked at and not set/],
    ['serial_text', 'x', 'OPTION_INVALID', /looked at and not set/],
    ['held_by_another', 1, 'DEVICE_BUSY', /another program has the control/],
  ])('refuse %j = %j', async (name, value, code, message) => {
    await using camera = await open()
    let thrown: unknown
    try {
      camera.setControl(name, value as number)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  it('come to an end where the driver’s list does not', async () => {
    const path = fake().plug('video0', {
      lines: [
        ...simpleCamera('GREY', 16, 8),
        'control 0x980918 3 0 0 9223372036854775807 1 1 A menu without end',
        'choice 0x980918 5 only',
        'lie endless 1',
      ],
    })
    {
      await using camera = await v4l2({ device: path })
      expect(camera.controls()).toHaveLength(512)
      expect(camera.controls()[0]!.menu).toEqual([{ value: 5, label: 'only' }])
    }
    fake().plug('video0', {
      lines: [
        ...simpleCamera('GREY', 16, 8),
        'control 0x980913 1 0 0 255 1 0 Gain',
        'lie endless 1',
        'lie same-id 1',
      ],
    })
    await using camera = await v4l2({ device: path })
    expect(camera.controls()).toHaveLength(1)
  })

  it('of a closed camera are an error', async () => {
    const camera = await open()
    await camera[Symbol.asyncDispose]()
    expect(() => camera.controls()).toThrow('disposed')
  })
})
