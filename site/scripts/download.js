/**
 * The files that Python is made of, fetched in a worker of the page or by itself, each checked against the hash that the build took of it.
 *
 * A file that was cut short, changed on the way, or replaced by the login page of a network is refused. What is refused or
 * does not come is asked for once more, past the browser's cache.
 */

import { DownloadError, WayError, explain } from "./causes.js";
import { files } from "./manifest.js";

const ROOT = new URL("../../../", import.meta.url);
const STALL = 20_000; // ms without a byte
const MODULE_PATIENCE = 90_000; // ms for a module, whose bytes only the browser sees

/** Bytes that have come, of those asked for. Dispatches "progress". */
export const received = Object.assign(new EventTarget(), { done: 0, total: 0 });

/** As many bytes as were wanted, but others. */
export class OtherBytes extends WayError {
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
 * Fetch, twice if need be. `use` is given a response and a way to say that it is alive.
 * @template T
 * @param {string} name @param {number} patience ms without a sign of life
 * @param {RequestInit} options
 * @param {(response: Response, alive: () => void) => Promise<T>} use
 * @param {(reason: unknown) => void} [again]   told why it is asked for once more
 * @returns {Promise<T>}
 */
async function get(name, patience, options, use, again) {
  const { url } = files[name];
  /** @param {RequestCache} cache */
  const attempt = (cache) => once(new URL(url, ROOT), patience, { ...options, cache }, use);
  received.total += files[name].bytes;
  try {
    return await attempt("default").catch((first) => {
      console.warn(`${name}: asked for again after`, first);
      again?.(first);
      return attempt("reload");
    });
  } catch (cause) {
    throw told(name, url, cause);
  }
}

/**
 * @template T
 * @param {URL} url @param {number} patience @param {RequestInit} options
 * @param {(response: Response, alive: () => void) => Promise<T>} use
 * @returns {Promise<T>} or a WayError that says what was seen
 */
export async function once(url, patience, options, use) {
  const control = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => control.abort(), patience);
  };
  /** @type {import("./causes.js").Fault["kind"]} */
  let kind = "blocked";
  alive();
  try {
    const response = await fetch(url, { ...options, signal: control.signal });
    const { ok, status, headers } = response;
    if (!ok) throw new WayError({ kind: "status", status }, `${url} answered ${status}`);
    const type = headers.get("content-type") ?? "";
    if (type.startsWith("text/html")) throw new WayError({ kind: "page" }, `${url} is a web page`);
    kind = "damaged";
    return await use(response, alive);
  } catch (cause) {
    if (control.signal.aborted) throw new WayError({ kind: "silent" }, `${url}: nothing came for ${patience} ms`, cause);
    throw cause instanceof WayError ? cause : new WayError({ kind }, `${url}: ${cause}`, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** For the reader. @param {string} name @param {string} url from the site's root @param {unknown} cause */
export function told(name, url, cause) {
  const fault = cause instanceof WayError ? cause.fault : { kind: /** @type {const} */ ("damaged") };
  const folder = url.slice(0, url.lastIndexOf("/") + 1);
  return new DownloadError(explain(name, folder, fault, navigator.onLine), { cause });
}

/** @param {string} name @param {(reason: unknown) => void} [again]   see `get` @returns {Promise<ArrayBuffer>} */
export const bytes = (name, again) =>
  get(name, STALL, {}, async (response, alive) => {
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
  }, again);

/**
 * Over plain http a browser has no hash function for scripts; there the length, the checksums of the archives and that of the
 * snapshot stand guard alone.
 * @param {Uint8Array<ArrayBuffer>} whole @param {string} integrity @param {string} name
 */
async function check(whole, integrity, name) {
  if (!globalThis.crypto?.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  if (`sha256-${btoa(String.fromCharCode(...digest))}` !== integrity) throw new OtherBytes(`${name} has another hash`);
}

/**
 * A module, compiled while it arrives where the server says that it is WebAssembly.
 *
 * Its hash is taken only after the start (python.js): with `integrity` the browser waits for the last byte and then compiles in one
 * piece, for half a second in which the page stands still, and a copy of the bytes would keep it from using the code that it compiled
 * on the visit before. A module that is cut short or is none does not compile; that it is the right one is seen when it is linked
 * (restore.js).
 * @param {string} name
 */
export const module = (name) =>
  get(name, MODULE_PATIENCE, {}, async (response) => {
    const streams = response.headers.get("content-type")?.startsWith("application/wasm");
    const compiled = await (streams
      ? WebAssembly.compileStreaming(response)
      : response.arrayBuffer().then((bytes) => WebAssembly.compile(bytes)));
    count(files[name].bytes);
    return compiled;
  });

/**
 * The address of a script, once its bytes are known to be right: imported from there, it comes out of the browser's cache, with the
 * code that was compiled on the visit before. Bytes that were wrong have been replaced there by those of the second request.
 * @param {string} name
 */
export async function script(name) {
  await bytes(name);
  return address(name);
}

/** Where a published file is. @param {string} name */
export const address = (name) => new URL(files[name].url, ROOT).href;
