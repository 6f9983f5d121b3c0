/**
 * Fetches what Python starts from, compiles and unpacks it, and hands it straight to Python's worker: the page stands still
 * for none of that, and Python meanwhile does what it can without.
 *
 * From the page: {port, modules, bytes, packed}    where the files go, once; then the names of files to compile, to send
 *                                                  as they are, and to unpack
 * To the page:   {done, total}                     bytes so far, of those asked for
 *                {value: null}                     all are sent, or {error: {message, download}}
 * To Python:     {file, value}
 */

import * as download from "./download.js";

/** A file that zstd has packed; its decoder comes meanwhile. @param {string} name @returns {Promise<ArrayBuffer>} */
async function unpacked(name) {
  const decoder = import(download.address("zstddec.js")).then(async ({ ZSTDDecoder }) => {
    const made = new ZSTDDecoder();
    await made.init();
    return made;
  });
  decoder.catch(() => {}); // told of below
  const packed = new Uint8Array(await download.bytes(name));
  try {
    return (await decoder).decode(packed).buffer;
  } catch (cause) {
    throw new Error(`fast start: ${name} cannot be unpacked: ${cause}`);
  }
}

/** @param {{port: MessagePort, modules: string[], bytes: string[], packed: string[]}} wanted */
async function supply({ port, modules, bytes, packed }) {
  /** @param {string} file @param {ArrayBuffer} value */
  const give = (file, value) => port.postMessage({ file, value }, [value]);
  await Promise.all([
    ...modules.map(async (file) => port.postMessage({ file, value: await download.module(file) })),
    ...bytes.map(async (file) => give(file, await download.bytes(file))),
    ...packed.map(async (file) => give(file, await unpacked(file))),
  ]);
}

download.received.addEventListener("progress", () => {
  const { done, total } = download.received;
  self.postMessage({ done, total });
});

self.onmessage = async ({ data }) => {
  try {
    await supply(data);
    self.postMessage({ value: null });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    self.postMessage({ error: { message, download: error instanceof download.DownloadError } });
  }
};
