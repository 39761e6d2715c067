// What the frames of the soak contain, and how it is seen that one is whole: every 32-bit word is the
// frame's number, so any mixture of two frames shows.

/** Fills a frame. */
export function fill(bytes, number) {
  words(bytes).fill(number)
}

/** Whether every word is `number`. */
export function isWhole(bytes, number) {
  const all = words(bytes)
  for (let i = 0; i < all.length; i++) if (all[i] !== number) return false
  return true
}

function words({ buffer, byteOffset, byteLength }) {
  return new Uint32Array(buffer, byteOffset, byteLength >> 2)
}
