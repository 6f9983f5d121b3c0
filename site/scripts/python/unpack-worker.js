/**
 * Decompresses the files of the fallback bundle and sends them to Python's worker. start.js runs it,
 * as a worker or in the page (see fallback-hosts.js), where download-worker.js can't fetch files.
 *
 * From the page: {port, texts}     where to send the files; and each file, Zstandard in base64
 *                {life}            a port to hold, as in download-worker.js
 * To the page:   {value: null}     all are sent, or {error: {message}}
 * To Python:     {file, value}
 */

const DECODER = "zstddec.js"; // not compressed, in base64

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function fromBase64Text(text) {
  const { fromBase64 } = /** @type {any} */ (Uint8Array); // not in all current browsers
  return fromBase64
    ? fromBase64.call(Uint8Array, text)
    : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** @param {{port: MessagePort, texts: Record<string, string>}} given */
async function unpack({ port, texts: { [DECODER]: script, ...texts } }) {
  const { ZSTDDecoder } = await import(`data:text/javascript;base64,${script}`);
  const decoder = new ZSTDDecoder();
  await decoder.init();
  for (const [file, text] of Object.entries(texts)) {
    const value = decoder.decode(fromBase64Text(text)).buffer;
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
