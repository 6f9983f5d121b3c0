/**
 * Unpacks the snapshot, on another core than the one on which Python is being started.
 *
 * From the page: {script}   the address of npm's `zstddec`, at once
 *                {packed}   an ArrayBuffer, once it is there
 * To the page:   {value}    an ArrayBuffer, or {error}, a message
 */

/** @type {Promise<{decode: (bytes: Uint8Array) => Uint8Array}>} */
let decoder;

/** @param {string} script */
async function load(script) {
  const { ZSTDDecoder } = await import(script);
  const made = new ZSTDDecoder();
  await made.init();
  return made;
}

self.onmessage = async ({ data: { script, packed } }) => {
  if (script) decoder = load(script);
  try {
    const made = await decoder;
    if (!packed) return;
    const value = made.decode(new Uint8Array(packed)).buffer;
    self.postMessage({ value }, { transfer: [value] });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
