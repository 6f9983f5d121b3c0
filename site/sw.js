/// <reference lib="webworker" />
/**
 * The service worker: keeps whole versions of the course, and answers from them, with or without a network.
 *
 * The build puts `const BUILD = {version, files, later}` above this text (bundle/offline.py): the version that was published together with
 * this script. A version lies in a cache of its own and counts once every file of it is there, each checked against its hash. A page
 * that opens is given the version in use, and gets all its files from it: they have hashes in their names, and no two versions share
 * a name for different bytes. A version that is new is on trial until a page of it has started Python; only then the one before it goes.
 * One that fails is set aside for a day, and the one before it goes on.
 *
 * Packages that only changed code imports (`BUILD.later`) come when a version is there, or when they are used; it counts without them.
 *
 * From a page: {call: "status" | "install" | "later"}
 *              {call: "wait"}       a reader waits for something else: no file is begun for a while
 *              {call: "started" | "failed" | "left", script}   how its start went, "left" if it went before it knew; and the address of
 *                                   one of its own scripts, which says of which version it is
 * To pages:    {offline: OfflineStatus}                after "status" and "install", and while files come
 *              {again: true}                           to a page of a version that has just been set aside: load anew
 *
 * A response is stored as it came and handed out as it was stored: one that is made anew loses the code that Chromium compiled for it.
 *
 * @typedef {object} State        what is remembered from one life of this worker to the next
 * @property {string} current     the version in use; "": none yet
 * @property {string} trial       a new one, whole, that no page has started yet; "": none
 * @property {number} shown       how many pages of it were opened and have not said how it went
 * @property {string} aside       one that failed
 * @property {number} until       when it may be tried again, in ms since 1970
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
const NAME = `math-for-ml ${SCOPE} `; // caches are the whole origin's; other courses may lie in other folders
const STATE = `math-for-ml-state ${SCOPE}`;
const TRIES = 3; // pages of a new version that may end without a word
const ASIDE = 86_400_000; // ms
const SPARE = 1.2; // of the bytes of a version: what a browser needs to hold them
const AT_ONCE = 3;
const WAIT = 10_000; // ms

/** @param {typeof BUILD.files} files @returns {Map<string, {address: string, bytes: number, integrity: string}>} */
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
let waiting = 0; // until when no file is begun, in ms since 1970
let reported = 0; // when pages were last told, in ms since 1970

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

/** A file of a version. @param {string} version @param {string} address @returns {Promise<Response | undefined>} */
async function stored(version, address) {
  return version ? caches.match(address, { cacheName: NAME + version, ignoreVary: true }) : undefined;
}

/** The versions of which something is here, the one in use first. */
async function versions() {
  const { current, trial } = await state();
  const found = (await caches.keys()).filter((name) => name.startsWith(NAME)).map((name) => name.slice(NAME.length));
  return [...new Set([current, trial, ...found].filter((version) => found.includes(version)))];
}

/** Without what only the page itself reads. @param {string} url */
function bare(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

// Answers

const ABSENT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Not here while you are offline</title><body style="font: 1.2rem/1.5 sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem">
<h1>You are offline</h1><p>This is not among the files that are kept for offline use. The lessons are:
<a href="${SCOPE}index.html">go to the course</a>.</p></body></html>`;

/** A page, from the version that is in use when it opens. @param {FetchEvent} event */
async function page({ request }) {
  const known = await state();
  if (known.trial && known.shown >= TRIES) await setAside();
  const address = bare(request.url);
  // Hosts differ in what a page is called: /, /index.html, /lessons/01-vectors
  const names = address.endsWith("/") ? [`${address}index.html`] : [address, `${address}.html`];
  for (const version of new Set([known.trial, known.current])) {
    for (const name of names) {
      const found = await stored(version, name);
      if (!found) continue;
      if (version === known.trial && request.destination === "document") await remember({ shown: known.shown + 1 });
      return found;
    }
  }
  try {
    return await fetch(request);
  } catch {
    // What is remembered may be gone, and the files still there.
    const others = (await versions()).flatMap((version) => names.map((name) => stored(version, name)));
    const found = (await Promise.all(others)).find(Boolean);
    if (found) return found;
    return new Response(ABSENT, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
  }
}

/** What a page is made of. @param {FetchEvent} event */
async function part(event) {
  const { request } = event;
  const address = bare(request.url);
  if (request.cache === "reload") return renewed(request, address); // whoever asks so has found the stored one damaged
  for (const version of await versions()) {
    const found = await stored(version, address);
    if (found) return found;
  }
  const response = await fetch(request);
  if (later.has(address) && response.ok) event.waitUntil(keepUsed(address, response.clone()));
  return response;
}

/** Keep a package that was used, where the version is that it belongs to. @param {string} address @param {Response} response */
async function keepUsed(address, response) {
  const known = await state();
  const { integrity } = /** @type {{integrity: string}} */ (later.get(address));
  if (![known.current, known.trial].includes(BUILD.version) || !(await intact(response.clone(), integrity))) return;
  await (await caches.open(NAME + BUILD.version)).put(address, response);
}

/** @param {Request} request @param {string} address */
async function renewed(request, address) {
  const wanted = listed.get(address) ?? later.get(address);
  const response = await fetch(request);
  if (wanted && response.ok && (await intact(response.clone(), wanted.integrity)))
    for (const version of await versions())
      if (await stored(version, address)) await (await caches.open(NAME + version)).put(address, response.clone());
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

/** What the version of BUILD lacks. */
async function missing() {
  const name = NAME + BUILD.version;
  const keys = (await caches.has(name)) ? await (await caches.open(name)).keys() : [];
  const here = new Set(keys.map(({ url }) => url));
  return [...listed.values()].filter(({ address }) => !here.has(address));
}

/**
 * Bring one file into the cache: from another version where it is the same, from the network otherwise.
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
  // A page that a host redirects to another name may not be handed out as the redirected one.
  const { redirected, headers } = response;
  await cache.put(address, redirected ? new Response(await response.blob(), { headers }) : response);
}

/** Once no reader has waited for something else for a while. */
async function calm() {
  for (let left; (left = waiting - Date.now()) > 0; ) await new Promise((resolve) => setTimeout(resolve, left));
}

/** Bring the version of BUILD here as a whole, and put it on trial; or use it, if there is none. */
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
    for (let file; (file = wanted.shift()); ) {
      await calm();
      await bring(cache, file);
      if (Date.now() - reported > 300) await report();
    }
  };
  // All lanes end before this does: what one of them still does could bring back a cache that is thrown away.
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
        if (work === "full" && ![current, trial].includes(BUILD.version)) await caches.delete(NAME + BUILD.version);
      },
    )
    .finally(() => (installing = undefined))
    .then(() => report());
  return installing;
}

/** What a whole version has besides, if there is room. */
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

/** Throw away what no open page can need. */
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

/** A page went before it could tell. @param {string} script */
async function left(script) {
  const { trial, shown } = await state();
  if (shown && (await stored(trial, bare(script)))) await remember({ shown: shown - 1 });
}

async function setAside() {
  const { trial } = await state();
  await remember({ trial: "", shown: 0, aside: trial, until: Date.now() + ASIDE });
}

/**
 * A page could not start. If its files are damaged, they go, and are brought anew; otherwise a version on trial has failed.
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
    later: () => bringLater().catch((error) => console.warn("Packages for changed code are not kept for offline use.", error)),
    started: () => started(data.script),
    failed: () => failed(data.script, /** @type {Client} */ (source)),
    left: () => left(data.script),
  };
  const call = calls[/** @type {keyof typeof calls} */ (data?.call)];
  if (call) event.waitUntil(call());
});
