/**
 * Downloads the files of Python, each checked against the hash that the build computed. Used in the
 * page and in download-worker.js.
 *
 * A file that is cut short, changed on the way, or replaced by a network's sign-in page is refused.
 * What is refused or does not arrive is requested once more, past the browser's cache.
 */

import { DownloadError, AttemptError, explain } from "./error-messages.js";
import { files } from "./manifest.js";

const ROOT = new URL("../../../", import.meta.url);
const STALL = 20_000; // ms without a byte
const MODULE_TIMEOUT = 90_000; // ms for a module, whose bytes only the browser sees

/** Bytes received, of those requested. Dispatches "progress". */
export const received = Object.assign(new EventTarget(), { done: 0, total: 0 });

/** The right number of bytes, but other bytes. */
export class OtherBytes extends AttemptError {
  /** @param {string} message */
  constructor(message) {
    super({ kind: "damaged" }, message);
  }
}

/** @param {number} more */
function count(more) {
  received.done += more;
  received.dispatchEvent(new Event("progress"));
}

/**
 * Fetches a file, twice if necessary. `use` gets the response, and a function to call while it
 * makes progress.
 * @template T
 * @param {string} name @param {number} timeout ms without progress
 * @param {RequestInit} options
 * @param {(response: Response, alive: () => void) => Promise<T>} use
 * @param {(reason: unknown) => void} [again]   called before the second request
 * @returns {Promise<T>}
 */
async function get(name, timeout, options, use, again) {
  const { url } = files[name];
  /** @param {RequestCache} cache */
  const attempt = (cache) => once(new URL(url, ROOT), timeout, { ...options, cache }, use);
  received.total += files[name].bytes;
  try {
    return await attempt("default").catch((first) => {
      console.warn(`${name}: requested again after`, first);
      again?.(first);
      return attempt("reload");
    });
  } catch (cause) {
    throw readable(name, url, cause);
  }
}

/**
 * @template T
 * @param {URL} url @param {number} timeout @param {RequestInit} options
 * @param {(response: Response, alive: () => void) => Promise<T>} use
 * @returns {Promise<T>} or an AttemptError
 */
export async function once(url, timeout, options, use) {
  const control = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => control.abort(), timeout);
  };
  /** @type {import("./error-messages.js").Fault["kind"]} */
  let kind = "blocked";
  alive();
  try {
    const response = await fetch(url, { ...options, signal: control.signal });
    const { ok, status, headers } = response;
    if (!ok) throw new AttemptError({ kind: "status", status }, `${url} answered ${status}`);
    const type = headers.get("content-type") ?? "";
    if (type.startsWith("text/html")) throw new AttemptError({ kind: "page" }, `${url} is a web page`);
    kind = "damaged";
    return await use(response, alive);
  } catch (cause) {
    if (control.signal.aborted)
      throw new AttemptError({ kind: "silent" }, `${url}: nothing came for ${timeout} ms`, cause);
    throw cause instanceof AttemptError ? cause : new AttemptError({ kind }, `${url}: ${cause}`, cause);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The error for the reader.
 * @param {string} name @param {string} url   from the site's root @param {unknown} cause
 */
export function readable(name, url, cause) {
  const fault = cause instanceof AttemptError ? cause.fault : { kind: /** @type {const} */ ("damaged") };
  const folder = url.slice(0, url.lastIndexOf("/") + 1);
  return new DownloadError(explain(name, folder, fault, navigator.onLine), { cause });
}

/**
 * The bytes of a file.
 * @param {string} name @param {(reason: unknown) => void} [again]   see `get`
 * @returns {Promise<ArrayBuffer>}
 */
export const bytes = (name, again) =>
  get(
    name,
    STALL,
    {},
    async (response, alive) => {
      const { bytes: length, integrity } = files[name];
      const whole = new Uint8Array(length);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      let at = 0;
      try {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          if (at + part.value.length > length) throw new Error(`${name} is longer than ${length} bytes`);
          whole.set(part.value, at);
          at += part.value.length;
          alive();
          count(part.value.length);
        }
        if (at < length) throw new Error(`${name} ends after ${at} of ${length} bytes`);
        await check(whole, integrity, name);
      } catch (error) {
        reader.cancel().catch(() => {});
        count(-at);
        throw error;
      }
      return whole.buffer;
    },
    again,
  );

/**
 * Checks the hash of a file. Over plain http browsers have no hash function for scripts (secure
 * contexts only); there the length and the checksums of archives and snapshot must do.
 * @param {Uint8Array<ArrayBuffer>} whole @param {string} integrity @param {string} name
 */
async function check(whole, integrity, name) {
  if (!globalThis.crypto?.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  if (`sha256-${btoa(String.fromCharCode(...digest))}` !== integrity)
    throw new OtherBytes(`${name} has another hash`);
}

/**
 * A module, compiled while it arrives if the server sends the MIME type of WebAssembly.
 *
 * Its hash is checked only after the start (start.js): with `integrity` the browser would wait for
 * the last byte and then compile everything at once, and a copy of the bytes would prevent it from
 * using the code that it cached on the last visit. A module that is cut short does not compile;
 * that it is the right one shows when it is linked (restore.js).
 * @param {string} name
 */
export const module = (name) =>
  get(name, MODULE_TIMEOUT, {}, async (response) => {
    const streams = response.headers.get("content-type")?.startsWith("application/wasm");
    const compiled = await (streams
      ? WebAssembly.compileStreaming(response)
      : response.arrayBuffer().then((bytes) => WebAssembly.compile(bytes)));
    count(files[name].bytes);
    return compiled;
  });

/**
 * The URL of a script, once its bytes are checked: imported from there, it comes from the browser's
 * cache, with the code that was compiled on the last visit. The second request has replaced wrong
 * bytes in the cache.
 * @param {string} name
 */
export async function script(name) {
  await bytes(name);
  return address(name);
}

/** The URL of a published file. @param {string} name */
export const address = (name) => new URL(files[name].url, ROOT).href;
