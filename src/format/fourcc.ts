import type { DType } from '../ndarray/index.ts'

/** One plane of a picture: `bytes` for every block of `across` × `down` pixels, blocks rounded up. */
export interface PlaneInfo {
  readonly bytes: number
  readonly across: number
  readonly down: number
}

/** How often a YUV picture samples its colour, and where each sample stands. */
export interface ChromaInfo {
  /** columns and rows of luma to one chroma sample */
  readonly across: number
  readonly down: number
  /**
   * from a block's first luma sample to its chroma sample, in luma samples to the right and down: 0.5 is
   * midway between two
   */
  readonly x: number
  readonly y: number
  /** the same as `Chroma420SampleLocType` of ITU-T H.273; undefined where that says nothing: 4:2:2 */
  readonly sampleLocType: number | undefined
}

/** What a fourcc means, and what the same pixels are called elsewhere. */
export interface FourccInfo {
  /** four characters, blanks included, as V4L2 and DRM write them */
  readonly fourcc: string
  /** other names taken for the same format, upper case */
  readonly aliases: readonly string[]
  /** `-pix_fmt` of ffmpeg; undefined for compressed data */
  readonly pixFmt: string | undefined
  /** `format` of GStreamer's video/x-raw (or its media type); undefined where there is none */
  readonly gstreamer: string | undefined
  /** `encoding` of sensor_msgs/Image (or `format` of CompressedImage); undefined where there is none */
  readonly ros: string | undefined
  readonly model: 'rgb' | 'yuv' | 'grey' | 'depth' | 'bayer' | 'compressed'
  readonly dtype: DType
  /** elements per pixel in the array; 1 for planar and compressed formats */
  readonly channels: number
  /** true: a compressed picture of variable length; its planes say nothing */
  readonly opaque: boolean
  readonly planes: readonly PlaneInfo[]
  /** undefined for all but YUV */
  readonly chroma: ChromaInfo | undefined
}

const packed = (bytes: number): readonly PlaneInfo[] => [{ bytes, across: 1, down: 1 }]
/** Two pixels share their chroma: four bytes for every two pixels, an odd last pixel included. */
const PAIRS: readonly PlaneInfo[] = [{ bytes: 4, across: 2, down: 1 }]
const LUMA: PlaneInfo = { bytes: 1, across: 1, down: 1 }
const CHROMA: PlaneInfo = { bytes: 1, across: 2, down: 2 }
const CHROMA_PAIR: PlaneInfo = { bytes: 2, across: 2, down: 2 }

/** Centred, "interstitially sited" in V4L2's words. */
const C422: ChromaInfo = { across: 2, down: 1, x: 0.5, y: 0, sampleLocType: undefined }
const C420: ChromaInfo = { across: 2, down: 2, x: 0.5, y: 0.5, sampleLocType: 1 }

type Row = readonly [
  fourcc: string,
  aliases: readonly string[],
  pixFmt: string | undefined,
  gstreamer: string | undefined,
  ros: string | undefined,
  model: FourccInfo['model'],
  dtype: DType,
  channels: number,
  planes: readonly PlaneInfo[],
  chroma?: ChromaInfo,
]

// prettier-ignore
const ROWS: readonly Row[] = [
  ['RGB3', ['RGB'],          'rgb24',         'RGB',        'rgb8',        'rgb',   'uint8',   3, packed(3)],
  ['BGR3', ['BGR'],          'bgr24',         'BGR',        'bgr8',        'rgb',   'uint8',   3, packed(3)],
  ['RGBA', ['AB24'],         'rgba',          'RGBA',       'rgba8',       'rgb',   'uint8',   4, packed(4)],
  ['BGRA', ['AR24'],         'bgra',          'BGRA',       'bgra8',       'rgb',   'uint8',   4, packed(4)],
  ['GREY', ['Y800', 'Y8'],   'gray',          'GRAY8',      'mono8',       'grey',  'uint8',   1, packed(1)],
  ['Y16 ', [],               'gray16le',      'GRAY16_LE',  'mono16',      'grey',  'uint16',  1, packed(2)],
  ['Z16 ', [],               'gray16le',      'GRAY16_LE',  '16UC1',       'depth', 'uint16',  1, packed(2)],
  ['R  F', ['32FC1'],        'grayf32le',     undefined,    '32FC1',       'depth', 'float32', 1, packed(4)],
  ['YUYV', ['YUY2'],         'yuyv422',       'YUY2',       'yuv422_yuy2', 'yuv',   'uint8',   2, PAIRS, C422],
  ['UYVY', [],               'uyvy422',       'UYVY',       'yuv422',      'yuv',   'uint8',   2, PAIRS, C422],
  ['NV12', [],               'nv12',          'NV12',       undefined,     'yuv',   'uint8',   1, [LUMA, CHROMA_PAIR], C420],
  ['NV21', [],               'nv21',          'NV21',       'nv21',        'yuv',   'uint8',   1, [LUMA, CHROMA_PAIR], C420],
  ['I420', ['YU12', 'IYUV'], 'yuv420p',       'I420',       undefined,     'yuv',   'uint8',   1, [LUMA, CHROMA, CHROMA], C420],
  ['RGGB', [],               'bayer_rggb8',   'rggb',       'bayer_rggb8', 'bayer', 'uint8',   1, packed(1)],
  ['GRBG', [],               'bayer_grbg8',   'grbg',       'bayer_grbg8', 'bayer', 'uint8',   1, packed(1)],
  ['GBRG', [],               'bayer_gbrg8',   'gbrg',       'bayer_gbrg8', 'bayer', 'uint8',   1, packed(1)],
  ['BA81', [],               'bayer_bggr8',   'bggr',       'bayer_bggr8', 'bayer', 'uint8',   1, packed(1)],
  ['RG16', [],               'bayer_rggb16le', 'rggb16le', 'bayer_rggb16', 'bayer', 'uint16',  1, packed(2)],
  ['GR16', [],               'bayer_grbg16le', 'grbg16le', 'bayer_grbg16', 'bayer', 'uint16',  1, packed(2)],
  ['GB16', [],               'bayer_gbrg16le', 'gbrg16le', 'bayer_gbrg16', 'bayer', 'uint16',  1, packed(2)],
  ['BYR2', [],               'bayer_bggr16le', 'bggr16le', 'bayer_bggr16', 'bayer', 'uint16',  1, packed(2)],
  ['MJPG', ['JPEG'],         undefined,       'image/jpeg', 'jpeg',        'compressed', 'uint8', 1, packed(1)],
  ['H264', [],               undefined,       'video/x-h264', 'h264',      'compressed', 'uint8', 1, packed(1)],
  ['HEVC', ['H265'],         undefined,       'video/x-h265', 'hevc',      'compressed', 'uint8', 1, packed(1)],
]

/**
 * Every format framering knows: a closed table.
 *
 * ```ts
 * FOURCCS.find((row) => row.pixFmt === 'nv12')?.fourcc // 'NV12'
 * ```
 *
 * Codes and memory layouts are those of V4L2 (linux/videodev2.h; "Image Formats" of the kernel's
 * userspace-api/media documentation), except: `RGBA` and `BGRA` are named by the order of their bytes
 * (V4L2 calls the same memory `AB24` and `AR24`; its `RA24` is neither), `I420` is V4L2's `YU12`, and
 * `R  F`, one float32 per pixel, is DRM's `DRM_FORMAT_R32F` (drm/drm_fourcc.h), since V4L2 has no
 * floats; ROS calls it `32FC1`. 16-bit samples are little-endian.
 *
 * Chroma planes follow the luma without padding and cover odd sizes by rounding up, as ffmpeg lays
 * out rawvideo. V4L2 drivers round such sizes to even ones instead.
 *
 * Chroma stands where V4L2 says these formats have it ("Color Sample Location" of the same pages):
 * centred between the luma samples that share it, as in JPEG, and as swscale takes it when nobody says
 * more. Pictures decoded from MPEG-2, H.264 or HEVC may have it at the left instead (type 0 of H.273,
 * their default); a frame does not carry which.
 */
export const FOURCCS: readonly FourccInfo[] = ROWS.map(
  ([fourcc, aliases, pixFmt, gstreamer, ros, model, dtype, channels, planes, chroma]) => ({
    fourcc,
    aliases,
    pixFmt,
    gstreamer,
    ros,
    model,
    dtype,
    channels,
    opaque: model === 'compressed',
    planes,
    chroma,
  }),
)

const byName = new Map<string, FourccInfo>()
for (const info of FOURCCS) {
  for (const name of [info.fourcc, info.fourcc.trimEnd(), ...info.aliases]) byName.set(name, info)
}

/**
 * The row of a format, by fourcc or alias; trailing blanks and case do not matter.
 *
 * ```ts
 * fourccInfo('Y16')?.dtype // 'uint16'
 * fourccInfo('32FC1')?.fourcc // 'R  F'
 * ```
 */
export function fourccInfo(fourcc: string): FourccInfo | undefined {
  return byName.get(fourcc) ?? byName.get(fourcc.trimEnd().toUpperCase())
}

/**
 * The 32-bit code a frame header holds: first character in the lowest byte. 0 for `''`.
 *
 * ```ts
 * packFourcc('YUYV').toString(16) // '56595559'
 * ```
 */
export function packFourcc(fourcc: string): number {
  if (fourcc === '') return 0
  const four = fourcc.padEnd(4)
  let code = 0
  for (let i = 3; i >= 0; i--) code = code * 256 + (four.charCodeAt(i) & 0xff)
  return code
}

/**
 * The reverse of {@link packFourcc}. A code read from shared memory may hold any bytes: those that do
 * not print come back as `?`.
 */
export function unpackFourcc(code: number): string {
  if (code === 0) return ''
  let fourcc = ''
  for (let i = 0; i < 4; i++) {
    const byte = (code >>> (8 * i)) & 0xff
    fourcc += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'
  }
  return fourcc
}
