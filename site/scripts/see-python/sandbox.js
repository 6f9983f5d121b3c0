/**
 * The page's side of the Python that runs code changed by a reader; code-panel.js calls it. That
 * Python is separate from the course's own: in a worker of a frame with an opaque origin, whose
 * policy allows no network (sandbox-frame.html, sandbox-worker.js). Its messages are checked: the
 * code can send anything.
 *
 * @typedef {import("../python/python.js").Drawing} Drawing
 * @typedef {import("../python/python.js").DrawRequest} DrawRequest
 * @typedef {import("./signature.js").Described} Described
 * @typedef {Pick<DrawRequest, "width" | "ratio" | "theme">} Look
 * @typedef {{controls: Described[], printed: string}} Ran   what `edited_figure.run` says
 */

import * as download from "../python/download.js";
import { DownloadError } from "../python/error-messages.js";
import { frame as frameDocument } from "./editor.js";
import { course, files, packages, snapshot, wheels } from "../python/manifest.js";
import { page } from "./page-modules.js";

const START_TIMEOUT = 120_000; // ms once all files are there, on an old computer
const RUN_TIMEOUT = 12_000; // ms; Python itself stops a loop after two seconds, and a slow loop after five
const USUAL_START = 3_000; // ms; computers that take longer get more time for the code, too
const SLOWEST = 6; // times as long, at most
const CHECK_TIMEOUT = 5_000; // ms
const BUSY_EVERY = 5_000; // ms
const MOST_MESSAGES = 500; // between two messages to it
const WIDEST = 8_192; // device pixels of a picture, in both directions
const LONGEST = 5_000; // characters of a text

/** An error in the reader's code; the message is a sentence for the reader. */
export class CodeError extends Error {
  /** Whether a module or a file was missing. */
  missing = false;
  /** The top-level module that was not found; "" for none. */
  module = "";
  /** Whether it ran out of memory. */
  spent = false;

  /**
   * @param {string} message @param {number} line   of the file, from 1; 0: none
   * @param {string} printed
   */
  constructor(message, line, printed) {
    super(message);
    this.line = line;
    this.printed = printed;
  }
}

/** @typedef {import("../python/connection.js").Connection} Connection */
/** @typedef {import("../python/connection.js").Endpoint} Endpoint */

/** Dispatches "progress" with {words, done, total}, in bytes, while files come. */
export const progress = new EventTarget();

/** @param {string} words @param {{done: number, total: number}} received */
const tell = (words, { done, total }) =>
  progress.dispatchEvent(new CustomEvent("progress", { detail: { words, done, total } }));

/** @type {Promise<Connection> | undefined} */
let running;
/** How many times longer than usual this computer takes. */
let pace = 1;
/**
 * The packages that are installed in a Python that has its rest.
 * @type {WeakMap<Connection, Set<string>>}
 */
const installed = new WeakMap();
/**
 * The changed sources by figure, and the Python that has them.
 * @type {Map<string, {source: string, known: Connection}>}
 */
const sources = new Map();

/** @param {string} script @param {(reason: string) => void} lost @returns {Endpoint} */
function openFrame(script, lost) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "Python for changed code";
  frame.hidden = true;
  frame.srcdoc = frameDocument;
  const { port1, port2 } = new MessageChannel();
  let heard = 0;
  let alive = false; // later errors are from the reader's code
  /** The port, with a limit for the number of messages. @type {any} */
  const port = {
    onmessage: null,
    postMessage: (/** @type {any} */ message, /** @type {Transferable[]} */ transfer) => {
      heard = 0;
      port1.postMessage(message, transfer);
    },
  };
  port1.onmessage = ({ data }) => {
    heard += 1;
    alive = true;
    if (heard > MOST_MESSAGES) lost("it sends too much");
    else if (data && typeof data === "object") port.onmessage?.({ data });
  };
  port1.addEventListener("close", () => lost("the sandbox has died"));
  const hear = (/** @type {MessageEvent} */ { source, data }) => {
    if (source === frame.contentWindow && !alive) lost(String(data?.lost));
  };
  addEventListener("message", hear);
  frame.addEventListener(
    "load",
    () =>
      frame.contentWindow?.postMessage({ script: `data:text/javascript;base64,${btoa(script)}` }, "*", [
        port2,
      ]),
    { once: true },
  );
  document.body.append(frame);
  const end = () => {
    removeEventListener("message", hear);
    port1.close();
    frame.remove(); // its worker ends with it, whatever it is doing
  };
  return { port, end };
}

/** Why a file that Python requested did not arrive. @type {unknown} */
let refused;

/** A file that Python requests, if it is one of the course. @param {string} name */
async function bring(name) {
  if (!Object.hasOwn(files, name)) return null;
  return download.bytes(name).catch((cause) => {
    refused = cause;
    return null;
  });
}

/**
 * Pauses background work: the rest of Python (python/background.js), and the files for offline use
 * (offline.js).
 */
export const busy = () => document.dispatchEvent(new Event("ml:busy"));

/**
 * The files that each start needs.
 * @type {Record<"snapshot" | "ordinary", {whole: string[], bytes: string[], packed: string[]}>}
 */
const NEEDS = {
  snapshot: {
    whole: ["pyodide.asm.wasm", ...snapshot.libraries],
    bytes: ["record.json", "pyodide-lock.json"],
    packed: ["snapshot.bin"],
  },
  ordinary: {
    whole: ["pyodide.asm.wasm"],
    bytes: ["python_stdlib.zip", "pyodide-lock.json", course, ...Object.values(wheels)],
    packed: [],
  },
};
/** How the next Python starts. @type {keyof typeof NEEDS} */
let boot = "snapshot";

/** A module that exports a function, and a table with the same function. */
const PROBE = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 4, 4, 1, 112, 0, 1], // () → (), and a table of one
  ...[7, 9, 2, 1, 102, 0, 0, 1, 116, 1, 0, 9, 7, 1, 0, 65, 0, 11, 1, 0, 10, 4, 1, 2, 0, 11], // exports f and t, f in t, its code
]);

/**
 * Whether a Python from the snapshot can load more libraries: Emscripten has to recognize
 * functions, which WebKit returns as new objects.
 */
function extensible() {
  const { f, t } = new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports;
  return t instanceof WebAssembly.Table && t.get(0) === f;
}

/** @returns {Promise<Connection>} */
async function start() {
  const script = new TextDecoder().decode(await download.bytes("sandbox-worker.js"));
  const connection = page.connection.connect("sandbox", (_, lost) => openFrame(script, lost), bring);
  const { whole, bytes, packed } = NEEDS[boot];
  const needs = { scripts: [], modules: [], whole, bytes, packed };
  const began = performance.now();
  try {
    const sent = page.connection.sendFiles(
      connection,
      (lost) => page.connection.openWorker(new URL("./download-worker.js", import.meta.url).href, lost),
      needs,
      (received) => tell("Fetching Python", received),
    );
    const started = connection.call(
      { call: "start", boot, sent: [...whole, ...bytes, ...packed], wheels, course, edited: {}, snapshot },
      START_TIMEOUT,
      [],
      sent,
    );
    started.catch(() => {}); // a file that fails is the better reason
    await Promise.race([sent.then(() => started), started]);
    for (const worker of connection.fileWorkers) worker.end();
    if (boot === "ordinary") installed.set(connection, new Set(Object.keys(ALL)));
    else pace = Math.min(Math.max((performance.now() - began) / USUAL_START, 1), SLOWEST);
    return connection;
  } catch (cause) {
    connection.end(/** @type {Error} */ (cause));
    throw cause;
  }
}

/** The running Python, started if necessary. */
export function ready() {
  running ??= waitedFor(start).catch((cause) => {
    running = undefined;
    boot = "snapshot"; // what needs no more than that works again
    console.error(cause);
    const words =
      cause instanceof DownloadError
        ? cause.message
        : "Python for changed code could not be started here. Reload the page and try again.";
    throw new CodeError(words, 0, "");
  });
  return running;
}

/**
 * Does something that the reader waits for; background work pauses meanwhile.
 * @template T
 * @param {() => Promise<T>} act
 */
async function waitedFor(act) {
  busy();
  const timer = setInterval(busy, BUSY_EVERY);
  return act().finally(() => clearInterval(timer));
}

/** Forgets a Python: the next picture starts a new one. @param {Connection} connection */
async function forget(connection) {
  if ((await running?.catch(() => undefined)) === connection) running = undefined;
}

/** The last call of Python. @type {Promise<unknown>} */
let turn = Promise.resolve();

/**
 * Calls Python once it has answered the call before: the time counts from then.
 * @param {object} message @param {number} timeout   ms on a usual computer @returns {Promise<any>}
 */
function ask(message, timeout) {
  const answer = turn.then(() => askNow(message, timeout));
  turn = answer.catch(() => {});
  return answer;
}

/** @param {object} message @param {number} timeout @returns {Promise<any>} */
async function askNow(message, timeout) {
  const connection = await ready();
  try {
    return await waitedFor(() => connection.call({ ...message, pace }, timeout * pace));
  } catch (cause) {
    if (cause instanceof page.connection.WorkerLost) {
      console.warn("The sandbox was ended:", cause.message);
      await forget(connection);
      throw new CodeError(
        "Python was stopped: this ran for too long, or needed too much memory. Change the code and run it again.",
        0,
        "",
      );
    }
    const error = toCodeError(/** @type {Error} */ (cause));
    if (error.spent) {
      await forget(connection); // its remaining memory may be too little for the next picture
      connection.end(error);
    }
    throw error;
  }
}

/** The CodeError for an error of Python. @param {Error} error */
function toCodeError(error) {
  const last = error.message.trimEnd().split("\n").at(-1) ?? "";
  const [, facts] = /^edited_figure\.CodeError: (\{.*\})$/.exec(last) ?? [];
  if (!facts) return new CodeError(text(last), 0, "");
  const { sentence, line, printed, missing, module, spent } = JSON.parse(facts);
  return Object.assign(new CodeError(text(sentence), Number(line), text(printed)), {
    missing,
    module: text(module),
    spent,
  });
}

/**
 * Does something that fetches files, and reports the progress.
 * @template T
 * @param {string} words @param {() => Promise<T>} act
 */
async function fetching(words, act) {
  const { received } = download;
  const before = { done: received.done, total: received.total };
  const report = () =>
    tell(words, { done: received.done - before.done, total: received.total - before.total });
  received.addEventListener("progress", report);
  return act().finally(() => received.removeEventListener("progress", report));
}

/** Python's packages, and the course's own. */
const ALL = { ...wheels, "math-for-ml": course };

/**
 * The rest of Python, for code that imports more than the figures do.
 * @param {Connection} connection
 */
async function complete(connection) {
  await fetching("Fetching the rest of Python", () =>
    Promise.all(
      ["python_stdlib.zip", ...Object.values(ALL)].map(async (file) => {
        const value = await download.bytes(file);
        connection.port.postMessage({ file, value }, [value]);
      }),
    ),
  );
  await ask({ call: "complete", wheels: ALL }, START_TIMEOUT);
  installed.set(connection, new Set(Object.keys(ALL)));
}

/**
 * Fetches what an import did not find; returns whether there is something new. micropip installs a
 * package with its dependencies: it requests files by the names that Pyodide uses, and the page
 * sends those that the build lists.
 * @param {CodeError} error @param {string} demo @param {string} source
 */
async function provide({ missing, module }, demo, source) {
  if (!missing || !course) return false;
  const connection = await ready();
  const there = installed.get(connection);
  if (!there) {
    if (extensible()) await complete(connection);
    else {
      boot = "ordinary";
      await forget(connection);
      connection.end(new page.connection.WorkerLost("it can’t load more"));
    }
    return true;
  }
  const name = Object.hasOwn(packages, module) ? packages[module] : "";
  if (!name || there.has(name)) return false;
  refused = undefined;
  await fetching(`Fetching ${name}`, () =>
    ask({ call: "install", demo, packages: [name], source }, START_TIMEOUT).catch((cause) => {
      throw refused ?? cause;
    }),
  );
  there.add(name);
  return true;
}

/** The error for an import that is not available, with what is. @param {CodeError} error */
function explained(error) {
  if (!error.module) return error;
  const names = [...new Set(Object.values(packages))];
  const known = course
    ? `Besides Python’s own modules, code can import ${names.slice(0, -1).join(", ")}, and ${names.at(-1)}.`
    : "In this copy of the course, code can import only what the figures use.";
  error.message = `There is no package named ${error.module} here. ${known}`;
  return error;
}

/**
 * Does something with a source, and tries again as long as a missing import can be fetched.
 * @template T
 * @param {string} demo @param {string} source @param {() => Promise<T>} act @returns {Promise<T>}
 */
async function importing(demo, source, act) {
  for (;;) {
    try {
      return await act();
    } catch (cause) {
      if (!(cause instanceof CodeError)) throw cause;
      const provided = await provide(cause, demo, source).catch((reason) => {
        throw reason instanceof CodeError ? reason : new CodeError(reason.message, cause.line, cause.printed); // the download failed
      });
      if (!provided) throw explained(cause);
    }
  }
}

/**
 * Uses a source as the code of a figure from now on. CodeError if it does not work: then the figure
 * keeps the code that it had.
 * @param {string} demo @param {string} source @param {Look} look @returns {Promise<Ran>}
 */
export async function run(demo, source, { width, ratio, theme }) {
  const message = { call: "run", demo, source, width, ratio, theme };
  const { controls, printed } = await importing(demo, source, () => ask(message, RUN_TIMEOUT));
  sources.set(demo, { source, known: await ready() });
  return { controls, printed: text(printed) };
}

/** Ends what is running; the next picture starts a new Python. */
export async function stop() {
  (await running?.catch(() => undefined))?.end(new page.connection.WorkerLost("stopped by the reader"));
}

/** The figure is drawn by its own code again. @param {string} demo */
export async function leave(demo) {
  sources.delete(demo);
  if (sources.size || !running) return;
  const connection = await running.catch(() => undefined);
  running = undefined;
  connection?.end(new page.connection.WorkerLost("not needed any more"));
}

/** CodeError if a source is not valid Python. @param {string} demo @param {string} source */
export const check = (demo, source) => ask({ call: "check", demo, source }, CHECK_TIMEOUT);

/**
 * What a task finds wrong with the code that draws a figure, as a sentence; "" if nothing.
 * @param {string} demo @param {string} check
 */
export const judge = async (demo, check) => text(await ask({ call: "judge", demo, check }, RUN_TIMEOUT));

/** @param {DrawRequest} request @returns {Promise<Drawing & {printed: string}>} */
export async function draw(request) {
  const { source, known } = sources.get(request.demo) ?? {};
  const lost = known !== (await ready()); // a new Python does not have the code yet
  if (lost && source !== undefined) await run(request.demo, source, request);
  const drawing = await importing(request.demo, source ?? "", () =>
    ask({ call: "draw", ...request, whole: request.whole || lost }, RUN_TIMEOUT),
  );
  if (!isPicture(drawing)) throw new CodeError("This is no picture that the page can show.", 0, "");
  const { caption, detail, shown, fields, handles, frame, rect, pixels, took, printed } = drawing;
  return {
    caption: text(caption),
    detail: text(detail),
    numbers: {},
    shown,
    fields,
    handles,
    frame,
    rect,
    pixels,
    took,
    printed: text(printed),
  };
}

/** @param {unknown} words */
const text = (words) => String(words ?? "").slice(0, LONGEST);

/** @param {any} drawing */
export function isPicture({ frame, rect, pixels, shown, fields }) {
  const lengths = [frame?.width, frame?.height, rect?.x, rect?.y, rect?.width, rect?.height];
  return (
    lengths.every((length) => Number.isInteger(length) && length >= 0 && length <= WIDEST) &&
    rect.x + rect.width <= frame.width &&
    rect.y + rect.height <= frame.height &&
    pixels instanceof Uint8ClampedArray &&
    pixels.length === 4 * rect.width * rect.height &&
    Array.isArray(shown) &&
    typeof fields === "object"
  );
}
