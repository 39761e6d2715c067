import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, refuse } from '../options/index.ts'
import { FOURCCS, type FourccInfo, fourccInfo } from './fourcc.ts'

/** One name of a format, and whose it is. */
export type FormatName =
  | { readonly fourcc: string }
  | { readonly pixFmt: string }
  | { readonly gstreamer: string }
  | { readonly ros: string }

const WHOSE = ['fourcc', 'pixFmt', 'gstreamer', 'ros'] as const

/** ROS's own names for the codes that it took over later (sensor_msgs/image_encodings.hpp). */
const ROS_ALSO: Readonly<Record<string, string>> = { uyvy: 'UYVY', yuyv: 'YUYV', '8UC1': 'GREY' }

/**
 * The row of a format by a name that another program gives it.
 *
 * ```ts
 * findFormat({ pixFmt: 'yuyv422' })?.fourcc // 'YUYV'
 * findFormat({ ros: 'bgr8' })?.fourcc // 'BGR3'
 * findFormat({ gstreamer: 'NV12' })?.pixFmt // 'nv12'
 * ```
 *
 * Names are taken as their program writes them, in its case; fourccs and aliases in any case. 16-bit
 * formats of ffmpeg may be named without their byte order, as ffmpeg itself allows. Where two formats
 * share a name (Y16 and Z16 are both `gray16le`, `GRAY16_LE`) the first of the table is meant.
 *
 * undefined for a name the table has not, and for one that says less than a fourcc does (`8UC3`: which
 * order?). Throws `OPTION_INVALID` unless exactly one name is given, as text.
 */
export function findFormat(name: FormatName): FourccInfo | undefined {
  checkOptions('findFormat', name, WHOSE)
  const given = WHOSE.filter((key) => (name as Record<string, unknown>)[key] !== undefined)
  const [whose] = given
  if (whose === undefined || given.length > 1) {
    throw new FrameringError(
      'OPTION_INVALID',
      `findFormat got ${given.length === 0 ? 'no name' : given.join(' and ')}; ` +
        "give one, as in findFormat({ pixFmt: 'nv12' })",
    )
  }
  const value: unknown = (name as Record<string, unknown>)[whose]
  if (typeof value !== 'string') return refuse(whose, value, 'a name as text')
  if (whose === 'fourcc') return fourccInfo(value)
  const row = FOURCCS.find((info) => info[whose] === value)
  if (row !== undefined) return row
  if (whose === 'pixFmt') return FOURCCS.find((info) => info.pixFmt === `${value}le`)
  if (whose === 'ros' && Object.hasOwn(ROS_ALSO, value)) return fourccInfo(ROS_ALSO[value]!)
  return undefined
}
