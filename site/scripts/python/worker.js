/**
 * Runs Python in a worker, or in the page if the browser allows no worker (fallback-hosts.js). It
 * doesn't use the network: the page and download-worker.js send the files.
 *
 * From the page: {id, call: "start" | "draw" | "complete", …}   answered by {id, value} or
 *                                    {id, error: {name, message, detail}}
 *                {busy}              for so many ms, background work waits
 *                {life}              a port that closes when this worker ends, so that the page
 *                                    notices
 *                {port}              the port of a download worker
 *                {file, value}       a file, also from the port; value null: it can't be had
 * To the page:   {alive: true}       this script runs
 *                {want}              the name or URL of a file that Python requests
 *                {failed}            why Python has stopped for good, as after a call of a cold
 *                                    function (module-parts.js)
 *
 * @typedef {object} Plan   how to start
 * @property {"snapshot" | "ordinary"} boot
 * @property {string[]} sent                    names of files that are sent without a request
 * @property {Record<string, string>} wheels    file names, by package
 * @property {string} course                    the course's own wheel
 * @property {Record<string, string>} edited    sources of figures that their author has changed
 * @property {{id: string, libraries: string[]}} snapshot
 * @property {string} [scene]                   the file with the scene of the first figure
 * @property {number} [timeout]                 of the fast start in ms, if no other can follow
 */

import { draw } from "./draw.js";
import { complete, restore } from "./restore.js";

const QUIET = 1000; // ms without a picture, after which the page counts as idle
const INDEX = "file:///python/"; // an address that isn't fetched: the page sends the files
const IN_PAGE = "document" in globalThis;

/** @type {any} */
let session;
/** @type {any} */
let pyodide;
let root = "";
/** @type {MessagePort | undefined} */
let life; // kept so that it stays open
let drawn = 0; // time of the last request for a picture, in ms
let busy = 0; // background work waits until then, in ms
/** @type {ReturnType<typeof setTimeout> | undefined} */
let tidying;
let rehearsals = 3; // invisible pictures of the first figure that are still to be drawn
/** The first figure, until its reader changes something. @type {string | undefined} */
let rehearsed;

/** Sends a message to the page. @type {(message: object) => void} */
let tellPage = () => {};

/** Scripts in the fallback bundle, by name. @type {Record<string, any>} */
export const scripts = {};

/** @type {Map<string, {promise: Promise<any>, resolve: (value: any) => void}>} */
const files = new Map();
/** @type {Set<string>} */
let sent = new Set();

/** A promise for a file, and its `resolve`. @param {string} name */
function slot(name) {
  let found = files.get(name);
  if (!found) {
    /** @type {(value: any) => void} */
    let resolve = () => {};
    found = { promise: new Promise((done) => (resolve = done)), resolve };
    files.set(name, found);
  }
  return found;
}

/** Waits for a file; each can be taken once. @param {string} name */
async function file(name) {
  const value = await slot(name).promise;
  files.delete(name);
  return value;
}

/**
 * A WebAssembly module, which arrives compiled or as bytes.
 * @param {string} name @returns {Promise<WebAssembly.Module>}
 */
async function compiled(name) {
  const value = await file(name);
  return value instanceof WebAssembly.Module ? value : WebAssembly.compile(value);
}

/**
 * Imports a script, which arrives as a URL or as bytes. Bytes become a data: URL, because in a page
 * without an origin WebKit can't import a blob.
 * @param {string} name
 */
async function script(name) {
  if (scripts[name]) return scripts[name];
  const value = await file(name);
  if (typeof value === "string") return import(value);
  return import(`data:text/javascript;charset=utf-8,${encodeURIComponent(new TextDecoder().decode(value))}`);
}

/**
 * Replaces `fetch`, so that the page sends what Pyodide and micropip request. If Python runs in the
 * page, other URLs are fetched as before, because the page itself uses the same function.
 * @param {Worker | MessagePort} page
 */
function answerRequests(page) {
  const { fetch } = globalThis;
  /** @param {RequestInfo | URL} resource @param {RequestInit} [options] */
  globalThis.fetch = async (resource, options) => {
    const url = resource instanceof Request ? resource.url : String(resource);
    const name = url.startsWith(INDEX) ? url.slice(INDEX.length) : url;
    if (name === url && IN_PAGE) return fetch(resource, options);
    if (!sent.delete(name)) page.postMessage({ want: name });
    const value = await file(name);
    if (value === null) return new Response(null, { status: 404, statusText: "Not Found" });
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(value, { headers: { "content-type": type } });
  };
}

/**
 * The fast start: restores Python's memory as the build saved it.
 * @param {Plan} plan
 */
async function restoreSnapshot({ snapshot, scene, timeout }) {
  const decode = new TextDecoder();
  const record = file("record.json").then((bytes) => JSON.parse(decode.decode(bytes)));
  record.then(
    (known) => (root = known.root),
    () => {},
  ); // `restore` reports a record that can't be read
  const asm = script("pyodide.asm.js");
  asm.catch(() => {}); // `restore` reports it
  const { loadPyodide, version } = await script("pyodide.js");
  return restore({
    id: snapshot.id,
    timeout,
    record,
    snapshot: file("snapshot.bin"),
    scene: scene ? file(scene) : null,
    main: compiled("pyodide.asm.wasm"),
    modules: Promise.all(snapshot.libraries.map(compiled)),
    loadPyodide,
    version,
    createPyodideModule: asm.then((loaded) => loaded.default),
    options: { packageBaseUrl: INDEX, lockFileContents: decode.decode(await file("pyodide-lock.json")) },
  });
}

/**
 * The ordinary start: loads the runtime and the packages, and installs the course's own wheel.
 * @param {Plan} plan
 */
async function startOrdinary({ wheels, course }) {
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    script("pyodide.js"),
    script("pyodide.asm.js"),
  ]);
  const python = await loadPyodide({
    indexURL: INDEX,
    packageBaseUrl: INDEX,
    createPyodideModule,
    env: { HOME: "/home/pyodide", MPLBACKEND: "agg" },
  });
  const packages = Object.keys(wheels);
  await python.loadPackage(packages, { messageCallback: () => {} });
  // loadPackage() doesn't reject if a package is missing.
  const loaded = new Set(Object.keys(python.loadedPackages).map((name) => name.toLowerCase()));
  const missing = packages.filter((name) => !loaded.has(name));
  if (missing.length) throw new Error(`packages did not load: ${missing.join(", ")}`);
  python.FS.writeFile(`/tmp/${course}`, new Uint8Array(await file(course)));
  const micropip = python.pyimport("micropip");
  await micropip.install.callKwargs(`emfs:/tmp/${course}`, { deps: false });
  micropip.destroy();
  return python;
}

/** The folder of a package. @param {string} name @returns {string} */
const folderOf = (name) => pyodide.pyimport(name).__path__.get(0);

/** @param {string} folder @param {Record<string, string>} sources   of modules, by the names of the files */
function add(folder, sources) {
  pyodide.FS.mkdirTree(folder);
  for (const [file, source] of Object.entries(sources)) pyodide.FS.writeFile(`${folder}/${file}`, source);
  pyodide.pyimport("importlib").invalidate_caches();
}

/** Has a figure run from its author's newest source. @param {string} demo @param {string} source */
function replace(demo, source) {
  add(folderOf("demos"), { [`${demo}.py`]: source });
  pyodide.pyimport("sys").modules.pop(`demos.${demo}`, null);
}

/**
 * Has pictures drawn by another module, which is installed beside the course's packages.
 * @param {string} name @param {Record<string, string>} sources
 */
export function use(name, sources) {
  add(folderOf("stage").replace(/\/[^/]*$/, ""), sources);
  return (session = pyodide.pyimport(name));
}

/** Resolves when background work may continue: not while the reader is interacting. */
export async function pause() {
  let left = 0;
  do await new Promise((resolve) => setTimeout(resolve, left));
  while ((left = Math.max(drawn + QUIET, busy) - performance.now()) > 0);
}

/** Draws invisible pictures of the first figure, so that the first drag is smooth. */
function rehearse() {
  if (!rehearsed) return;
  try {
    rehearsals -= 1;
    if (session.rehearse?.(rehearsed) && rehearsals) setTimeout(rehearse);
  } catch (cause) {
    console.warn("An invisible picture could not be drawn.", cause); // no reader waits for it
  }
}

/**
 * Called by Pyodide, instead of its own function, when Python can't go on: the page starts another.
 * @param {any} error
 */
function fail(error) {
  rehearsed = "";
  clearTimeout(tidying);
  tellPage({ failed: String(error) });
  throw error;
}

export const calls = {
  /** @param {Plan} plan */
  async start(plan) {
    sent = new Set(plan.sent);
    pyodide = await (plan.boot === "snapshot" ? restoreSnapshot(plan) : startOrdinary(plan));
    pyodide._api.fatal_error = fail;
    session = pyodide.pyimport("stage.session");
    for (const [demo, source] of Object.entries(plan.edited)) replace(demo, source);
    Object.assign(globalThis, { pyodide }); // for the console
  },

  /**
   * After a fast start: adds the rest of the standard library and of the packages.
   * @param {{wheels: Plan["wheels"]}} parts
   */
  async complete({ wheels }) {
    const named = Object.entries(wheels).map(async ([name, wheel]) => [
      name,
      new Uint8Array(await file(wheel)),
    ]);
    const library = new Uint8Array(await file("python_stdlib.zip"));
    await complete(pyodide, { library, wheels: Object.fromEntries(await Promise.all(named)), root, pause });
  },

  /** Frees the scene of a figure. @param {{demo: string}} figure */
  forget({ demo }) {
    session.forget(demo);
  },

  /** @param {import("./python.js").DrawRequest & {spare?: ArrayBuffer}} request */
  draw(request) {
    drawn = performance.now();
    if (rehearsed === undefined) {
      rehearsed = request.demo;
      setTimeout(rehearse);
    } else if (rehearsed === request.demo) rehearsed = "";
    clearTimeout(tidying);
    tidying = setTimeout(() => session.tidy(), QUIET);
    const picture = draw(pyodide, session, request);
    return { ...picture, took: performance.now() - drawn };
  },
};

/** Answers messages from the page. @param {Worker | MessagePort} page */
export function serve(page) {
  files.clear();
  tellPage = (message) => page.postMessage(message);
  answerRequests(page);
  page.onmessage = async ({ data }) => {
    if ("file" in data) return slot(data.file).resolve(data.value);
    if ("busy" in data) {
      busy = performance.now() + data.busy;
      return;
    }
    if ("life" in data) {
      life = data.life;
      return;
    }
    if ("port" in data) {
      data.port.onmessage = (/** @type {MessageEvent} */ { data: { file, value } }) =>
        slot(file).resolve(value);
      return;
    }
    const { id, call } = data;
    try {
      const value = await calls[/** @type {keyof typeof calls} */ (call)](data);
      page.postMessage({ id, value }, value?.pixels ? [value.pixels.buffer] : []);
    } catch (error) {
      const { type, name, message, stack } = /** @type {any} */ (error);
      page.postMessage({ id, error: { name: type ?? name, message, detail: stack } });
    }
  };
  page.postMessage({ alive: true });
}

if (!IN_PAGE) serve(/** @type {any} */ (self));
