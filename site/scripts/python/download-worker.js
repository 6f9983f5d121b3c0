/**
 * Fetches the files that Python starts from, compiles modules, decompresses the rest, and sends it
 * all to Python's worker. So the page stays responsive, and Python can prepare its start meanwhile.
 * start.js opens one or two of these workers.
 *
 * From the page: {life}             a port that closes when this worker ends, so that the page
 *                                   notices
 *                {port, scripts, modules, whole, bytes, packed, optional}
 *                                   once: the port to Python, and names of scripts to check, of
 *                                   modules to compile, of modules to send whole, of files to send
 *                                   unchanged, to decompress, and to decompress if they can be had
 * To the page:   {alive: true}      every two seconds
 *                {done, total}      bytes received, of those requested
 *                {value: null}      all files are sent, or {error: {message, download}}
 * To Python:     {file, value}      the value of a script is its URL; of an optional file that
 *                                   can't be had, null
 */

import { DownloadError } from "./error-messages.js";
import * as download from "./download.js";
import { merge } from "./module-parts.js";

/** In ms: each report costs the page a frame, while all processors are busy with the start. */
const REPORT_EVERY = 500;

/** @type {Promise<any> | undefined} */
let decoder;

async function loadDecoder() {
  const { ZSTDDecoder } = await import(await download.script("zstddec.js"));
  const made = new ZSTDDecoder();
  await made.init();
  return made;
}

/**
 * Fetches and decompresses a file, with the decoder fetched at the same time.
 * @param {string} name @returns {Promise<ArrayBuffer>}
 */
async function unpacked(name) {
  decoder ??= loadDecoder();
  decoder.catch(() => {}); // reported below
  const packed = new Uint8Array(await download.bytes(name));
  try {
    return (await decoder).decode(packed).buffer;
  } catch (cause) {
    throw new Error(`fast start: ${name} cannot be unpacked: ${cause}`);
  }
}

/**
 * The bytes of whole modules: those that a page starts with lack the functions that no figure calls.
 * @param {string[]} names   the main module, then libraries in their order
 */
async function wholeModules(names) {
  const [cold, ...hot] = await Promise.all([
    unpacked("cold.bin"),
    ...names.map((name) => download.bytes(name)),
  ]);
  return merge(
    hot.map((module) => new Uint8Array(module)),
    new Uint8Array(cold),
  );
}

/** @param {{port: MessagePort} & import("./connection.js").Needs} needs */
async function sendAll({ port, scripts, modules, whole = [], bytes, packed, optional = [] }) {
  /** @param {string} file @param {ArrayBuffer} value */
  const give = (file, value) => port.postMessage({ file, value }, [value]);
  await Promise.all([
    ...scripts.map(async (file) => port.postMessage({ file, value: await download.script(file) })),
    ...modules.map(async (file) => port.postMessage({ file, value: await download.module(file) })),
    whole.length &&
      wholeModules(whole).then((merged) => merged.forEach(({ buffer }, i) => give(whole[i], buffer))),
    ...bytes.map(async (file) => give(file, await download.bytes(file))),
    ...packed.map(async (file) => give(file, await unpacked(file))),
    ...optional.map(async (file) => {
      const value = await unpacked(file).catch(() => null);
      port.postMessage({ file, value }, value ? [value] : []);
    }),
  ]);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let reporting;

function report() {
  clearTimeout(reporting);
  reporting = undefined;
  const { done, total } = download.received;
  self.postMessage({ done, total });
}

download.received.addEventListener("progress", () => {
  reporting ??= setTimeout(report, REPORT_EVERY);
});

setInterval(() => self.postMessage({ alive: true }), 2000);

/** @type {MessagePort | undefined} */
let life;

self.onmessage = async ({ data }) => {
  if ("life" in data) {
    life = data.life;
    return;
  }
  try {
    await sendAll(data);
    report(); // now: a later report would take the place of what the page says next
    self.postMessage({ value: null });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    self.postMessage({ error: { message, download: error instanceof DownloadError } });
  }
};
