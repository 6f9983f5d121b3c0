/**
 * Python for this page: one worker, started at the first picture that a demo asks for.
 *
 * The messages are listed in worker.js. Every call has a time limit: a worker that does not answer is ended, and the next
 * call starts a new one. Where the browser refuses the worker, another host takes its place (host.js).
 */

import { busy, calm } from "./background.js";
import { DownloadError, explainStart } from "./causes.js";
import * as download from "./download.js";
import { course, edited, files, snapshot, wheels } from "./manifest.js";

/**
 * @typedef {object} DrawRequest
 * @property {string} demo
 * @property {Record<string, string[]>} fields what the form holds, by parameter
 * @property {number} width CSS pixels
 * @property {number} ratio device pixels to a CSS pixel
 * @property {"light" | "dark" | "contrast-light" | "contrast-dark"} theme
 * @property {boolean} whole not only what has changed: the canvas has lost what it had
 * @property {[name: string, x: number, y: number]} [moved] the handle that is being dragged: its control, and where the pointer is
 *   in the data of its axes
 *
 * @typedef {object} Handle where the axes lie, as fractions of the canvas, and their limits
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 * @property {[number, number]} x
 * @property {[number, number]} y
 * @property {[number, number]} [at] where the handle is in them, if that is not what its fields hold
 *
 * @typedef {object} Drawing what changed on the canvas; lengths in device pixels
 * @property {string} caption
 * @property {{width: number, height: number}} frame the whole canvas
 * @property {{x: number, y: number, width: number, height: number}} rect
 * @property {Uint8ClampedArray<ArrayBuffer>} pixels RGBA of `rect`
 * @property {Record<string, Handle> | null} handles by parameter; null: as before
 * @property {string} detail a longer description of the picture, for screen readers
 * @property {Record<string, string>} numbers that the lesson's text can show, by name
 * @property {string[]} shown the controls that have an effect in this state
 * @property {Record<string, string[]>} fields values that Python has found for controls: by a handle, or computed
 * @property {number} took ms, where Python runs
 */

const HEARD_PATIENCE = 60_000; // ms until a script from the network says that it runs
const CARRIED_PATIENCE = 10_000; // ms until one from a text does
const START_PATIENCE = 120_000; // ms from the last file to a running Python, on an old machine
const BEAT_PATIENCE = 3_000; // ms without a sign of a supplier, three times in a row
const SCRIPT_PATIENCE = 20_000; // ms for a script that is fetched anew
const DRAW_PATIENCE = 15_000; // ms for one picture
const COMPLETE_AFTER = 4_000; // ms; by then the reader has the first picture
const RESTARTS = 3; // in ten minutes; then the page stays as it is

/** An error whose message is for the reader and ends with the next step. `fatal`: Python itself could not start. */
export class PythonError extends Error {
  /** @param {string} message @param {boolean} fatal @param {unknown} [cause] */
  constructor(message, fatal, cause) {
    super(message, { cause });
    this.fatal = fatal;
  }
}

/** The worker is gone: ended, dead, or without an answer for too long. */
export class WorkerLost extends Error {}

/** The browser does not run the script here: no sign of it came. */
class Refused extends Error {
  name = "Refused";
}

/** What the workers consist of. Where one cannot be had, these are fetched past the browser's cache: one may be damaged there. */
const WORKER_SCRIPTS = ["worker.js", "supply.js", "download.js", "causes.js", "manifest.js"];

/**
 * Dispatches "progress" with {words, done, total}, in bytes, while Python starts; "renewed" when the Python that drew has been ended
 * for a better one.
 */
export const progress = new EventTarget();

/** Memory of a picture that has been shown; new memory for each would take as long as much of the drawing. @type {ArrayBuffer | undefined} */
let spare;

/** @typedef {import("./host.js").Rung} Rung @typedef {import("./host.js").Carried} Carried */

/**
 * How Python was started, once it was, and where it runs.
 * @typedef {{boot: "snapshot" | "ordinary", host: "worker" | Rung}} Way
 * @type {Promise<Way>}
 */
export let started = new Promise(() => {});

/**
 * @typedef {object} Host where a script runs
 * @property {Worker | MessagePort} port
 * @property {() => void} end
 *
 * @typedef {(script: "worker" | "supply" | "unpack", lost: (reason: string) => void) => Host} Open
 *
 * @typedef {object} Connection
 * @property {Way["host"] | "sandbox"} place where Python runs
 * @property {Worker | MessagePort} port to it
 * @property {Host[]} suppliers those that bring files to it, and end with it
 * @property {Promise<void>} heard once its script has said that it runs
 * @property {(message: object, patience: number, transfer?: ArrayBuffer[]) => Promise<any>} call
 * @property {(reason: Error) => void} end
 */

/** @type {Promise<Connection> | undefined} */
let running;
/** Where it ran last: the next start tries nothing that was refused. @type {Way["host"] | undefined} */
let held;
let distrusted = false; // whether the modules of the fast start cannot be had whole
const DEATHS = "ml-deaths";
const STILL = "The pictures stand still for a while. All else can be read.";
const kiosk = document.documentElement.classList.contains("kiosk");
/** When workers died, in ms since 1970; on a screen in public in the pages before, too. @type {number[]} */
const deaths = [];
try {
  if (kiosk) deaths.push(...JSON.parse(sessionStorage.getItem(DEATHS) ?? "[]"));
} catch {
  // refused: then they are counted page by page
}

/** Whether Python has died so often that it is better left alone. */
const hopeless = () => deaths.filter((time) => Date.now() - time < 600_000).length > RESTARTS;

function died() {
  deaths.push(Date.now());
  try {
    if (kiosk) sessionStorage.setItem(DEATHS, JSON.stringify(deaths));
  } catch {
    // refused, or full
  }
}

/** @param {string} words @param {{done: number, total: number}[]} received */
const tell = (words, received) => {
  const [done, total] = received.reduce((sum, { done, total }) => [sum[0] + done, sum[1] + total], [0, 0]);
  progress.dispatchEvent(new CustomEvent("progress", { detail: { words, done, total } }));
};

/** @param {string} url @param {(reason: string) => void} lost @returns {Host} */
export function openWorker(url, lost) {
  const worker = new Worker(url, { type: "module" });
  worker.onerror = (event) => lost(event.message ?? "a worker could not be loaded");
  // A worker that dies tells nobody, but the other end of a port that it holds is closed, and current browsers say so at once.
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("close", () => lost("a worker has died"));
  port1.start();
  worker.postMessage({ life: port2 }, [port2]);
  const end = () => {
    port1.close();
    worker.terminate();
  };
  return { port: worker, end };
}

/** @type {Open} */
const openFromAddress = (script, lost) => openWorker(new URL(`./${script}.js`, import.meta.url).href, lost);

/**
 * Python's script with calls that are answered, or fail after a time.
 * @param {Way["host"] | "sandbox"} place @param {Open} openScript
 * @param {(url: string) => Promise<ArrayBuffer | null>} [bring]   a file that it asks for
 * @returns {Connection}
 */
export function connect(place, openScript, bring = outside) {
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: any) => void}>} */
  const open = new Map();
  /** @type {Host[]} */
  const suppliers = [];
  let last = 0;
  let silent = true;
  let hear = () => {};
  /** @type {(reason: Error) => void} */
  let refuse = () => {};
  /** @type {Promise<void>} */
  const heard = new Promise((resolve, reject) => ([hear, refuse] = [resolve, reject]));
  heard.catch(() => {}); // not everybody waits for it
  /** @type {Error | undefined} */
  let over;

  /** @param {Error} reason */
  const end = (reason) => {
    over ??= reason;
    clearTimeout(timer);
    for (const each of [python, ...suppliers]) each?.end();
    refuse(reason);
    for (const { reject } of open.values()) reject(reason);
    open.clear();
  };
  /** @param {string} reason */
  const lost = (reason) => end(silent ? new Refused(`${place}: ${reason}`) : new WorkerLost(reason));
  const patience = place === "worker" ? HEARD_PATIENCE : CARRIED_PATIENCE;
  const timer = setTimeout(() => lost(`not heard in ${patience} ms`), patience);
  /** @type {Host | undefined} */
  let python;
  try {
    python = openScript("worker", lost);
  } catch (cause) {
    clearTimeout(timer);
    throw new Refused(`${place}: ${cause}`);
  }
  const { port } = python;
  port.onmessage = async ({ data }) => {
    silent = false;
    clearTimeout(timer);
    hear();
    if ("alive" in data) return;
    if ("want" in data) {
      const value = await bring(data.want);
      port.postMessage({ file: data.want, value }, value ? [value] : []);
      return;
    }
    const call = open.get(data.id);
    open.delete(data.id);
    if (data.error) call?.reject(Object.assign(new Error(data.error.message), data.error));
    else call?.resolve(data.value);
  };

  return {
    place,
    port,
    suppliers,
    heard,
    end,
    call: (message, patience, transfer = []) =>
      new Promise((resolve, reject) => {
        if (over) throw over; // it died while nobody waited for it
        const id = (last += 1);
        const late = () => end(new WorkerLost(`no answer in ${patience} ms`));
        const timer = patience < Infinity ? setTimeout(late, patience) : undefined;
        const settle = (/** @type {(value: any) => void} */ done) => (/** @type {any} */ value) => {
          clearTimeout(timer);
          done(value);
        };
        open.set(id, { resolve: settle(resolve), reject: settle(reject) });
        port.postMessage({ ...message, id }, transfer);
      }),
  };
}

/** @typedef {{scripts: string[], modules: string[], bytes: string[], packed: string[]}} Wanted   see supply.js */

/**
 * Have files brought to Python from beside it.
 * @param {Connection} python @param {(lost: (reason: string) => void) => Host} open
 * @param {Wanted | {texts: Carried["files"]}} wanted
 * @param {(progress: {done: number, total: number}) => void} report
 */
export async function supply(python, open, wanted, report) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let watch;
  const brought = new Promise((resolve, reject) => {
    let heard = false;
    const lost = (/** @type {string} */ reason) => reject(heard ? new WorkerLost(reason) : new Refused(`${python.place}: ${reason}`));
    const supplier = open(lost);
    // For browsers that do not tell of a closed port. Counted, not timed: a tab that was frozen has missed one beat, not all.
    let missed = 0;
    if (python.place === "worker")
      watch = setInterval(() => heard && (missed += 1) > 2 && lost("a supplier is silent"), BEAT_PATIENCE);
    python.suppliers.push(supplier);
    const { port1, port2 } = new MessageChannel();
    python.port.postMessage({ port: port1 }, [port1]);
    supplier.port.postMessage({ ...wanted, port: port2 }, [port2]);
    supplier.port.onmessage = ({ data }) => {
      heard = true;
      missed = 0;
      if ("alive" in data) return;
      if ("total" in data) report(data);
      else if (!data.error) resolve(data.value);
      else reject(data.error.download ? new DownloadError(data.error.message) : new Error(data.error.message));
    };
  });
  await brought.finally(() => clearInterval(watch));
}

/** A file that Python asks for by itself: this site's only. @param {string} url @returns {Promise<ArrayBuffer | null>} */
async function outside(url) {
  try {
    if (Object.hasOwn(files, url)) return await download.bytes(url);
    const wanted = new URL(url, document.baseURI);
    if (wanted.origin !== location.origin) return null;
    const response = await fetch(wanted);
    return response.ok ? await response.arrayBuffer() : null;
  } catch {
    return null;
  }
}

const SCRIPTS = ["pyodide.js", "pyodide.asm.js"];

/** What each start needs, and who brings it: unpacking the snapshot keeps a processor busy. @type {Record<string, Wanted[]>} */
const NEEDS = {
  snapshot: [
    { scripts: SCRIPTS, modules: ["pyodide.asm.wasm", ...snapshot.libraries], bytes: ["record.json", "pyodide-lock.json"], packed: [] },
    { scripts: [], modules: [], bytes: [], packed: ["snapshot.bin"] },
  ],
  ordinary: [
    {
      scripts: SCRIPTS,
      modules: [],
      bytes: ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json", course, ...Object.values(wheels)],
      packed: [],
    },
  ],
};

/**
 * @param {Way["boot"]} boot @param {Way["host"]} place @param {Open} open
 * @param {Carried["files"]} [texts]   where nothing can be fetched
 * @returns {Promise<Connection>}
 */
async function start(boot, place, open, texts) {
  const connection = connect(place, open);
  const all = texts ? [{ texts, modules: [] }] : NEEDS[boot];
  const received = all.map(() => ({ done: 0, total: 0 }));
  try {
    if (texts) await connection.heard; // texts of many MB are not for a script that never runs
    const supplied = all.map((wanted, index) =>
      supply(connection, (lost) => open(texts ? "unpack" : "supply", lost), wanted, (progress) => {
        received[index] = progress;
        tell("Fetching Python", received);
      }),
    );
    const fetched = Promise.all(supplied).then(() => tell("Starting Python", received));
    const started = connection.call(
      {
        call: "start",
        boot,
        sent: texts ? Object.keys(texts) : NEEDS[boot].flatMap(({ modules, bytes, packed }) => [...modules, ...bytes, ...packed]),
        wheels,
        course,
        edited,
        snapshot,
        patience: texts ? START_PATIENCE : undefined,
      },
      START_PATIENCE,
    );
    started.catch(() => {}); // awaited only once all files are there; a file that fails is the better reason
    await Promise.race([fetched.then(() => started), started]);
    // The one with the modules stays: a browser keeps the code it compiles for the next visit only while they have an owner.
    all.forEach(({ modules }, index) => modules.length || connection.suppliers[index].end());
    return connection;
  } catch (cause) {
    connection.end(/** @type {Error} */ (cause));
    throw cause;
  }
}

/**
 * Whether a module of the fast start has other bytes than the build published: compiled while it arrived, it was not compared.
 * The browser has kept it; one that is damaged is fetched anew, so that the next start has it whole.
 */
async function damaged() {
  let found = false;
  const note = (/** @type {unknown} */ reason) => (found ||= reason instanceof download.OtherBytes);
  for (const name of NEEDS.snapshot.flatMap(({ modules }) => modules))
    await download.bytes(name, note).catch((cause) => {
      if (!found) throw cause;
      distrusted = true;
    });
  return found;
}

/**
 * After a start from the snapshot, look whether its modules were whole, and bring the rest of Python, so that everything can be
 * imported. No demo waits for it.
 * @param {Connection} connection
 */
async function complete({ port, call }) {
  const needed = ["python_stdlib.zip", ...Object.values(wheels)];
  const standBack = () => port.postMessage({ busy: busy() });
  document.addEventListener("ml:busy", standBack);
  try {
    await calm();
    if (await damaged()) {
      console.warn("A part of Python was damaged on its way; Python starts anew.");
      await restart();
      progress.dispatchEvent(new Event("renewed"));
      return;
    }
    if (!course) return; // a package for a learning platform has the fast start alone
    for (const file of needed) {
      await calm();
      const value = await download.bytes(file);
      port.postMessage({ file, value }, [value]);
    }
    standBack();
    await call({ call: "complete", wheels }, Infinity); // it waits while the reader is interacting
  } catch (cause) {
    console.warn("The rest of Python did not come; the demos do without.", cause);
  }
  document.removeEventListener("ml:busy", standBack);
}

/** From the snapshot; where anything at all is wrong with that, the ordinary way. @returns {Promise<[Connection, Way["boot"]]>} */
async function startFetching() {
  const fast = new URLSearchParams(location.search).get("boot") !== "ordinary" && !distrusted;
  if (fast || !course) {
    try {
      const connection = await start("snapshot", "worker", openFromAddress);
      setTimeout(() => complete(connection), COMPLETE_AFTER);
      return [connection, "snapshot"];
    } catch (cause) {
      if (cause instanceof Refused || !course) throw cause;
      console.warn("The fast start did not work; Python starts the ordinary way.", cause);
      setTimeout(() => damaged().catch(() => {}), COMPLETE_AFTER); // for the next visit
    }
  }
  return [await start("ordinary", "worker", openFromAddress), "ordinary"];
}

/** From the snapshot that is carried, on the first rung that holds. @returns {Promise<[Connection, Way["boot"]]>} */
async function startCarried() {
  const ladder = await import("./host.js");
  const carried = await ladder.carried();
  /** @type {unknown} */
  let refused;
  for (const rung of ladder.RUNGS.slice(Math.max(0, ladder.RUNGS.findIndex((rung) => rung === held)))) {
    /** @type {Open} */
    const open = (script, lost) => ladder.open(rung, script === "unpack" ? carried.unpack : carried.worker, lost);
    try {
      return [await start("snapshot", rung, open, carried.files), "snapshot"];
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
      refused = cause;
    }
  }
  throw refused;
}

/** @returns {Promise<[Connection, Way["boot"]]>} */
async function startBest() {
  if ("carried" in globalThis) return startCarried();
  try {
    return await startFetching();
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    const fault = await renewScripts();
    if (!fault) {
      try {
        return await startFetching();
      } catch (again) {
        if (!(again instanceof Refused)) throw again;
      }
    }
    console.warn("No worker could be had from its address; Python starts from what is carried.", cause);
    return startCarried().catch((last) => {
      throw fault ?? last; // a script that is blocked on its way is no refusal by the browser
    });
  }
}

/**
 * Fetch the scripts of the workers past the browser's cache, which then has them as they are on the server.
 * @returns {Promise<DownloadError | undefined>} why one of them cannot be had
 */
async function renewScripts() {
  for (const name of WORKER_SCRIPTS) {
    const url = new URL(`./${name}`, import.meta.url);
    try {
      await download.once(url, SCRIPT_PATIENCE, { cache: "reload" }, (response) => response.arrayBuffer());
    } catch (cause) {
      return download.told(name, "assets/", cause);
    }
  }
}

/** The running Python, started if it is not. @returns {Promise<Connection>} */
function python() {
  running ??= startBest().then(
    ([connection, boot]) => {
      held = /** @type {Way["host"]} */ (connection.place);
      started = Promise.resolve({ boot, host: held });
      return connection;
    },
    async (cause) => {
      running = undefined;
      throw new PythonError(await reason(cause), true, cause);
    },
  );
  return running;
}

/** Why Python did not start, in words for the reader. @param {unknown} cause */
async function reason(cause) {
  if (await outdated()) return "The course has changed since this page was opened. Reload the page to go on.";
  if (cause instanceof DownloadError) return cause.message;
  if (!navigator.onLine) return "Python can’t be downloaded while you are offline. Connect to the internet and try again.";
  return explainStart(cause, { wasm: typeof WebAssembly === "object", worker: typeof Worker === "function" });
}

/** Whether this page's own scripts are no longer published. */
async function outdated() {
  try {
    const signal = AbortSignal.timeout(5_000);
    return (await fetch(import.meta.url, { method: "HEAD", cache: "no-store", signal })).status === 404;
  } catch {
    return false;
  }
}

/** End the worker; the next picture starts a new one. */
export async function restart() {
  const old = running;
  running = undefined;
  (await old?.catch(() => undefined))?.end(new WorkerLost("ended for a new start"));
}

/** Give the pixels of a picture back, once they are on the canvas: the next one takes their place. @param {Drawing} drawing */
export function done({ pixels }) {
  spare = pixels.buffer;
}

/** Let Python give up the scene of a figure that is far from the view. @param {string} demo */
export async function forget(demo) {
  const connection = await running?.catch(() => undefined);
  connection?.call({ call: "forget", demo }, DRAW_PATIENCE).catch(() => {}); // a worker that is gone has forgotten it
}

/** @param {DrawRequest} request @returns {Promise<Drawing>} */
export async function draw(request) {
  for (let attempt = 1; ; attempt += 1) {
    if (kiosk && hopeless()) throw new PythonError(STILL, true);
    const connection = await python();
    try {
      // In the page nothing can end a picture: when time is up it is there.
      const patience = connection.place === "page" ? Infinity : DRAW_PATIENCE;
      const room = spare;
      spare = undefined;
      return await connection.call({ call: "draw", ...request, spare: room }, patience, room ? [room] : []);
    } catch (cause) {
      if (!(cause instanceof WorkerLost))
        throw new PythonError("The demo stopped at these values. Reset the controls to go on.", false, cause);
      // A new worker takes its place, and the picture is asked for once more.
      if ((await running?.catch(() => undefined)) === connection) running = undefined;
      died();
      if (hopeless())
        throw new PythonError(kiosk ? STILL : "Python stopped several times. Reload the page to start it again.", true, cause);
      if (attempt === 2)
        throw new PythonError("This picture takes too long at these values. Reset the controls to go on.", false, cause);
    }
  }
}
