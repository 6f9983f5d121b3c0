/**
 * Python for code that a reader has changed. It runs apart from the course's own: in a worker of a frame without an origin, whose policy
 * allows no network (see-python/frame.html). What comes from there is checked: the code may send what it likes.
 *
 * @typedef {import("./python.js").Drawing} Drawing
 * @typedef {import("./python.js").DrawRequest} DrawRequest
 * @typedef {import("./signature.js").Described} Described
 * @typedef {Pick<DrawRequest, "width" | "ratio" | "theme">} Look
 * @typedef {{controls: Described[], printed: string}} Ran   what `edited_figure.run` says
 */

import * as download from "./download.js";
import { frame as frameDocument } from "./editor.js";
import { course, files, packages, snapshot, wheels } from "./manifest.js";
import { page } from "./page-modules.js";

const START_PATIENCE = 120_000; // ms, on an old machine
const RUN_PATIENCE = 12_000; // ms; Python itself stops a loop after two seconds, and what goes round slowly after five
const USUAL_START = 3_000; // ms; a machine that needs longer has more patience with the code as well
const SLOWEST = 6; // times as long
const CHECK_PATIENCE = 5_000; // ms
const BUSY_EVERY = 5_000; // ms
const MOST_MESSAGES = 500; // between two questions of ours
const WIDEST = 8_192; // device pixels of a picture, and down as well
const LONGEST = 5_000; // characters of a text

/** What went wrong in the reader's code, in a sentence. */
export class CodeError extends Error {
  /** Whether a module or a file was not there. */
  missing = false;
  /** The top-level module that was not found; "": none. */
  module = "";
  /** Whether the memory was not enough. */
  spent = false;

  /** @param {string} message @param {number} line   of the file, from 1; 0: none @param {string} printed */
  constructor(message, line, printed) {
    super(message);
    this.line = line;
    this.printed = printed;
  }
}

/** @typedef {import("./python.js").Connection} Connection @typedef {import("./python.js").Host} Host */

/** Dispatches "progress" with {words, done, total}, in bytes, while files come. */
export const progress = new EventTarget();

/** @param {string} words @param {{done: number, total: number}} received */
const tell = (words, { done, total }) => progress.dispatchEvent(new CustomEvent("progress", { detail: { words, done, total } }));

/** @type {Promise<Connection> | undefined} */
let running;
/** How many times as long as usual this machine needs. */
let pace = 1;
/** What was installed where the rest of Python is there. @type {WeakMap<Connection, Set<string>>} */
const installed = new WeakMap();
/** The sources that draw figures, by the names of these, and the Python that knows them. @type {Map<string, {source: string, known: Connection}>} */
const sources = new Map();

/** @param {string} script @param {(reason: string) => void} lost @returns {Host} */
function openFrame(script, lost) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "Python for changed code";
  frame.hidden = true;
  frame.srcdoc = frameDocument;
  const { port1, port2 } = new MessageChannel();
  let heard = 0;
  let alive = false; // an error that comes later is one of the reader's code
  /** The port, with a limit to what may come. @type {any} */
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
  frame.addEventListener("load", () => frame.contentWindow?.postMessage({ script: `data:text/javascript;base64,${btoa(script)}` }, "*", [port2]), { once: true });
  document.body.append(frame);
  const end = () => {
    removeEventListener("message", hear);
    port1.close();
    frame.remove(); // its worker ends with it, whatever it is at
  };
  return { port, end };
}

/** Why a file that Python asked for did not come. @type {unknown} */
let refused;

/** A file of the course that Python asks for: no other one. @param {string} name */
async function bring(name) {
  if (!Object.hasOwn(files, name)) return null;
  return download.bytes(name).catch((cause) => {
    refused = cause;
    return null;
  });
}

/** Have the work that no reader waits for stand back: the rest of Python, the files for offline use. */
export const busy = () => document.dispatchEvent(new Event("ml:busy"));

/** @returns {Promise<Connection>} */
async function start() {
  const script = new TextDecoder().decode(await download.bytes("sandbox.js"));
  const connection = page.python.connect("sandbox", (_, lost) => openFrame(script, lost), bring);
  const bytes = ["pyodide.asm.wasm", ...snapshot.libraries, "record.json", "pyodide-lock.json"];
  const wanted = { scripts: [], modules: [], bytes, packed: ["snapshot.bin"] };
  const began = performance.now();
  try {
    const supplied = page.python.supply(connection, (lost) => page.python.openWorker(new URL("./supply.js", import.meta.url).href, lost), wanted, (received) => tell("Fetching Python", received));
    const started = connection.call(
      { call: "start", boot: "snapshot", sent: [...bytes, ...wanted.packed], wheels: {}, course: "", edited: {}, snapshot },
      START_PATIENCE,
    );
    started.catch(() => {}); // a file that fails is the better reason
    await Promise.race([supplied.then(() => started), started]);
    for (const supplier of connection.suppliers) supplier.end();
    pace = Math.min(Math.max((performance.now() - began) / USUAL_START, 1), SLOWEST);
    return connection;
  } catch (cause) {
    connection.end(/** @type {Error} */ (cause));
    throw cause;
  }
}

/** The running Python, started if it is not. */
export function ready() {
  running ??= waitedFor(start).catch((cause) => {
    running = undefined;
    console.error(cause);
    throw new CodeError("Python for changed code could not be started here. Reload the page and try again.", 0, "");
  });
  return running;
}

/**
 * Something that the reader waits for, and that other work must not slow down.
 * @template T
 * @param {() => Promise<T>} act
 */
async function waitedFor(act) {
  busy();
  const timer = setInterval(busy, BUSY_EVERY);
  return act().finally(() => clearInterval(timer));
}

/** The next picture starts a new Python. @param {Connection} connection */
async function forget(connection) {
  if ((await running?.catch(() => undefined)) === connection) running = undefined;
}

/** @param {object} message @param {number} patience ms on a usual machine @returns {Promise<any>} */
async function ask(message, patience) {
  const connection = await ready();
  try {
    return await waitedFor(() => connection.call({ ...message, pace }, patience * pace));
  } catch (cause) {
    if (cause instanceof page.python.WorkerLost) {
      console.warn("The sandbox was ended:", cause.message);
      await forget(connection);
      throw new CodeError("Python was stopped: this ran for too long, or needed too much memory. Change the code and run it again.", 0, "");
    }
    const error = told(/** @type {Error} */ (cause));
    if (error.spent) {
      await forget(connection); // what is left of its memory may be too little for the next picture
      connection.end(error);
    }
    throw error;
  }
}

/** @param {Error} error   as Python raised it */
function told(error) {
  const last = error.message.trimEnd().split("\n").at(-1) ?? "";
  const [, facts] = /^edited_figure\.CodeError: (\{.*\})$/.exec(last) ?? [];
  if (!facts) return new CodeError(text(last), 0, "");
  const { sentence, line, printed, missing, module, spent } = JSON.parse(facts);
  return Object.assign(new CodeError(text(sentence), Number(line), text(printed)), { missing, module: text(module), spent });
}

/**
 * Do something that fetches files, and tell how far they have come.
 * @template T
 * @param {string} words @param {() => Promise<T>} act
 */
async function fetching(words, act) {
  const { received } = download;
  const before = { done: received.done, total: received.total };
  const report = () => tell(words, { done: received.done - before.done, total: received.total - before.total });
  received.addEventListener("progress", report);
  return act().finally(() => received.removeEventListener("progress", report));
}

/** The rest of Python, for code that imports more than the figures do. @param {Connection} connection */
async function complete(connection) {
  const all = { ...wheels, "math-for-ml": course };
  await fetching("Fetching the rest of Python", () =>
    Promise.all(
      ["python_stdlib.zip", ...Object.values(all)].map(async (file) => {
        const value = await download.bytes(file);
        connection.port.postMessage({ file, value }, [value]);
      }),
    ),
  );
  await ask({ call: "complete", wheels: all }, START_PATIENCE);
  installed.set(connection, new Set(Object.keys(all)));
}

/**
 * Bring what an import did not find; whether there is something new. micropip installs a package and all it depends on: it asks for files,
 * as Pyodide names them, and the page brings those that the build lists.
 * @param {CodeError} error @param {string} demo @param {string} source
 */
async function provide({ missing, module }, demo, source) {
  if (!missing || !course) return false;
  const connection = await ready();
  const there = installed.get(connection);
  if (!there) {
    await complete(connection);
    return true;
  }
  const name = Object.hasOwn(packages, module) ? packages[module] : "";
  if (!name || there.has(name)) return false;
  refused = undefined;
  await fetching(`Fetching ${name}`, () =>
    ask({ call: "install", demo, packages: [name], source }, START_PATIENCE).catch((cause) => {
      throw refused ?? cause;
    }),
  );
  there.add(name);
  return true;
}

/** An import of something that cannot be had, in a sentence that says what can. @param {CodeError} error */
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
 * Do something with a source, again for as long as what it imports can be brought.
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
        throw reason instanceof CodeError ? reason : new CodeError(reason.message, cause.line, cause.printed); // what did not come
      });
      if (!provided) throw explained(cause);
    }
  }
}

/**
 * Take a source for the code of a figure from now on. CodeError if it does not work: then the figure keeps the code that it had.
 * @param {string} demo @param {string} source @param {Look} look @returns {Promise<Ran>}
 */
export async function run(demo, source, { width, ratio, theme }) {
  const message = { call: "run", demo, source, width, ratio, theme };
  const { controls, printed } = await importing(demo, source, () => ask(message, RUN_PATIENCE));
  sources.set(demo, { source, known: await ready() });
  return { controls, printed: text(printed) };
}

/** End what is running; the next picture starts a new Python. */
export async function stop() {
  (await running?.catch(() => undefined))?.end(new page.python.WorkerLost("stopped by the reader"));
}

/** The figure is drawn by its own code again. @param {string} demo */
export async function leave(demo) {
  sources.delete(demo);
  if (sources.size || !running) return;
  const connection = await running.catch(() => undefined);
  running = undefined;
  connection?.end(new page.python.WorkerLost("not needed any more"));
}

/** CodeError if a source is no Python. @param {string} demo @param {string} source */
export const check = (demo, source) => ask({ call: "check", demo, source }, CHECK_PATIENCE);

/** What a task still finds wrong with the code that draws a figure, in a sentence; "" if nothing. @param {string} demo @param {string} check */
export const judge = async (demo, check) => text(await ask({ call: "judge", demo, check }, RUN_PATIENCE));

/** @param {DrawRequest} request @returns {Promise<Drawing & {printed: string}>} */
export async function draw(request) {
  const { source, known } = sources.get(request.demo) ?? {};
  const lost = known !== (await ready()); // a new Python does not know the code yet
  if (lost && source !== undefined) await run(request.demo, source, request);
  const drawing = await importing(request.demo, source ?? "", () => ask({ call: "draw", ...request, whole: request.whole || lost }, RUN_PATIENCE));
  if (!isPicture(drawing)) throw new CodeError("This is no picture that the page can show.", 0, "");
  const { caption, detail, shown, fields, handles, frame, rect, pixels, took, printed } = drawing;
  return { caption: text(caption), detail: text(detail), numbers: {}, shown, fields, handles, frame, rect, pixels, took, printed: text(printed) };
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
