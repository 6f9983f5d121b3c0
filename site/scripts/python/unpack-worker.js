/**
 * Decompresses the files of the fallback bundle and sends them to Python's worker. start.js runs it,
 * as a worker or in the page (see fallback-hosts.js), where download-worker.js can't fetch files.
 *
 * From the page: {port, texts}     the port to Python, and each file compressed with Zstandard, as a
 *                                  text with 15 bits in each character (`_dense` in
 *                                  bundle/bundler.py), or base64 in a page in UTF-8
 *                {life}            as in download-worker.js
 * To the page:   {value: null}     all files are sent, or {error: {message}}
 * To Python:     {file, value}
 */

const DECODER = "zstddec.js"; // not compressed
const FIRST_DENSE = 0x3400; // the first of the characters that hold 15 bits

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function fromBase64Text(text) {
  const { fromBase64 } = /** @type {any} */ (Uint8Array); // not in all current browsers
  return fromBase64
    ? fromBase64.call(Uint8Array, text)
    : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * The bytes of a text with 15 bits in each character. The first two are the number of bytes.
 * @param {string} text @returns {Uint8Array<ArrayBuffer>}
 */
function fromDense(text) {
  const code = (/** @type {number} */ at) => text.charCodeAt(at) - FIRST_DENSE;
  const bytes = new Uint8Array((code(0) << 15) + code(1));
  let held = 0; // bits that no byte has yet
  let bits = 0; // how many
  for (let from = 2, to = 0; from < text.length; from += 1) {
    held = ((held << 15) | code(from)) & 0x3fffff;
    for (bits += 15; bits >= 8; to += 1) bytes[to] = held >> (bits -= 8);
  }
  return bytes;
}

/** @param {string} text */
const decoded = (text) => (text.charCodeAt(0) < FIRST_DENSE ? fromBase64Text(text) : fromDense(text));

/** @param {{port: MessagePort, texts: Record<string, string>}} given */
async function unpack({ port, texts: { [DECODER]: script, ...texts } }) {
  const source = new TextDecoder().decode(decoded(script));
  const { ZSTDDecoder } = await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`);
  const decoder = new ZSTDDecoder();
  await decoder.init();
  for (const [file, text] of Object.entries(texts)) {
    const value = decoder.decode(decoded(text)).buffer;
    port.postMessage({ file, value }, [value]);
  }
}

/** @param {Worker | MessagePort} page */
export function serve(page) {
  page.onmessage = async ({ data }) => {
    if ("life" in data) return void Object.assign(globalThis, { life: data.life }); // as in download-worker.js
    try {
      await unpack(data);
      page.postMessage({ value: null });
    } catch (error) {
      page.postMessage({ error: { message: String(error) } });
    }
  };
}

if (!("document" in globalThis)) serve(/** @type {any} */ (self));
