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
import { course, files, snapshot, wheels } from "./manifest.js";
import { page } from "./page-modules.js";

const START_PATIENCE = 120_000; // ms, on an old machine
const RUN_PATIENCE = 12_000; // ms; Python itself stops a loop after two seconds, and what goes round slowly after five
const USUAL_START = 3_000; // ms; a machine that needs longer has more patience with the code as well
const SLOWEST = 6; // times as long
const CHECK_PATIENCE = 5_000; // ms
const MOST_MESSAGES = 500; // between two questions of ours
const WIDEST = 8_192; // device pixels of a picture, and down as well
const LONGEST = 5_000; // characters of a text

/** What went wrong in the reader's code, in a sentence. */
export class CodeError extends Error {
  /** Whether a module or a file was not there. */
  missing = false;
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

/** @type {Promise<Connection> | undefined} */
let running;
/** How many times as long as usual this machine needs. */
let pace = 1;
/** Whether the rest of Python is there. @type {Connection | undefined} */
let whole;
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

/** A file of the course that Python asks for: no other one. @param {string} name */
const bring = (name) => (Object.hasOwn(files, name) ? download.bytes(name).catch(() => null) : Promise.resolve(null));

/** @returns {Promise<Connection>} */
async function start() {
  const script = new TextDecoder().decode(await download.bytes("sandbox.js"));
  const connection = page.python.connect("sandbox", (_, lost) => openFrame(script, lost), bring);
  const bytes = ["pyodide.asm.wasm", ...snapshot.libraries, "record.json", "pyodide-lock.json"];
  const wanted = { scripts: [], modules: [], bytes, packed: ["snapshot.bin"] };
  const began = performance.now();
  try {
    const supplied = page.python.supply(connection, (lost) => page.python.openWorker(new URL("./supply.js", import.meta.url).href, lost), wanted, () => {});
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
  running ??= start().catch((cause) => {
    running = undefined;
    console.error(cause);
    throw new CodeError("Python for changed code could not be started here. Reload the page and try again.", 0, "");
  });
  return running;
}

/** The next picture starts a new Python. @param {Connection} connection */
async function forget(connection) {
  if ((await running?.catch(() => undefined)) === connection) running = undefined;
}

/** @param {object} message @param {number} patience ms on a usual machine @returns {Promise<any>} */
async function ask(message, patience) {
  const connection = await ready();
  try {
    return await connection.call({ ...message, pace }, patience * pace);
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
  const { sentence, line, printed, missing, spent } = JSON.parse(facts);
  return Object.assign(new CodeError(text(sentence), Number(line), text(printed)), { missing, spent });
}

/** The rest of Python, for code that imports more than the figures do. */
async function complete() {
  const connection = await ready();
  if (whole === connection || !course) return false;
  const all = { ...wheels, "math-for-ml": course };
  for (const file of ["python_stdlib.zip", ...Object.values(all)]) {
    const value = await download.bytes(file);
    connection.port.postMessage({ file, value }, [value]);
  }
  await ask({ call: "complete", wheels: all }, START_PATIENCE);
  whole = connection;
  return true;
}

/**
 * Take a source for the code of a figure from now on. CodeError if it does not work: then the figure keeps the code that it had.
 * @param {string} demo @param {string} source @param {Look} look @returns {Promise<Ran>}
 */
export async function run(demo, source, { width, ratio, theme }) {
  const message = { call: "run", demo, source, width, ratio, theme };
  const { controls, printed } = await ask(message, RUN_PATIENCE).catch(async (error) => {
    if (error.missing && (await complete())) return ask(message, RUN_PATIENCE);
    throw error;
  });
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

/** @param {DrawRequest} request @returns {Promise<Drawing & {printed: string}>} */
export async function draw(request) {
  const { source, known } = sources.get(request.demo) ?? {};
  const lost = known !== (await ready()); // a new Python does not know the code yet
  if (lost && source !== undefined) await run(request.demo, source, request);
  const drawing = await ask({ call: "draw", ...request, whole: request.whole || lost }, RUN_PATIENCE);
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
