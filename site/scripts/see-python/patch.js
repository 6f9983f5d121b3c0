/**
 * Edited code as a short text, compressed, for code-panel.js: in a link, the difference from the
 * figure's original; in the browser's storage, the whole file (the difference from "").
 *
 * It has the start and the end of the change in the original, the new text between, and a checksum
 * of the original, so that it can't be applied to a different one.
 */

const MAX_LINK_LENGTH = 8_000; // characters; many chat apps and servers cut longer URLs
const MAX_SOURCE_LENGTH = 200_000; // characters of a source

/** @param {string} text */
function checksum(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return sum >>> 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes @param {CompressionStream | DecompressionStream} through
 */
async function piped(bytes, through) {
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > 4 * MAX_SOURCE_LENGTH) throw new RangeError("too long");
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * @param {string} original @param {string} changed
 * @param {number} [longest]   the most characters it may have
 * @returns {Promise<string | undefined>} undefined if it would be too long
 */
export async function pack(original, changed, longest = MAX_LINK_LENGTH) {
  const least = Math.min(original.length, changed.length);
  let from = 0;
  while (from < least && original[from] === changed[from]) from += 1;
  let same = 0;
  while (same < least - from && original.at(-1 - same) === changed.at(-1 - same)) same += 1;
  const facts = [checksum(original), from, same, changed.slice(from, changed.length - same)];
  const packed = await piped(
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
export async function unpack(original, text, longest = MAX_LINK_LENGTH) {
  try {
    if (text.length > longest) return undefined;
    const packed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
      letter.charCodeAt(0),
    );
    const [sum, from, same, between] = JSON.parse(
      new TextDecoder().decode(await piped(packed, new DecompressionStream("deflate-raw"))),
    );
    if (sum !== checksum(original) || typeof between !== "string" || between.length > MAX_SOURCE_LENGTH)
      return undefined;
    return original.slice(0, from) + between + original.slice(original.length - same);
  } catch {
    return undefined;
  }
}
