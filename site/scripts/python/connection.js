/**
 * A connection to a running Python: calls with a time limit, and workers that send files to it.
 *
 * start.js opens the one that draws the course's figures, see-python/sandbox.js the one that runs
 * changed code. The messages are listed in worker.js and download-worker.js.
 *
 * @typedef {import("./fallback-hosts.js").FallbackHost} FallbackHost
 * @typedef {"worker" | FallbackHost | "sandbox"} HostName   where Python runs
 * @typedef {"worker" | "download-worker" | "unpack-worker"} Script
 *
 * @typedef {object} Endpoint   a script that runs, and answers on a port
 * @property {Worker | MessagePort} port
 * @property {() => void} end
 *
 * @typedef {(script: Script, lost: (reason: string) => void) => Endpoint} Open
 *
 * @typedef {object} Connection
 * @property {HostName} host
 * @property {Worker | MessagePort} port   to Python
 * @property {Endpoint[]} fileWorkers   they send files to Python, and end with it
 * @property {Promise<void>} heard   resolves once the script has said that it runs
 * @property {Call} call
 * @property {(reason: Error) => void} end
 *
 * The time for an answer counts from when `after` has resolved.
 * @typedef {(message: object, timeout: number, transfer?: ArrayBuffer[], after?: Promise<unknown>)
 *   => Promise<any>} Call
 *
 * Files that a worker sends to Python, by name; see download-worker.js.
 * @typedef {{scripts: string[], modules: string[], whole?: string[], bytes: string[],
 *   packed: string[], optional?: string[]}} Needs
 */

import * as download from "./download.js";
import { DownloadError } from "./error-messages.js";
import { files } from "./manifest.js";

const HEARD_TIMEOUT = 60_000; // ms until a script from the network says that it runs
const TEXT_TIMEOUT = 10_000; // ms until a script from a text says so, before the next host is tried
const BEAT_TIMEOUT = 3_000; // ms without a sign of life from a file worker, three times in a row

/** Python's worker ended, died, or did not answer in time. */
export class WorkerLost extends Error {}

/**
 * Python can't go on: its memory is inconsistent, or it called a function that its modules lack (see
 * module-parts.js).
 */
export class PythonFailed extends WorkerLost {}

/** The browser does not run the script here: there was no sign of life. */
export class Refused extends Error {
  name = "Refused";
}

/** @param {string} url @param {(reason: string) => void} lost @returns {Endpoint} */
export function openWorker(url, lost) {
  const worker = new Worker(url, { type: "module" });
  worker.onerror = (event) => lost(event.message ?? "a worker could not be loaded");
  // A worker that dies sends no event, but the port that it holds closes, which some browsers
  // report at once (docs/faults.md).
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

/**
 * Opens worker.js and answers its requests for files; its calls are answered, or fail after a time.
 * @param {HostName} host @param {Open} open
 * @param {(url: string) => Promise<ArrayBuffer | null>} [fetchFile]   a file that Python requests
 * @returns {Connection}
 */
export function connect(host, open, fetchFile = fetchOwn) {
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: any) => void}>} */
  const calls = new Map();
  /** @type {Endpoint[]} */
  const fileWorkers = [];
  let last = 0;
  let silent = true;
  let hear = () => {};
  /** @type {(reason: Error) => void} */
  let refuse = () => {};
  /** @type {Promise<void>} */
  const heard = new Promise((resolve, reject) => ([hear, refuse] = [resolve, reject]));
  heard.catch(() => {}); // not every caller waits for it
  /** @type {Error | undefined} */
  let over;

  /** @param {Error} reason */
  const end = (reason) => {
    over ??= reason;
    clearTimeout(timer);
    for (const each of [python, ...fileWorkers]) each?.end();
    refuse(reason);
    for (const { reject } of calls.values()) reject(reason);
    calls.clear();
  };
  /** @param {string} reason */
  const lost = (reason) => end(silent ? new Refused(`${host}: ${reason}`) : new WorkerLost(reason));
  const timeout = host === "worker" || host === "sandbox" ? HEARD_TIMEOUT : TEXT_TIMEOUT;
  const timer = setTimeout(() => lost(`not heard in ${timeout} ms`), timeout);
  /** @type {Endpoint | undefined} */
  let python;
  try {
    python = open("worker", lost);
  } catch (cause) {
    clearTimeout(timer);
    throw new Refused(`${host}: ${cause}`);
  }
  const { port } = python;
  port.onmessage = async ({ data }) => {
    silent = false;
    clearTimeout(timer);
    hear();
    if ("alive" in data) return;
    if ("failed" in data) {
      console.warn("Python has stopped:", data.failed);
      end(new PythonFailed(data.failed));
      return;
    }
    if ("want" in data) {
      const value = await fetchFile(data.want);
      port.postMessage({ file: data.want, value }, value ? [value] : []);
      return;
    }
    const call = calls.get(data.id);
    calls.delete(data.id);
    if (data.error) call?.reject(Object.assign(new Error(data.error.message), data.error));
    else call?.resolve(data.value);
  };

  return {
    host,
    port,
    fileWorkers,
    heard,
    end,
    call: (message, timeout, transfer = [], after = undefined) =>
      new Promise((resolve, reject) => {
        if (over) throw over; // it died between two calls
        const id = (last += 1);
        const late = () => end(new WorkerLost(`no answer in ${timeout} ms`));
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let timer;
        const settle = (/** @type {(value: any) => void} */ done) => (/** @type {any} */ value) => {
          clearTimeout(timer);
          done(value);
        };
        calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
        const watch = () => {
          if (calls.has(id) && timeout < Infinity) timer = setTimeout(late, timeout);
        };
        if (after)
          after.then(watch, () => {}); // the caller sees that something did not arrive
        else watch();
        port.postMessage({ ...message, id }, transfer);
      }),
  };
}

/**
 * Starts a file worker for a connection; resolves once it has sent all files.
 * @param {Connection} connection @param {(lost: (reason: string) => void) => Endpoint} open
 * @param {Needs | {texts: import("./fallback-hosts.js").FallbackBundle["files"]}} needs
 * @param {(progress: {done: number, total: number}) => void} report
 */
export async function sendFiles(connection, open, needs, report) {
  const { host, port, fileWorkers } = connection;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let watch;
  const sent = new Promise((resolve, reject) => {
    let heard = false;
    const lost = (/** @type {string} */ reason) =>
      reject(heard ? new WorkerLost(reason) : new Refused(`${host}: ${reason}`));
    const worker = open(lost);
    // For browsers that don't report a closed port. Beats are counted, not timed: a tab that was
    // frozen has missed one beat, not all of them.
    let missed = 0;
    if (host === "worker" || host === "sandbox")
      watch = setInterval(() => heard && (missed += 1) > 2 && lost("a file worker is silent"), BEAT_TIMEOUT);
    fileWorkers.push(worker);
    const { port1, port2 } = new MessageChannel();
    port.postMessage({ port: port1 }, [port1]);
    worker.port.postMessage({ ...needs, port: port2 }, [port2]);
    worker.port.onmessage = ({ data }) => {
      heard = true;
      missed = 0;
      if ("alive" in data) return;
      if ("total" in data) report(data);
      else if (!data.error) resolve(data.value);
      else reject(new (data.error.download ? DownloadError : Error)(data.error.message));
    };
  });
  await sent.finally(() => clearInterval(watch));
}

/**
 * A file that Python requests, if it is one of this site.
 * @param {string} url
 * @returns {Promise<ArrayBuffer | null>}
 */
async function fetchOwn(url) {
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
