/**
 * The files that Python is made of, fetched by the page, each checked against the hash that the build took of it.
 *
 * The browser itself compares (`integrity`): a file cut short, changed on the way, or replaced by the login page of a
 * network is refused, over plain http too. What is refused or does not come is asked for once more, past the cache.
 */

import { files } from "./manifest.js";

const ROOT = new URL("../../../", import.meta.url);
const PATIENCE = 90_000; // ms for one file

/** Bytes that have come, of those asked for. Dispatches "progress". */
export const received = Object.assign(new EventTarget(), { done: 0, total: 0 });

/** A file that could not be had; the message is for the reader. */
export class DownloadError extends Error {}

/**
 * @template T
 * @param {string} name @param {(response: Response) => Promise<T>} use
 * @param {RequestCache} cache
 * @returns {Promise<T>}
 */
async function attempt(name, use, cache) {
  const { url, integrity } = files[name];
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(new Error(`${url} took more than ${PATIENCE} ms`)), PATIENCE);
  try {
    const response = await fetch(new URL(url, ROOT), { integrity, cache, signal: control.signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return await use(response);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @template T
 * @param {string} name @param {(response: Response) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function get(name, use) {
  received.total += files[name].bytes;
  const value = await attempt(name, use, "default").catch((first) => {
    console.warn(`${name}: asked for again after`, first);
    return attempt(name, use, "reload");
  }).catch((cause) => {
    const where = navigator.onLine ? "did not arrive whole" : "cannot be fetched while you are offline";
    throw new DownloadError(`A part of Python (${name}) ${where}. Check the connection, then try again.`, { cause });
  });
  received.done += files[name].bytes;
  received.dispatchEvent(new Event("progress"));
  return value;
}

/** @param {string} name @returns {Promise<ArrayBuffer>} */
export const bytes = (name) => get(name, (response) => response.arrayBuffer());

/** Compiled while it arrives, where the server says that it is WebAssembly. @param {string} name @returns {Promise<WebAssembly.Module>} */
export const module = (name) =>
  get(name, async (response) =>
    response.headers.get("content-type")?.startsWith("application/wasm")
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));

/** Where a published file is. @param {string} name */
export const address = (name) => new URL(files[name].url, ROOT).href;
