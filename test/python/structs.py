"""Structs as ctypes has them: told by a definition in JSON, as test/struct/definitions.ts makes it.

Reads {"samples": [{"spec", "value", "bytes"}]} from stdin. Prints for each what ctypes says of the
definition, the bytes it writes for the value, and the values it reads from the bytes.
"""
import ctypes
import json
import sys

SCALARS = {
    'i8': ctypes.c_int8, 'u8': ctypes.c_uint8, 'i16': ctypes.c_int16, 'u16': ctypes.c_uint16,
    'i32': ctypes.c_int32, 'u32': ctypes.c_uint32, 'i64': ctypes.c_int64, 'u64': ctypes.c_uint64,
    'f32': ctypes.c_float, 'f64': ctypes.c_double, 'bool': ctypes.c_bool,
}


def type_of(spec, order=None):
    kind = spec['kind']
    if kind == 'scalar':
        # A big-endian structure takes no c_bool.
        if spec['name'] == 'bool' and order == 'big':
            return ctypes.c_uint8
        return SCALARS[spec['name']]
    if kind == 'string':
        return ctypes.c_char * spec['length']
    if kind == 'bytes':
        return ctypes.c_uint8 * spec['length']
    if kind == 'array':
        return type_of(spec['element'], order) * spec['length']
    order = spec['order']
    base = ctypes.BigEndianStructure if order == 'big' else ctypes.Structure
    fields = [(f'f{i}', type_of(field, order)) for i, field in enumerate(spec['fields'])]
    members = {'_fields_': fields}
    if 'pack' in spec:
        members['_pack_'] = spec['pack']
        members['_layout_'] = 'ms'  # what packing implies; Python 3.14 wants it said
    return type('S', (base,), members)


def store(spec, place, key, value):
    """Sets element or attribute `key` of `place`."""
    kind = spec['kind']
    if kind in ('scalar', 'string'):
        if kind == 'string':
            value = value.encode()
        elif spec['name'] == 'bool':
            value = bool(value)
        else:
            value = float(value) if spec['name'][0] == 'f' else int(value)
        if isinstance(key, int):
            if kind == 'string':
                place[key].value = value
            else:
                place[key] = value
        else:
            setattr(place, key, value)
        return
    inner = place[key] if isinstance(key, int) else getattr(place, key)
    if kind == 'bytes':
        inner[:] = value
    elif kind == 'array':
        for i, element in enumerate(value):
            store(spec['element'], inner, i, element)
    else:
        for i, field in enumerate(spec['fields']):
            store(field, inner, f'f{i}', value[f'f{i}'])


def load(spec, value):
    kind = spec['kind']
    if kind == 'scalar':
        return bool(value) if spec['name'] == 'bool' else repr(value)
    if kind == 'string':
        return (value if isinstance(value, bytes) else value.value).decode()
    if kind == 'bytes':
        return list(value)
    if kind == 'array':
        return [load(spec['element'], element) for element in value]
    return {f'f{i}': load(field, getattr(value, f'f{i}')) for i, field in enumerate(spec['fields'])}


def answer(sample):
    spec = sample['spec']
    struct = type_of(spec)
    written = struct()
    for i, field in enumerate(spec['fields']):
        store(field, written, f'f{i}', sample['value'][f'f{i}'])
    names = [name for name, _ in struct._fields_]
    return {
        'size': ctypes.sizeof(struct),
        'alignment': ctypes.alignment(struct),
        'offsets': {name: getattr(struct, name).offset for name in names},
        'bytes': bytes(written).hex(),
        'value': load(spec, struct.from_buffer_copy(bytes.fromhex(sample['bytes']))),
    }


for line in [answer(sample) for sample in json.load(sys.stdin)]:
    print(json.dumps(line))
