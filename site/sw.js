/// <reference lib="webworker" />
/**
 * The service worker: saves whole versions of the course, and answers requests from them, online
 * and offline. channels/offline.js registers it.
 *
 * The build puts `const BUILD = {version, files, later}` above this text (bundle/offline.py): the
 * version that was published with this script. Each version has a cache of its own, and counts once
 * every file is in it, each checked against its hash. A page that opens gets the version in use,
 * and all its files from that: their names contain hashes, so no two versions use one name for
 * different bytes. A new version is on trial until one of its pages has started Python; only then
 * the previous one is deleted. A version that fails is set aside for a day, and the previous one
 * stays in use.
 *
 * Packages that only changed code imports (`BUILD.later`) are saved after a version, or when they
 * are used; a version counts without them.
 *
 * From a page: {call: "status" | "install" | "later"}
 *              {call: "wait"}   a reader waits for something else: no download starts for a while
 *              {call: "started" | "failed" | "left", script}   how the start went, or "left" if
 *                  the page was closed before that was known; and the URL of one of the page's
 *                  scripts, which says which version the page has
 * To pages:    {offline: OfflineStatus}   after "status" and "install", and during downloads
 *              {again: true}              to a page whose version has just been set aside: reload
 *
 * Responses are stored as they came and returned as they were stored: a new Response would lose the
 * code that Chromium has compiled for it.
 *
 * @typedef {object} State   what survives a restart of this worker
 * @property {string} current   the version in use; "" for none
 * @property {string} trial   a complete new version that no page has started yet; "" for none
 * @property {number} shown   how many pages of it were opened and have not reported yet
 * @property {string} aside   a version that failed
 * @property {number} until   when it may be tried again, in ms since 1970
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
const NAME = `math-for-ml ${SCOPE} `; // an origin shares its caches; other folders may have other courses
const STATE = `math-for-ml-state ${SCOPE}`;
const TRIES = 3; // pages of a new version that may close without a report
const ASIDE = 86_400_000; // ms
const SPARE = 1.2; // times the bytes of a version: the storage that a browser needs for them
const AT_ONCE = 3;
const WAIT = 10_000; // ms

/**
 * @param {typeof BUILD.files} files
 * @returns {Map<string, {address: string, bytes: number, integrity: string}>}
 */
const byAddress = (files) =>
  new Map(
    files.map(([url, bytes, integrity]) => {
      const address = new URL(url, SCOPE).href;
      return [address, { address, bytes, integrity }];
    }),
  );
const listed = byAddress(BUILD.files);
const later = byAddress(BUILD.later);

/** @type {Promise<State> | undefined} */
let remembered;
/** @type {Promise<void> | undefined} */
let installing;
/** @type {OfflineStatus["work"]} */
let work = "";
let waiting = 0; // until when no download starts, in ms since 1970
let reported = 0; // when pages got the last status, in ms since 1970

async function recall() {
  const response = await (await caches.open(STATE)).match(SCOPE);
  /** @type {State} */
  const nothing = { current: "", trial: "", shown: 0, aside: "", until: 0 };
  return { ...nothing, ...(await response?.json().catch(() => ({}))) };
}

const state = () => (remembered ??= recall());

/** @param {Partial<State>} changes */
async function remember(changes) {
  const changed = Object.assign(await state(), changes);
  await (await caches.open(STATE)).put(SCOPE, new Response(JSON.stringify(changed)));
}

/**
 * A file of a version.
 * @param {string} version @param {string} address
 * @returns {Promise<Response | undefined>}
 */
async function stored(version, address) {
  return version ? caches.match(address, { cacheName: NAME + version, ignoreVary: true }) : undefined;
}

/** The versions with saved files, the one in use first. */
async function versions() {
  const { current, trial } = await state();
  const found = (await caches.keys())
    .filter((name) => name.startsWith(NAME))
    .map((name) => name.slice(NAME.length));
  return [...new Set([current, trial, ...found].filter((version) => found.includes(version)))];
}

/**
 * A file of any version: the state may be lost while the files are still there. It takes longer, as
 * the browser has to list all caches.
 * @param {string} address
 */
async function anywhere(address) {
  for (const version of await versions()) {
    const found = await stored(version, address);
    if (found) return found;
  }
}

/** A URL without its query and hash, which only the page reads. @param {string} url */
function bare(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

// Answers

const ABSENT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Not here while you are offline</title><body style="font: 1.2rem/1.5 sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem">
<h1>You are offline</h1><p>This is not among the files that are kept for offline use. The lessons are:
<a href="${SCOPE}index.html">go to the course</a>.</p></body></html>`;

/** A page, from the version in use. @param {FetchEvent} event */
async function page({ request }) {
  const known = await state();
  if (known.trial && known.shown >= TRIES) await setAside();
  const address = bare(request.url);
  // Hosts name pages differently: /, /index.html, /lessons/01-vectors
  const names = address.endsWith("/") ? [`${address}index.html`] : [address, `${address}.html`];
  for (const version of new Set([known.trial, known.current])) {
    for (const name of names) {
      const found = await stored(version, name);
      if (!found) continue;
      if (version === known.trial && request.destination === "document")
        await remember({ shown: known.shown + 1 });
      return found;
    }
  }
  try {
    return await fetch(request);
  } catch {
    // The state may be lost while the files are still there.
    const others = (await versions()).flatMap((version) => names.map((name) => stored(version, name)));
    const found = (await Promise.all(others)).find(Boolean);
    if (found) return found;
    return new Response(ABSENT, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
  }
}

/** A file of a page. @param {FetchEvent} event */
async function part(event) {
  const { request } = event;
  const address = bare(request.url);
  if (request.cache === "reload") return renewed(request, address); // the page has found the stored file damaged
  const { current, trial } = await state();
  const found =
    (await stored(current, address)) ?? (await stored(trial, address)) ?? (await anywhere(address));
  if (found) return found;
  const response = await fetch(request);
  if (later.has(address) && response.ok) event.waitUntil(keepUsed(address, response.clone()));
  return response;
}

/**
 * Saves a package that was used, if its version is here.
 * @param {string} address @param {Response} response
 */
async function keepUsed(address, response) {
  const known = await state();
  const { integrity } = /** @type {{integrity: string}} */ (later.get(address));
  if (![known.current, known.trial].includes(BUILD.version) || !(await intact(response.clone(), integrity)))
    return;
  await (await caches.open(NAME + BUILD.version)).put(address, response);
}

/** @param {Request} request @param {string} address */
async function renewed(request, address) {
  const wanted = listed.get(address) ?? later.get(address);
  const response = await fetch(request);
  if (wanted && response.ok && (await intact(response.clone(), wanted.integrity)))
    for (const version of await versions())
      if (await stored(version, address))
        await (await caches.open(NAME + version)).put(address, response.clone());
  return response;
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(SCOPE)) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (listed.has(bare(request.url)) || /^(assets|runtime)\//.test(request.url.slice(SCOPE.length)))
    event.respondWith(part(event));
});

// Versions

/** @param {Response} response @param {string} integrity */
async function intact(response, integrity) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return `sha256-${btoa(String.fromCharCode(...digest))}` === integrity;
}

/** The files that the version of BUILD still lacks. */
async function missing() {
  const name = NAME + BUILD.version;
  const keys = (await caches.has(name)) ? await (await caches.open(name)).keys() : [];
  const here = new Set(keys.map(({ url }) => url));
  return [...listed.values()].filter(({ address }) => !here.has(address));
}

/**
 * Saves one file: from another version if it is the same, otherwise from the network.
 * @param {Cache} cache @param {{address: string, integrity: string}} file
 */
async function bring(cache, { address, integrity }) {
  const lasting = /^(assets|runtime)\//.test(address.slice(SCOPE.length));
  if (lasting)
    for (const version of await versions()) {
      const same = version === BUILD.version ? undefined : await stored(version, address);
      if (same && (await intact(same.clone(), integrity))) return cache.put(address, same);
    }
  /** @param {RequestCache} mode */
  const get = async (mode) => {
    const options = /** @type {RequestInit} */ ({ cache: mode, integrity, priority: "low" });
    const response = await fetch(address, options);
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    return response;
  };
  const response = await get(lasting ? "default" : "no-cache").catch(() => get("reload"));
  // A navigation may not be answered with a redirected response.
  const { redirected, headers } = response;
  await cache.put(address, redirected ? new Response(await response.blob(), { headers }) : response);
}

/** Resolves once no reader has waited for a while. */
async function calm() {
  for (let left; (left = waiting - Date.now()) > 0;)
    await new Promise((resolve) => setTimeout(resolve, left));
}

/** Saves the version of BUILD completely, and puts it on trial; or in use, if there is no other. */
async function install() {
  const known = await state();
  if (known.aside === BUILD.version && Date.now() < known.until) return;
  await tidy();
  const wanted = await missing();
  const needed = wanted.reduce((sum, { bytes }) => sum + bytes, 0) * SPARE;
  const { quota = Infinity, usage = 0 } = (await worker.navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < needed) throw new DOMException("no room for a version", "QuotaExceededError");
  const cache = await caches.open(NAME + BUILD.version);
  const lane = async () => {
    for (let file; (file = wanted.shift());) {
      await calm();
      await bring(cache, file);
      if (Date.now() - reported > 300) await report();
    }
  };
  // All lanes end before this function: otherwise one of them could re-create a deleted cache.
  const lanes = Array.from({ length: AT_ONCE }, () =>
    lane().catch((error) => {
      wanted.length = 0;
      throw error;
    }),
  );
  for (const end of await Promise.allSettled(lanes)) if (end.status === "rejected") throw end.reason;
  if ((await missing()).length) throw new Error("files went while others came");
  if (known.current !== BUILD.version)
    await remember(known.current ? { trial: BUILD.version, shown: 0 } : { current: BUILD.version });
}

/** @returns {Promise<void>} */
function installOnce() {
  work = "coming";
  installing ??= install()
    .then(
      () => (work = ""),
      async (error) => {
        console.warn("This version of the course is not kept for offline use.", error);
        work = error?.name === "QuotaExceededError" ? "full" : "failed";
        const { current, trial } = await state();
        if (work === "full" && ![current, trial].includes(BUILD.version))
          await caches.delete(NAME + BUILD.version);
      },
    )
    .finally(() => (installing = undefined))
    .then(() => report());
  return installing;
}

/** Saves the packages of a complete version, if there is room. */
async function bringLater() {
  const { current, trial } = await state();
  if (![current, trial].includes(BUILD.version)) return;
  const cache = await caches.open(NAME + BUILD.version);
  for (const file of later.values()) {
    if (await cache.match(file.address)) continue;
    const { quota = Infinity, usage = 0 } = (await worker.navigator.storage?.estimate?.()) ?? {};
    await calm();
    if (quota - usage > file.bytes * SPARE) await bring(cache, file);
  }
}

/** Deletes what no open page can need. */
async function tidy() {
  const { current, trial } = await state();
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.length > 1) return; // one of them may show an old version
  for (const version of await versions())
    if (![current, trial, BUILD.version].includes(version)) await caches.delete(NAME + version);
}

/** A page has started Python. @param {string} script */
async function started(script) {
  const { trial } = await state();
  if (await stored(trial, bare(script))) await remember({ current: trial, trial: "", shown: 0 });
  if (!(await state()).trial) await tidy();
}

/** A page was closed before it could report. @param {string} script */
async function left(script) {
  const { trial, shown } = await state();
  if (shown && (await stored(trial, bare(script)))) await remember({ shown: shown - 1 });
}

async function setAside() {
  const { trial } = await state();
  await remember({ trial: "", shown: 0, aside: trial, until: Date.now() + ASIDE });
}

/**
 * A page could not start. If its files are damaged, they are deleted and saved again; otherwise a
 * version on trial has failed.
 * @param {string} script @param {Client} client
 */
async function failed(script, client) {
  const { current, trial } = await state();
  const version = (await stored(trial, bare(script))) ? trial : current;
  const cache = await caches.open(NAME + version);
  let damaged = 0;
  if (version === BUILD.version)
    for (const { address, integrity } of listed.values()) {
      const found = await cache.match(address, { ignoreVary: true });
      if (found && (await intact(found, integrity))) continue;
      await cache.delete(address);
      damaged += 1;
    }
  if (damaged) {
    console.warn(`${damaged} stored files were damaged or missing.`);
    if (version === trial) await remember({ trial: "" }); // until it is whole again
  } else if (version && version === trial) await setAside();
  else return;
  client.postMessage({ again: true });
}

async function report() {
  reported = Date.now();
  const { current, trial } = await state();
  const lacking = (await missing()).reduce((sum, { bytes }) => sum + bytes, 0);
  const total = [...listed.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const newest = [current, trial].includes(BUILD.version) && !lacking;
  const ready = newest || (current !== "" && current !== BUILD.version);
  const status = { ready, newest, work, done: total - lacking, total };
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const client of windows) client.postMessage({ offline: status });
}

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  const { data, source } = event;
  const calls = {
    status: () => report(),
    wait: async () => void (waiting = Date.now() + WAIT),
    install: installOnce,
    later: () =>
      bringLater().catch((error) =>
        console.warn("Packages for changed code are not kept for offline use.", error),
      ),
    started: () => started(data.script),
    failed: () => failed(data.script, /** @type {Client} */ (source)),
    left: () => left(data.script),
  };
  const call = calls[/** @type {keyof typeof calls} */ (data?.call)];
  if (call) event.waitUntil(call());
});
