import type { PictureLayout } from '../picture/layout.ts'

/* One program per kind of picture. All pixels are fetched by whole coordinates and decoded here, so that
 * what is painted is what `pixelsOf` says: see picture/pixels.ts for the formulas. */

export const VERTEX = `#version 300 es
void main() {
  // one triangle that covers the screen
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`

const COMMON = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D plane0, plane1, plane2, colors;
uniform ivec2 size;
uniform vec3 rowX, rowY;      // from screen to picture
uniform float screenHeight;
uniform vec3 ground;
out vec4 painted;

float level8(vec4 texel) { return floor(texel.r * 255.0 + 0.5); }
float level16(vec4 texel) {
  return floor(texel.r * 255.0 + 0.5) + 256.0 * floor(texel.g * 255.0 + 0.5);
}
`

const YUV = `
uniform vec2 lumaFactors;     // scale, offset
uniform vec4 chromaFactors;   // rv, gu, gv, bu
vec3 fromYuv(vec3 yuv) {
  vec3 l = floor(yuv * 255.0 + 0.5);
  float y = lumaFactors.x * (l.x - lumaFactors.y);
  float u = l.y - 128.0, v = l.z - 128.0;
  vec3 rgb = vec3(y + chromaFactors.x * v,
                  y + chromaFactors.y * u + chromaFactors.z * v,
                  y + chromaFactors.w * u);
  return clamp(floor(rgb + 0.5), 0.0, 255.0) / 255.0;
}
`

const SCALAR = `
uniform vec3 tone;            // unit per count, low, high
uniform bool zeroIsNone;
uniform vec3 noValue;
vec3 fromScalar(float count) {
  if (isnan(count) || (zeroIsNone && count == 0.0)) return noValue;
  float t = (count * tone.x - tone.y) / (tone.z - tone.y);
  return texelFetch(colors, ivec2(int(clamp(floor(t * 255.0 + 0.5), 0.0, 255.0)), 0), 0).rgb;
}
`

const BAYER = `
uniform ivec2 red;
uniform float shrink;
float raw(ivec2 p) {
  p = abs(p);
  p = min(p, max(2 * (size - 1) - p, ivec2(0)));
  return RAW(texelFetch(plane0, p, 0));
}
vec3 source(ivec2 p) {
  ivec2 s = (p + red) & 1;
  float own = raw(p);
  float beside = (raw(p + ivec2(-1, 0)) + raw(p + ivec2(1, 0))) / 2.0;
  float above = (raw(p + ivec2(0, -1)) + raw(p + ivec2(0, 1))) / 2.0;
  float corners = (raw(p + ivec2(-1, -1)) + raw(p + ivec2(1, -1)) +
                   raw(p + ivec2(-1, 1)) + raw(p + ivec2(1, 1))) / 4.0;
  float cross4 = (beside + above) / 2.0;
  vec3 rgb = s.y == 0
    ? (s.x == 0 ? vec3(own, cross4, corners) : vec3(beside, own, above))
    : (s.x == 0 ? vec3(above, own, beside) : vec3(corners, cross4, own));
  return floor(rgb / shrink + 0.5) / 255.0;
}
`

/** `taps`: samples per screen pixel and axis. Written out: software renderers pay dearly for loops. */
function mainPart(taps: number): string {
  const samples = Array.from({ length: taps * taps }, (_, i) => {
    const [x, y] = [((i % taps) + 0.5) / taps, (Math.floor(i / taps) + 0.5) / taps]
    return `shown(corner + vec2(${x.toFixed(4)}, ${y.toFixed(4)}))`
  })
  return `
vec3 shown(vec2 screen) {
  vec3 at = vec3(screen, 1.0);
  vec2 place = vec2(dot(rowX, at), dot(rowY, at));
  ivec2 p = ivec2(floor(place));
  if (p.x < 0 || p.y < 0 || p.x >= size.x || p.y >= size.y) return ground;
  return source(p);
}
void main() {
  vec2 corner = vec2(gl_FragCoord.x - 0.5, screenHeight - gl_FragCoord.y - 0.5);
  painted = vec4((${samples.join(' + ')}) / ${(taps * taps).toFixed(1)}, 1.0);
}`
}

/** The fragment shader for pictures of this layout; `float` as the numbers of a scalar layout are kept. */
export function fragmentShader(
  layout: PictureLayout,
  storage: 'byte' | 'word' | 'float',
  taps: number,
): string {
  const main = mainPart(taps)
  const at = 'texelFetch(plane0, p, 0)'
  switch (layout.kind) {
    case 'rgb': {
      const order = layout.order[0] === 0 ? 'rgb' : 'bgr'
      return `${COMMON} vec3 source(ivec2 p) { return ${at}.${order}; } ${main}`
    }
    case 'yuv422': {
      const part = (i: number): string => 'rgba'.charAt(i)
      const { y, u, v } = layout
      return `${COMMON}${YUV} vec3 source(ivec2 p) {
        vec4 pair = texelFetch(plane0, ivec2(p.x >> 1, p.y), 0);
        float y = (p.x & 1) == 0 ? pair.${part(y)} : pair.${part(y + 2)};
        return fromYuv(vec3(y, pair.${part(u)}, pair.${part(v)}));
      } ${main}`
    }
    case 'yuv420': {
      const half = 'ivec2(p.x >> 1, p.y >> 1), 0)'
      const swapped = layout.u > layout.v
      const chroma =
        layout.step === 1
          ? `vec2(texelFetch(plane1, ${half}.r, texelFetch(plane2, ${half}.r)`
          : `texelFetch(plane1, ${half}.${swapped ? 'gr' : 'rg'}`
      return `${COMMON}${YUV} vec3 source(ivec2 p) {
        return fromYuv(vec3(${at}.r, ${chroma}));
      } ${main}`
    }
    case 'bayer':
      return `${COMMON}${BAYER.replace('RAW', layout.bits === 8 ? 'level8' : 'level16')}${main}`
    case 'scalar': {
      const count = { byte: `level8(${at})`, word: `level16(${at})`, float: `${at}.r` }[storage]
      return `${COMMON}${SCALAR} vec3 source(ivec2 p) { return fromScalar(${count}); } ${main}`
    }
  }
}
