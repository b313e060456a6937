// What Python packed (dlfa_core/figures/point_map.py): lengths of two JSON texts, the header, what the reader typed,
// and typed arrays that the header describes.

const ARRAYS = { int16: Int16Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array };
const LENGTHS = 8; // bytes

const lengths = (packed) =>
  [0, 4].map((at) => new DataView(packed.buffer, packed.byteOffset, LENGTHS).getUint32(at, true));
const text = (packed, start, length) => new TextDecoder().decode(packed.subarray(start, start + length));

/** The header, with the arrays in place of their descriptions. */
export function unpack(packed) {
  const bytes = packed.slice(); // a copy begins at an aligned address
  const [header, added] = lengths(bytes);
  const map = JSON.parse(text(bytes, LENGTHS, header));
  const origin = LENGTHS + header + added;
  for (const [name, { type, start, count }] of Object.entries(map.arrays)) {
    map.arrays[name] = new ARRAYS[type](bytes.buffer, origin + start, count);
  }
  return map;
}

/** The digest of the map, without unpacking it: the header begins with it. */
export function digestOf(packed) {
  return text(packed, LENGTHS, 100).match(/"digest": ?"([0-9a-f]+)"/)?.[1];
}

/** What the reader typed, each with its coordinates and neighbours at every layer. */
export function additions(packed) {
  const [header, added] = lengths(packed);
  return JSON.parse(text(packed, LENGTHS + header, added));
}

/** Bytes of a base64 text. */
export function fromBase64(encoded) {
  return Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
}
