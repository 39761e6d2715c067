import { FrameringError } from '../errors/framering-error.ts'
import { type NativeV4l2, type NativeV4l2Control, nativeCall } from '../native/index.ts'
import { show } from '../options/index.ts'
import { plainText } from './v4l2-offer.ts'

/** What a control's value is. `other`: no number; it can be looked at and not set. */
export type V4l2ControlType =
  'integer' | 'boolean' | 'menu' | 'integer-menu' | 'bitmask' | 'button' | 'other'

/** Something a camera lets be set. */
export interface V4l2Control {
  /** `exposure_time_absolute`: the driver's name in small letters, as v4l2-ctl writes it */
  readonly name: string
  /** the driver's name: `Exposure Time, Absolute` */
  readonly label: string
  readonly type: V4l2ControlType
  readonly min: number
  readonly max: number
  readonly step: number
  readonly default: number
  /** choices of a menu, by value; those of an integer menu are shown by their number */
  readonly menu: readonly { readonly value: number; readonly label: string }[]
  readonly readOnly: boolean
  /** an automatic mode has it at the moment */
  readonly inactive: boolean
  /** undefined where it has none, or none that can be read */
  readonly value: number | boolean | undefined
}

// V4L2_CTRL_TYPE_*
const TYPES: Readonly<Record<number, V4l2ControlType>> = {
  1: 'integer',
  2: 'boolean',
  3: 'menu',
  4: 'button',
  5: 'integer',
  8: 'bitmask',
  9: 'integer-menu',
}
const CTRL_CLASS = 6 // a heading, nothing to set
// V4L2_CTRL_FLAG_*
const DISABLED = 1
const READ_ONLY = 4
const INACTIVE = 0x10
const WRITE_ONLY = 0x40
// A driver whose lists never end must not hang whoever asks.
const MOST_CONTROLS = 512
const MOST_CHOICES = 256

/**
 * Short names for what drivers name differently from kernel to kernel, as ids of
 * linux/v4l2-controls.h; the first that a camera has is meant.
 */
const SHORT_NAMES: Readonly<Record<string, readonly number[]>> = {
  exposure: [0x009a0902, 0x00980911], // EXPOSURE_ABSOLUTE, EXPOSURE
  exposure_auto: [0x009a0901],
  gain: [0x00980913, 0x009e0903], // GAIN, ANALOGUE_GAIN
  white_balance: [0x0098091a],
  white_balance_auto: [0x0098090c],
  focus: [0x009a090a],
  focus_auto: [0x009a090c],
  zoom: [0x009a090d],
}

/** All controls with their values, in the driver's order. */
export function listControls(native: NativeV4l2): V4l2Control[] {
  return nativeControls(native).map((control) => described(native, control))
}

/** The value of one. @throws OPTION_INVALID for a name it has not, or one that cannot be read */
export function readControl(native: NativeV4l2, name: string): number | boolean {
  const control = findControl(native, name)
  const value = nativeCall(() => native.getControl(control.id, control.type))
  return TYPES[control.type] === 'boolean' ? value !== 0 : value
}

/**
 * Sets one, and returns what the driver made of it: it may round to its step.
 *
 * @throws OPTION_INVALID for a name it has not, a value out of range, or one that cannot be set (now);
 * DEVICE_BUSY while another program has it
 */
export function writeControl(
  native: NativeV4l2,
  name: string,
  value: number | boolean | string,
): number | boolean | undefined {
  const control = findControl(native, name)
  const { type, readOnly } = facts(control)
  if (type === 'other' || readOnly) throw refused(name, 'it can be looked at and not set')
  const number = numberFor(native, control, name, value)
  nativeCall(() => {
    native.setControl(control.id, control.type, number)
  })
  return readable(control) ? readControl(native, name) : undefined
}

function numberFor(
  native: NativeV4l2,
  control: NativeV4l2Control,
  name: string,
  value: unknown,
): number {
  const { type } = facts(control)
  if (type === 'button') return 0
  if (typeof value === 'string' && (type === 'menu' || type === 'integer-menu')) {
    const menu = menuOf(native, control)
    const choice = menu.find(({ label }) => label.toLowerCase() === value.toLowerCase())
    if (choice) return choice.value
    const choices = menu.map(({ label }) => JSON.stringify(label)).join(', ')
    throw refused(name, `${show(value)} is no choice of it; it has ${choices}`)
  }
  const number = typeof value === 'boolean' ? Number(value) : value
  // A bitmask of 32 bits has its range in two's complement.
  const [min, max] =
    type === 'bitmask' ? [0, control.maximum >>> 0] : [control.minimum, control.maximum]
  if (
    typeof number === 'number' &&
    Number.isSafeInteger(number) &&
    number >= min &&
    number <= max
  ) {
    return number
  }
  throw refused(
    name,
    `${show(value)} is none of its values; give a whole number from ${min} to ${max}`,
  )
}

function findControl(native: NativeV4l2, name: string): NativeV4l2Control {
  const controls = nativeControls(native)
  const wanted = typeof name === 'string' ? slug(name) : ''
  const found =
    controls.find((control) => slug(control.name) === wanted) ??
    (Object.hasOwn(SHORT_NAMES, wanted) ? SHORT_NAMES[wanted] : undefined)
      ?.map((id) => controls.find((control) => control.id === id))
      .find((control) => control !== undefined)
  if (found) return found
  const names = controls.map((control) => slug(control.name)).join(', ')
  throw refused(show(name), `this camera has no such control; it has ${names || 'none'}`)
}

function nativeControls(native: NativeV4l2): NativeV4l2Control[] {
  const controls: NativeV4l2Control[] = []
  let last = 0
  for (let i = 0; i < MOST_CONTROLS; i++) {
    const after = last
    const control = nativeCall(() => native.controlAfter(after))
    if (control === undefined) break
    last = control.id
    if (control.type !== CTRL_CLASS && (control.flags & DISABLED) === 0) controls.push(control)
  }
  return controls
}

function described(native: NativeV4l2, control: NativeV4l2Control): V4l2Control {
  const { type } = facts(control)
  return {
    name: slug(control.name),
    label: plainText(control.name),
    ...facts(control),
    min: control.minimum,
    max: control.maximum,
    step: control.step,
    default: control.default,
    menu: type === 'menu' || type === 'integer-menu' ? menuOf(native, control) : [],
    value: readable(control) ? valueOrNone(native, control) : undefined,
  }
}

function facts({ type, flags }: NativeV4l2Control) {
  return {
    type: TYPES[type] ?? 'other',
    readOnly: (flags & READ_ONLY) !== 0,
    inactive: (flags & INACTIVE) !== 0,
  }
}

function readable({ type, flags }: NativeV4l2Control): boolean {
  const kind = TYPES[type]
  return kind !== undefined && kind !== 'button' && (flags & WRITE_ONLY) === 0
}

/** One control that a camera will not tell must not hide the others. */
function valueOrNone(native: NativeV4l2, control: NativeV4l2Control): number | boolean | undefined {
  try {
    const value = nativeCall(() => native.getControl(control.id, control.type))
    return TYPES[control.type] === 'boolean' ? value !== 0 : value
  } catch (error) {
    if (error instanceof FrameringError && error.code !== 'DEVICE_GONE') return undefined
    throw error
  }
}

function menuOf(native: NativeV4l2, control: NativeV4l2Control): V4l2Control['menu'] {
  const first = Math.max(0, control.minimum)
  const last = Math.min(control.maximum, first + MOST_CHOICES - 1)
  const choices: { value: number; label: string }[] = []
  for (let value = first; value <= last; value++) {
    const at = value
    const entry = nativeCall(() => native.menuAt(control.id, at))
    if (entry === undefined) continue
    const numbers = TYPES[control.type] === 'integer-menu'
    choices.push({ value, label: numbers ? String(entry.value) : plainText(entry.name) })
  }
  return choices
}

function slug(name: string): string {
  return plainText(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
}

function refused(name: string, why: string): FrameringError {
  return new FrameringError('OPTION_INVALID', `control ${name}: ${why}`)
}
