/**
 * A change of a figure's code as a short text, for links and for the browser's storage
 * (code-panel.js): the difference to the original, compressed.
 *
 * It has the start and the end of the change in the original, the new text between, and a checksum
 * of the original: a change fits no other one.
 */

const LONGEST = 8_000; // characters; many chat apps and servers cut longer URLs
const MOST = 200_000; // characters of a source

/** @param {string} text */
function checksum(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return sum >>> 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes @param {CompressionStream | DecompressionStream} through
 */
async function passed(bytes, through) {
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > 4 * MOST) throw new RangeError("too long");
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * @param {string} original @param {string} changed
 * @param {number} [longest]   the most characters it may have
 * @returns {Promise<string | undefined>} undefined if it would be too long
 */
export async function pack(original, changed, longest = LONGEST) {
  const least = Math.min(original.length, changed.length);
  let from = 0;
  while (from < least && original[from] === changed[from]) from += 1;
  let same = 0;
  while (same < least - from && original.at(-1 - same) === changed.at(-1 - same)) same += 1;
  const facts = [checksum(original), from, same, changed.slice(from, changed.length - same)];
  const packed = await passed(
    new TextEncoder().encode(JSON.stringify(facts)),
    new CompressionStream("deflate-raw"),
  );
  if (packed.length > longest) return undefined;
  const text = btoa(String.fromCharCode(...packed))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  return text.length <= longest ? text : undefined;
}

/**
 * @param {string} original @param {string} text
 * @param {number} [longest]   the most characters it may have
 * @returns {Promise<string | undefined>} the changed source; undefined if the change is damaged or
 *   of another original
 */
export async function unpack(original, text, longest = LONGEST) {
  try {
    if (text.length > longest) return undefined;
    const packed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
      letter.charCodeAt(0),
    );
    const [sum, from, same, between] = JSON.parse(
      new TextDecoder().decode(await passed(packed, new DecompressionStream("deflate-raw"))),
    );
    if (sum !== checksum(original) || typeof between !== "string" || between.length > MOST) return undefined;
    return original.slice(0, from) + between + original.slice(original.length - same);
  } catch {
    return undefined;
  }
}
