/**
 * Other hosts for Python's scripts, for browsers that refuse a worker from its URL. start.js loads
 * this module only then, and tries the hosts in turn:
 *
 *   blob     a worker from a blob with the script; in Chromium it dies on pages from disk and in
 *            frames without an origin
 *   data     a worker from a `data:` URL with the script
 *   page     the page's own thread: the page does not respond while Python computes
 *
 * The scripts and all files come in the fallback bundle, a classic script: browsers still load that
 * where they refuse modules, workers and `fetch`. Single files (bundle/single.py) have it inside.
 *
 * @typedef {"blob" | "data" | "page"} FallbackHost
 *
 * @typedef {object} FallbackBundle   what fallback-bundle.js sets as `globalThis.fallbackBundle`
 * @property {string} worker   worker.js with everything that it imports, as one module
 * @property {string} unpack   unpack-worker.js, likewise
 * @property {Record<string, string>} files   by name, as unpack-worker.js reads them
 * @property {Record<string, import("../see-python/see-python.js").Code>} python   the code of each
 *   figure
 *
 * @typedef {import("./connection.js").Endpoint} Endpoint
 */

import { address } from "./download.js";

const BUNDLE_TIMEOUT = 180_000; // ms for a script of many MB, which reports no progress

/** @type {FallbackHost[]} */
export const FALLBACK_HOSTS = ["blob", "data", "page"];

/** The URL of a worker with this script. @param {FallbackHost} host @param {string} script */
export const workerUrl = (host, script) => (host === "blob" ? blobUrl(script) : dataUrl(script));

/**
 * Runs a script in the page itself.
 * @param {string} script @param {(reason: string) => void} lost
 * @returns {Endpoint}
 */
export function openInPage(script, lost) {
  const { port1, port2 } = new MessageChannel();
  import(dataUrl(script)).then(({ serve }) => serve(port2), lost);
  return { port: port1, end: () => port1.close() };
}

/** @param {string} script */
const blobUrl = (script) => URL.createObjectURL(new Blob([script], { type: "text/javascript" }));

/** @param {string} script   in ASCII */
const dataUrl = (script) => `data:text/javascript;base64,${btoa(script)}`;

/** The fallback bundle: loaded once, or part of the page. @returns {Promise<FallbackBundle>} */
export async function loadBundle() {
  if (!("fallbackBundle" in globalThis)) await load(address("fallback-bundle.js"));
  return /** @type {{fallbackBundle: FallbackBundle}} */ (/** @type {unknown} */ (globalThis)).fallbackBundle;
}

/** @param {string} src of a classic script */
async function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  await new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${src} did not load completely`));
    setTimeout(fail, BUNDLE_TIMEOUT);
    script.onload = () => ("fallbackBundle" in globalThis ? resolve(undefined) : fail());
    script.onerror = fail;
    document.head.append(script);
  });
}
