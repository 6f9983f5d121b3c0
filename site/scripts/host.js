/**
 * Where Python's scripts run when the browser refuses a worker from its address: the first rung of a ladder that it does not refuse.
 *
 *   blob     a worker from the script's text; Chromium lets it die for a page from disk and in a frame without an origin
 *   data     the same, with the text in the address itself
 *   page     the page's own thread, where there can be no worker: the page stands still while Python computes
 *
 * The texts, and all that Python starts from, come in one classic script, `carried.js`: that is what a browser still takes where it
 * refuses modules, workers and `fetch`. A course in one file (bundle/single.py) has it inside. Other pages do not load this module.
 *
 * @typedef {"blob" | "data" | "page"} Rung
 *
 * @typedef {object} Carried what carried.js leaves as `globalThis.carried`
 * @property {string} worker   worker.js with all that it imports, as one module
 * @property {string} unpack   unpack.js, likewise
 * @property {Record<string, string>} files   by name, as unpack.js reads them
 * @property {Record<string, import("./see-python.js").Code>} python   the figures' own code, by name
 *
 * @typedef {import("./python.js").Host} Host
 */

import { address } from "./download.js";
import { openWorker } from "./python.js";

const CARRIED_PATIENCE = 180_000; // ms for a script of many MB, of whose arrival nothing can be seen

/** The best first. @type {Rung[]} */
export const RUNGS = ["blob", "data", "page"];

/**
 * Start a script from its text. A browser that refuses says so by an exception here, by `lost`, or not at all.
 * @param {Rung} rung @param {string} script @param {(reason: string) => void} lost
 * @returns {Host}
 */
export function open(rung, script, lost) {
  if (rung === "page") return openHere(script, lost);
  return openWorker(rung === "blob" ? inBlob(script) : inAddress(script), lost);
}

/** @param {string} script @param {(reason: string) => void} lost @returns {Host} */
function openHere(script, lost) {
  const { port1, port2 } = new MessageChannel();
  import(inAddress(script)).then(({ serve }) => serve(port2), lost);
  return { port: port1, end: () => port1.close() };
}

/** @param {string} script */
const inBlob = (script) => URL.createObjectURL(new Blob([script], { type: "text/javascript" }));

/** @param {string} script   of ASCII alone */
const inAddress = (script) => `data:text/javascript;base64,${btoa(script)}`;

/** All that is carried; some pages have it inside. @returns {Promise<Carried>} */
export async function carried() {
  if (!("carried" in globalThis)) await load(address("carried.js"));
  return /** @type {{carried: Carried}} */ (/** @type {unknown} */ (globalThis)).carried;
}

/** @param {string} src of a classic script */
async function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  await new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${src} did not come whole`));
    setTimeout(fail, CARRIED_PATIENCE);
    script.onload = () => ("carried" in globalThis ? resolve(undefined) : fail());
    script.onerror = fail;
    document.head.append(script);
  });
}
