import type { Sample, ScalarName, Spec, StructSpec } from './definitions.ts'

const C_TYPES: Record<ScalarName, string> = {
  i8: 'int8_t',
  u8: 'uint8_t',
  i16: 'int16_t',
  u16: 'uint16_t',
  i32: 'int32_t',
  u32: 'uint32_t',
  i64: 'int64_t',
  u64: 'uint64_t',
  f16: '_Float16',
  f32: 'float',
  f64: 'double',
  bool: 'bool',
}

/**
 * A C program that knows these structs as C knows them, and prints a line for each: sizeof, alignof,
 * offsetof of each field, and the bytes of one that has the sample's values and zeros between them.
 */
export function cProgram(samples: readonly Sample[]): string {
  const out = [
    '#include <math.h>',
    '#include <stdbool.h>',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '#include <stdio.h>',
    '#include <string.h>',
    'static void hex(const void *at, size_t size) {',
    '  for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)at)[i]);',
    '  printf("\\n");',
    '}',
  ]
  const calls: string[] = []
  samples.forEach(({ spec, value }, i) => {
    const name = `S${i}`
    defineStruct(spec, name, out)
    out.push(`static void say${i}(void) {`, `  static struct ${name} v; memset(&v, 0, sizeof v);`)
    assign(spec, value, 'v', out)
    out.push(`  printf("%zu %zu", sizeof(struct ${name}), _Alignof(struct ${name}));`)
    spec.fields.forEach((_, k) => {
      out.push(`  printf(" %zu", offsetof(struct ${name}, f${k}));`)
    })
    out.push('  printf(" "); hex(&v, sizeof v);', '}')
    calls.push(`say${i}();`)
  })
  return [...out, `int main(void) { ${calls.join(' ')} return 0; }`, ''].join('\n')
}

function defineStruct(spec: StructSpec, name: string, out: string[]): void {
  const fields = spec.fields.map((field, i) => declare(field, `f${i}`, `${name}_${i}`, out))
  const reversed =
    spec.order === 'big' ? ' __attribute__((scalar_storage_order("big-endian")))' : ''
  if (spec.pack !== undefined) out.push(`#pragma pack(push, ${spec.pack})`)
  out.push(`struct ${name} { ${fields.join(' ')} }${reversed};`)
  if (spec.pack !== undefined) out.push('#pragma pack(pop)')
}

/** A declaration of `name`; `inner` names the struct that it may be of. */
function declare(spec: Spec, name: string, inner: string, out: string[]): string {
  let element = spec
  let dimensions = ''
  while (element.kind === 'array') {
    dimensions += `[${element.length}]`
    element = element.element
  }
  switch (element.kind) {
    case 'scalar':
      return `${C_TYPES[element.name]} ${name}${dimensions};`
    case 'string':
      return `char ${name}${dimensions}[${element.length}];`
    case 'bytes':
      return `uint8_t ${name}${dimensions}[${element.length}];`
    case 'struct':
      defineStruct(element, inner, out)
      return `struct ${inner} ${name}${dimensions};`
  }
}

function assign(spec: Spec, value: unknown, place: string, out: string[]): void {
  switch (spec.kind) {
    case 'scalar':
      out.push(`  ${place} = ${literal(spec.name, value)};`)
      break
    case 'string':
      Buffer.from(value as string).forEach((byte, i) =>
        out.push(`  ${place}[${i}] = (char)${byte};`),
      )
      break
    case 'bytes':
      ;(value as Uint8Array).forEach((byte, i) => out.push(`  ${place}[${i}] = ${byte};`))
      break
    case 'array':
      ;(value as unknown[]).forEach((element, i) => {
        assign(spec.element, element, `${place}[${i}]`, out)
      })
      break
    case 'struct':
      spec.fields.forEach((field, i) => {
        assign(field, (value as Record<string, unknown>)[`f${i}`], `${place}.f${i}`, out)
      })
  }
}

function literal(name: ScalarName, value: unknown): string {
  if (name === 'bool') return String(value)
  if (name === 'u64') return `${String(value)}ULL`
  // C has no literal for the least of them: a minus is applied to a literal that is one too large.
  if (name === 'i64') return `(int64_t)${String(BigInt.asUintN(64, value as bigint))}ULL`
  if (!name.startsWith('f')) return `(${C_TYPES[name]})${String(value)}LL`
  if (Number.isFinite(value)) {
    const digits = (value as number).toExponential()
    return `(${C_TYPES[name]})${Object.is(value, -0) ? '-0.0' : digits}`
  }
  return (value as number) < 0 ? '-INFINITY' : 'INFINITY'
}
