/**
 * Where Python's scripts run: the first rung of a ladder that the browser does not refuse.
 *
 *   worker   a worker from the script's address: what every page from a server gets that calls a script a script
 *   blob     a worker from the script's text; Chromium refuses it to a page from disk and to a frame without an origin
 *   data     the same, with the text in the address itself
 *   page     the page's own thread, where there can be no worker: the page stands still while Python computes
 *
 * The texts, and all that Python starts from, come in one classic script, `carried.js`: that is what a browser still takes where it
 * refuses modules, workers and `fetch`. A course in one file (bundle/carrier.py) has it inside.
 *
 * @typedef {"worker" | "blob" | "data" | "page"} Rung
 *
 * @typedef {object} Carried what carried.js leaves as `globalThis.carried`
 * @property {string} worker   worker.js with all that it imports, as one module
 * @property {string} unpack   unpack.js, likewise
 * @property {Record<string, string>} files   by name, as unpack.js reads them
 *
 * @typedef {object} Host
 * @property {Worker | MessagePort} port
 * @property {() => void} end
 */

import { address } from "./download.js";

const CARRIED_PATIENCE = 180_000; // ms for a script of many MB, of whose arrival nothing can be seen

/** The rungs for a text, the best first. @type {Rung[]} */
export const RUNGS = ["blob", "data", "page"];

/**
 * Start a script. A browser that refuses says so by an exception here, by `lost`, or not at all.
 * @param {Rung} rung @param {string} script   its address for the first rung, its text for the others
 * @param {(reason: string) => void} lost
 * @returns {Host}
 */
export function open(rung, script, lost) {
  if (rung === "page") return openHere(script, lost);
  const url = { worker: () => script, blob: () => inBlob(script), data: () => inAddress(script) }[rung]();
  const worker = new Worker(url, { type: "module" });
  worker.onerror = (event) => lost(event.message ?? "a worker could not be loaded");
  return { port: worker, end: () => worker.terminate() };
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

/** Whether the page has all inside. */
export const isCarried = () => "carried" in globalThis;

/** All that is carried. @returns {Promise<Carried>} */
export async function carried() {
  if (!isCarried()) await load(address("carried.js"));
  return /** @type {{carried: Carried}} */ (/** @type {unknown} */ (globalThis)).carried;
}

/** @param {string} src of a classic script */
async function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  await new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${src} did not come whole`));
    setTimeout(fail, CARRIED_PATIENCE);
    script.onload = () => (isCarried() ? resolve(undefined) : fail());
    script.onerror = fail;
    document.head.append(script);
  });
}
