import { colorTable } from '../picture/color-maps.ts'
import { elementReader } from '../picture/element-reader.ts'
import type { PictureLayout, ScalarLayout } from '../picture/layout.ts'
import { NO_VALUE } from '../picture/pixels.ts'
import { fitScale, screenToPicture } from '../picture/view-transform.ts'
import { GROUND, type Painter, type Scene } from './painter.ts'
import { fragmentShader, VERTEX } from './shader.ts'

type Gl = WebGL2RenderingContext
type Storage = 'byte' | 'word' | 'float'

const MAX_TAPS = 4

/** A painter that decodes in the fragment shader; undefined where there is no WebGL 2. */
export function glPainter(canvas: HTMLCanvasElement): Painter | undefined {
  const gl = canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    powerPreference: 'low-power',
    // Snapshots and clips read the canvas whenever they like.
    preserveDrawingBuffer: true,
  })
  if (gl === null) return undefined
  let stage = new Stage(gl)
  canvas.addEventListener('webglcontextlost', (event) => {
    event.preventDefault()
  })
  canvas.addEventListener('webglcontextrestored', () => {
    stage = new Stage(gl)
  })
  return {
    name: 'WebGL',
    paint(scene) {
      if (!gl.isContextLost()) stage.paint(scene)
    },
  }
}

class Stage {
  readonly #gl: Gl
  readonly #programs = new Map<string, Program>()
  readonly #planes: readonly Texture[]
  readonly #colors: Texture
  readonly #pixel = new Uint8Array(4)
  #uploaded = -1
  #map = ''

  constructor(gl: Gl) {
    this.#gl = gl
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
    this.#planes = [0, 1, 2].map((unit) => new Texture(gl, unit))
    this.#colors = new Texture(gl, 3)
    gl.bindVertexArray(gl.createVertexArray())
  }

  paint({ layout, bytes, version, tone, view }: Scene): void {
    const gl = this.#gl
    const { width, height } = gl.canvas
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number
    if (layout.width > most || layout.height > most) {
      throw new RangeError(`This browser paints pictures of up to ${most} × ${most}.`)
    }
    const storage = storageOf(layout)
    if (version !== this.#uploaded) {
      this.#upload(layout, bytes, storage)
      this.#uploaded = version
    }
    gl.viewport(0, 0, width, height)
    const to = screenToPicture(view, layout, { width, height })
    const scale = view.scale === 0 ? fitScale(layout, view.turns, { width, height }) : view.scale
    const taps = Math.min(Math.max(Math.ceil(1 / scale - 0.1), 1), MAX_TAPS)
    const program = this.#program(layout, storage, taps)
    gl.useProgram(program.program)
    gl.uniform2i(program.at('size'), layout.width, layout.height)
    gl.uniform3f(program.at('rowX'), to.xx, to.xy, to.x0)
    gl.uniform3f(program.at('rowY'), to.yx, to.yy, to.y0)
    gl.uniform1f(program.at('screenHeight'), height)
    gl.uniform3fv(program.at('ground'), unit(GROUND))
    if (layout.kind === 'yuv420' || layout.kind === 'yuv422') {
      const f = layout.factors
      gl.uniform2f(program.at('lumaFactors'), f.yScale, f.yOffset)
      gl.uniform4f(program.at('chromaFactors'), f.rv, f.gu, f.gv, f.bu)
    } else if (layout.kind === 'bayer') {
      gl.uniform2i(program.at('red'), layout.red[0], layout.red[1])
      gl.uniform1f(program.at('shrink'), layout.bits === 8 ? 1 : 257)
    } else if (layout.kind === 'scalar') {
      gl.uniform3f(program.at('tone'), layout.scale, tone.low, tone.high)
      gl.uniform1i(program.at('zeroIsNone'), layout.zeroIsNone ? 1 : 0)
      gl.uniform3fv(program.at('noValue'), unit(NO_VALUE))
      if (tone.map !== this.#map) {
        this.#colors.set(256, 1, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, colorTable(tone.map))
        this.#map = tone.map
      }
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    // Waits for the drawing: `finish` alone is a mere flush in Chromium, and the times told would be of
    // orders, not of pictures.
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, this.#pixel)
  }

  #program(layout: PictureLayout, storage: Storage, taps: number): Program {
    const source = fragmentShader(layout, storage, taps)
    let program = this.#programs.get(source)
    if (program === undefined) {
      program = new Program(this.#gl, source)
      this.#programs.set(source, program)
    }
    return program
  }

  #upload(layout: PictureLayout, bytes: Uint8Array<ArrayBuffer>, storage: Storage): void {
    const gl = this.#gl
    if (bytes.length < layout.bytes) {
      throw new RangeError(`The frame has ${bytes.length} bytes of ${layout.bytes}.`)
    }
    const { width, height } = layout
    const [first, second, third] = this.#planes as [Texture, Texture, Texture]
    const one = [gl.R8, gl.RED, gl.UNSIGNED_BYTE] as const
    const two = [gl.RG8, gl.RG, gl.UNSIGNED_BYTE] as const
    const four = [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE] as const
    switch (layout.kind) {
      case 'rgb':
        if (layout.channels === 4) first.set(width, height, ...four, bytes)
        else first.set(width, height, gl.RGB8, gl.RGB, gl.UNSIGNED_BYTE, bytes)
        return
      case 'yuv422':
        first.set(Math.ceil(width / 2), height, ...four, bytes)
        return
      case 'yuv420': {
        const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)]
        first.set(width, height, ...one, bytes)
        if (layout.step === 2) {
          second.set(w, h, ...two, bytes.subarray(Math.min(layout.u, layout.v)))
          return
        }
        second.set(w, h, ...one, bytes.subarray(layout.u))
        third.set(w, h, ...one, bytes.subarray(layout.v))
        return
      }
      case 'bayer':
        if (layout.bits === 8) first.set(width, height, ...one, bytes)
        else first.set(width, height, ...two, bytes)
        return
      case 'scalar':
        if (storage === 'byte') first.set(width, height, ...one, bytes)
        else if (storage === 'word') first.set(width, height, ...two, bytes)
        else first.set(width, height, gl.R32F, gl.RED, gl.FLOAT, floats(layout, bytes))
    }
  }
}

/** Linked shaders and where their uniforms are. */
class Program {
  readonly program: WebGLProgram
  readonly #gl: Gl
  readonly #places = new Map<string, WebGLUniformLocation | null>()

  constructor(gl: Gl, fragment: string) {
    this.#gl = gl
    this.program = gl.createProgram()
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type)
      if (shader === null) throw new Error('the graphics context was lost')
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(this.program, shader)
    }
    gl.linkProgram(this.program)
    if (gl.getProgramParameter(this.program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
      throw new Error(`the shader does not link: ${gl.getProgramInfoLog(this.program) ?? ''}`)
    }
    gl.useProgram(this.program)
    for (const [unit, name] of ['plane0', 'plane1', 'plane2', 'colors'].entries()) {
      gl.uniform1i(this.at(name), unit)
    }
  }

  at(name: string): WebGLUniformLocation | null {
    if (!this.#places.has(name)) {
      this.#places.set(name, this.#gl.getUniformLocation(this.program, name))
    }
    return this.#places.get(name) ?? null
  }
}

/** A texture of whole pixels on a unit of its own; its memory is kept while its size is. */
class Texture {
  readonly #gl: Gl
  readonly #unit: number
  #like = ''

  constructor(gl: Gl, unit: number) {
    this.#gl = gl
    this.#unit = unit
    gl.activeTexture(gl.TEXTURE0 + unit)
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST)
    }
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
  }

  set(
    width: number,
    height: number,
    internal: number,
    format: number,
    type: number,
    data: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  ): void {
    const gl = this.#gl
    gl.activeTexture(gl.TEXTURE0 + this.#unit)
    const like = `${width} ${height} ${internal}`
    if (like === this.#like) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, type, data)
      return
    }
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, type, data)
    this.#like = like
  }
}

function storageOf(layout: PictureLayout): Storage {
  if (layout.kind !== 'scalar') return 'byte'
  const { element } = layout
  return element === 'uint8' || element === 'bool'
    ? 'byte'
    : element === 'uint16'
      ? 'word'
      : 'float'
}

function floats(layout: ScalarLayout, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const count = layout.width * layout.height
  if (layout.element === 'float32' && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, count)
  }
  const sample = elementReader(layout.element, bytes)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = sample(i)
  return values
}

function unit(color: readonly [number, number, number]): [number, number, number] {
  return [color[0] / 255, color[1] / 255, color[2] / 255]
}
