/**
 * How Python starts: from the snapshot; if anything is wrong with that, the ordinary way; and where
 * the browser refuses workers, from the fallback bundle. python.js calls `start`.
 *
 * @typedef {import("./connection.js").Connection} Connection
 * @typedef {import("./connection.js").HostName} HostName
 * @typedef {"snapshot" | "ordinary"} Boot
 * @typedef {{connection: Connection, boot: Boot}} Started
 *
 * @typedef {object} Options
 * @property {HostName} [lastHost]   where Python ran before: hosts that the browser refused are not
 *   tried again
 * @property {boolean} whole   whether Python may call more than figures do: with all functions of
 *   its modules, and later with all that can be imported
 * @property {(words: string, received: {done: number, total: number}[]) => void} report   bytes, by
 *   file worker
 * @property {import("./python.js").DrawRequest} [first]   the picture that is requested first: there
 *   may be a scene for it
 * @property {() => Promise<void>} replace   called when the running Python was damaged: the next
 *   start has whole files
 */

import { busyFor, calm } from "./background.js";
import { Refused, connect, openWorker, sendFiles } from "./connection.js";
import * as download from "./download.js";
import { course, edited, snapshot, wheels } from "./manifest.js";

const START_TIMEOUT = 120_000; // ms from the last file to a running Python, on an old computer
const SCRIPT_TIMEOUT = 20_000; // ms for a script that is fetched again
const COMPLETE_AFTER = 4_000; // ms; by then the first picture is there

/**
 * The scripts of the workers. If a worker can't start, they are fetched past the browser's cache,
 * which may hold a damaged one.
 */
const WORKER_SCRIPTS = ["worker.js", "download-worker.js", "download.js", "error-messages.js", "manifest.js"];
const PYODIDE_SCRIPTS = ["pyodide.js", "pyodide.asm.js"];

const MODULES = ["pyodide.asm.wasm", ...snapshot.libraries];

/**
 * The files that each start needs, one list for each file worker: unpacking keeps a processor busy.
 * @param {Boot} boot @param {boolean} whole   whether its modules have all functions
 * @returns {import("./connection.js").Needs[]}
 */
const needsOf = (boot, whole) =>
  boot === "snapshot"
    ? [
        {
          scripts: PYODIDE_SCRIPTS,
          modules: whole ? [] : MODULES,
          whole: whole ? MODULES : [],
          bytes: ["record.json", "pyodide-lock.json"],
          packed: [],
        },
        { scripts: [], modules: [], bytes: [], packed: ["snapshot.bin"] },
      ]
    : [
        {
          scripts: PYODIDE_SCRIPTS,
          modules: [],
          whole: ["pyodide.asm.wasm"],
          bytes: ["python_stdlib.zip", "pyodide-lock.json", course, ...Object.values(wheels)],
          packed: [],
        },
      ];

/**
 * The file with the scene of a figure, if the build has made one for this look.
 * @param {import("./python.js").DrawRequest} request
 */
const sceneOf = ({ demo, width, ratio, theme }) =>
  snapshot.scenes[demo] === width && ratio === 1 && theme === "light" && !(demo in edited)
    ? `${demo}.scene`
    : undefined;

/** Whether the modules of the fast start are damaged, and can't be fetched whole. */
let damagedForGood = false;

/** @type {import("./connection.js").Open} */
const openFromUrl = (script, lost) => openWorker(new URL(`./${script}.js`, import.meta.url).href, lost);

/**
 * Starts Python in the best way that works.
 * @param {Options} options @returns {Promise<Started>}
 */
export async function start(options) {
  if ("fallbackBundle" in globalThis) return startFromBundle(options);
  try {
    return await startInWorker(options);
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    const fault = await renewScripts();
    if (!fault) {
      try {
        return await startInWorker(options);
      } catch (again) {
        if (!(again instanceof Refused)) throw again;
      }
    }
    console.warn("No worker started from its URL; Python starts from the fallback bundle.", cause);
    return startFromBundle(options).catch((last) => {
      throw fault ?? last; // a script that is blocked on its way was not refused by the browser
    });
  }
}

/**
 * From the snapshot, or else the ordinary way.
 * @param {Options} options
 * @returns {Promise<Started>}
 */
async function startInWorker(options) {
  const fast = new URLSearchParams(location.search).get("boot") !== "ordinary" && !damagedForGood;
  if (fast || !course) {
    try {
      const connection = await run("snapshot", "worker", openFromUrl, options);
      setTimeout(() => complete(connection, options), COMPLETE_AFTER);
      return { connection, boot: "snapshot" };
    } catch (cause) {
      if (cause instanceof Refused || !course) throw cause;
      console.warn("The fast start did not work; Python starts the ordinary way.", cause);
      setTimeout(() => renewModules().catch(() => {}), COMPLETE_AFTER); // for the next visit
    }
  }
  return { connection: await run("ordinary", "worker", openFromUrl, options), boot: "ordinary" };
}

/**
 * From the snapshot in the fallback bundle, on the first host that the browser allows.
 * @param {Options} options
 * @returns {Promise<Started>}
 */
async function startFromBundle(options) {
  const { FALLBACK_HOSTS, loadBundle, openInPage, workerUrl } = await import("./fallback-hosts.js");
  const bundle = await loadBundle();
  /** @type {unknown} */
  let refused;
  const first = FALLBACK_HOSTS.findIndex((host) => host === options.lastHost);
  for (const host of FALLBACK_HOSTS.slice(Math.max(0, first))) {
    /**
     * A browser that refuses throws here, calls `lost`, or does neither.
     * @type {import("./connection.js").Open}
     */
    const openText = (name, lost) => {
      const script = name === "unpack-worker" ? bundle.unpack : bundle.worker;
      return host === "page" ? openInPage(script, lost) : openWorker(workerUrl(host, script), lost);
    };
    try {
      return { connection: await run("snapshot", host, openText, options, bundle.files), boot: "snapshot" };
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
      refused = cause;
    }
  }
  throw refused;
}

/**
 * Opens a host, has the files sent there, and starts Python.
 * @param {Boot} boot @param {HostName} host @param {import("./connection.js").Open} open
 * @param {Options} options
 * @param {Record<string, string>} [texts]   the files, where nothing can be fetched
 * @returns {Promise<Connection>}
 */
async function run(boot, host, open, { first, whole, report }, texts) {
  const connection = connect(host, open);
  const scene = first && !texts && boot === "snapshot" ? sceneOf(first) : undefined;
  const optional = scene ? [scene] : [];
  const needs = needsOf(boot, whole).map((one) => (one.packed.length ? { ...one, optional } : one));
  const all = texts ? [{ texts, modules: [] }] : needs;
  const received = all.map(() => ({ done: 0, total: 0 }));
  try {
    if (texts) await connection.heard; // many MB of texts are not for a script that never runs
    const sent = all.map((needs, index) =>
      sendFiles(
        connection,
        (lost) => open(texts ? "unpack-worker" : "download-worker", lost),
        needs,
        (progress) => {
          received[index] = progress;
          report("Fetching Python", received);
        },
      ),
    );
    const fetched = Promise.all(sent).then(() => report("Starting Python", received));
    const started = connection.call(
      {
        call: "start",
        boot,
        sent: texts
          ? Object.keys(texts)
          : needs.flatMap(({ modules, whole = [], bytes, packed }) => [
              ...modules,
              ...whole,
              ...bytes,
              ...packed,
              ...optional,
            ]),
        scene,
        wheels,
        course,
        edited,
        snapshot,
        timeout: texts ? START_TIMEOUT : undefined,
      },
      START_TIMEOUT,
      [],
      texts ? undefined : fetched,
    );
    started.catch(() => {}); // awaited once all files are there; a file that fails is the better reason
    await Promise.race([fetched.then(() => started), started]);
    // The worker that compiled the modules stays: browsers discard compiled code with its worker,
    // before it is stored for the next visit.
    all.forEach(({ modules }, index) => modules.length || connection.fileWorkers[index].end());
    return connection;
  } catch (cause) {
    connection.end(/** @type {Error} */ (cause));
    throw cause;
  }
}

/**
 * After a start from the snapshot: checks its modules, and sends the rest of Python if it may be
 * imported. No figure waits for this.
 * @param {Connection} connection @param {Options} options
 */
async function complete({ port, call }, { whole, replace }) {
  const pause = () => port.postMessage({ busy: busyFor() });
  document.addEventListener("ml:busy", pause);
  try {
    await calm();
    if (await renewModules()) {
      console.warn("A part of Python was damaged during the download; Python starts again.");
      await replace();
      return;
    }
    if (!whole || !course) return; // a package for a learning platform has the fast start alone
    for (const file of ["python_stdlib.zip", ...Object.values(wheels)]) {
      await calm();
      const value = await download.bytes(file);
      port.postMessage({ file, value }, [value]);
    }
    pause();
    await call({ call: "complete", wheels }, Infinity); // it waits while the reader is interacting
  } catch (cause) {
    console.warn("The rest of Python did not arrive; the figures work without it.", cause);
  }
  document.removeEventListener("ml:busy", pause);
}

/**
 * Whether a module of the fast start differs from the published one: it was compiled while it
 * arrived, so its hash was not checked. A damaged one is fetched again for the next start.
 */
async function renewModules() {
  let found = false;
  const note = (/** @type {unknown} */ reason) => (found ||= reason instanceof download.OtherBytes);
  for (const name of MODULES)
    await download.bytes(name, note).catch((cause) => {
      if (!found) throw cause;
      damagedForGood = true;
    });
  return found;
}

/**
 * Fetches the scripts of the workers past the browser's cache, which then has them as published.
 * @returns {Promise<import("./error-messages.js").DownloadError | undefined>} why one of them can't
 *   be fetched
 */
async function renewScripts() {
  for (const name of WORKER_SCRIPTS) {
    const url = new URL(`./${name}`, import.meta.url);
    try {
      await download.once(url, SCRIPT_TIMEOUT, { cache: "reload" }, (response) => response.arrayBuffer());
    } catch (cause) {
      return download.readable(name, "assets/", cause);
    }
  }
}
