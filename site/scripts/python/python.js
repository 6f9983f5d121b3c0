/**
 * Python for this page: figures ask `draw` for pictures, and the first one starts Python.
 *
 * start.js starts it, connection.js has the calls with their time limits. A Python that does not
 * answer is ended, and the picture is asked for again from a new one.
 *
 * @typedef {object} DrawRequest
 * @property {string} demo
 * @property {Record<string, string[]>} fields   what the form holds, by parameter
 * @property {number} width   CSS pixels
 * @property {number} ratio   device pixels to a CSS pixel
 * @property {"light" | "dark" | "contrast-light" | "contrast-dark"} theme
 * @property {boolean} whole   not only what has changed: the canvas has lost its pixels
 * @property {[name: string, x: number, y: number]} [moved]   the handle that is being dragged: its
 *   control, and the pointer's position in the data of its axes
 *
 * @typedef {object} Handle   where the axes lie, as fractions of the canvas, and their limits
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 * @property {[number, number]} x
 * @property {[number, number]} y
 * @property {[number, number]} [at]   where the handle is in them, if its fields don't say that
 *
 * @typedef {object} Drawing   what changed on the canvas; lengths in device pixels
 * @property {string} caption
 * @property {{width: number, height: number}} frame   the whole canvas
 * @property {{x: number, y: number, width: number, height: number}} rect
 * @property {Uint8ClampedArray<ArrayBuffer>} pixels   RGBA of `rect`
 * @property {Record<string, Handle> | null} handles   by parameter; null: as before
 * @property {string} detail   a longer description of the picture, for screen readers
 * @property {Record<string, string>} numbers   that the lesson's text can show, by name
 * @property {string[]} shown   the controls that have an effect in this state
 * @property {Record<string, string[]>} fields   values that Python found for controls
 * @property {number} took   ms, in Python's thread
 *
 * @typedef {import("./connection.js").Connection} Connection
 * @typedef {{boot: import("./start.js").Boot, host: import("./connection.js").HostName}} StartInfo
 */

import { PythonFailed, WorkerLost } from "./connection.js";
import { edited } from "./manifest.js";
import { countDeath, kiosk, tooManyDeaths } from "./restart-limit.js";
import { start } from "./start.js";
import { explainFailure } from "./start-failure.js";

const DRAW_TIMEOUT = 15_000; // ms for one picture
const STILL = "The pictures stand still for a while. All else can be read.";

/**
 * An error whose message is for the reader and ends with the next step. `fatal`: Python itself
 * could not start.
 */
export class PythonError extends Error {
  /** @param {string} message @param {boolean} fatal @param {unknown} [cause] */
  constructor(message, fatal, cause) {
    super(message, { cause });
    this.fatal = fatal;
  }
}

/**
 * Dispatches "progress" with {words, done, total}, in bytes, while Python starts, and "renewed"
 * when a running Python was replaced because it was damaged.
 */
export const progress = new EventTarget();

/** How Python was started, once it was, and where it runs. @type {Promise<StartInfo>} */
export let started = new Promise(() => {});

/** @type {Promise<Connection> | undefined} */
let running;
/** @type {StartInfo["host"] | undefined} */
let lastHost;
/**
 * Whether Python gets all functions of its modules: changed figures may call any, and a Python that
 * failed may have lacked one.
 */
let whole = Object.keys(edited).length > 0;
/**
 * The memory of a picture that has been shown: allocating new memory for each one would take as
 * long as drawing it.
 * @type {ArrayBuffer | undefined}
 */
let spare;

/**
 * The running Python, started if necessary.
 * @param {DrawRequest} first   the picture that is requested
 * @returns {Promise<Connection>}
 */
function python(first) {
  running ??= start({ lastHost, first, whole, report, replace }).then(
    ({ connection, boot }) => {
      lastHost = connection.host;
      started = Promise.resolve({ boot, host: lastHost });
      return connection;
    },
    async (cause) => {
      running = undefined;
      throw new PythonError(await explainFailure(cause), true, cause);
    },
  );
  return running;
}

/** @param {string} words @param {{done: number, total: number}[]} received */
function report(words, received) {
  const [done, total] = received.reduce((sum, { done, total }) => [sum[0] + done, sum[1] + total], [0, 0]);
  progress.dispatchEvent(new CustomEvent("progress", { detail: { words, done, total } }));
}

async function replace() {
  await restart();
  progress.dispatchEvent(new Event("renewed"));
}

/** Ends the worker; the next picture starts a new one. */
export async function restart() {
  const old = running;
  running = undefined;
  (await old?.catch(() => undefined))?.end(new WorkerLost("ended for a new start"));
}

/**
 * Takes the pixels of a picture back, once they are on the canvas: the next picture uses their
 * memory.
 * @param {Drawing} drawing
 */
export function done({ pixels }) {
  spare = pixels.buffer;
}

/** Lets Python discard the scene of a figure that is far from the view. @param {string} demo */
export async function forget(demo) {
  const connection = await running?.catch(() => undefined);
  // a worker that has died has no scene
  connection?.call({ call: "forget", demo }, DRAW_TIMEOUT).catch(() => {});
}

/**
 * The figures that wait for a picture.
 * @typedef {{request: () => DrawRequest, urgent: () => boolean, resolve: (drawing: Drawing) => void,
 *   reject: (error: Error) => void}} Waiting
 * @type {Waiting[]}
 */
const queue = [];
let busy = false;

/**
 * Has Python draw a picture, once it is done with the one before: the time limit is for this picture
 * alone, and a Python that is lost is replaced once, however many figures wait for it. If it can't be
 * started, all of them fail.
 * @param {() => DrawRequest} request   is called when the picture's turn has come
 * @param {() => boolean} [urgent]   whether it then comes before the others
 * @returns {Promise<Drawing>}
 */
export function draw(request, urgent = () => false) {
  return new Promise((resolve, reject) => {
    queue.push({ request, urgent, resolve, reject });
    if (!busy) drawQueue();
  });
}

async function drawQueue() {
  busy = true;
  while (queue.length) {
    const place = Math.max(
      queue.findIndex(({ urgent }) => urgent()),
      0,
    );
    const [next] = queue.splice(place, 1);
    try {
      next.resolve(await drawNow(next.request()));
    } catch (error) {
      const failed = /** @type {PythonError} */ (error);
      for (const { reject } of [next, ...(failed.fatal ? queue.splice(0) : [])]) reject(failed);
    }
  }
  busy = false;
}

/** @param {DrawRequest} request @returns {Promise<Drawing>} */
async function drawNow(request) {
  for (let attempt = 1; ; attempt += 1) {
    if (kiosk && tooManyDeaths()) throw new PythonError(STILL, true);
    const mine = python(request);
    const connection = await mine;
    try {
      // In the page's own thread no timer can end a picture: the timer fires after the picture.
      const timeout = connection.host === "page" ? Infinity : DRAW_TIMEOUT;
      const room = spare;
      spare = undefined;
      return await connection.call({ call: "draw", ...request, spare: room }, timeout, room ? [room] : []);
    } catch (cause) {
      if (!(cause instanceof WorkerLost))
        throw new PythonError("The demo stopped at these values. Reset the controls to go on.", false, cause);
      if (running === mine) running = undefined;
      whole ||= cause instanceof PythonFailed;
      countDeath();
      if (tooManyDeaths())
        throw new PythonError(
          kiosk ? STILL : "Python stopped several times. Reload the page to start it again.",
          true,
          cause,
        );
      if (attempt === 2)
        throw new PythonError(
          "This picture takes too long at these values. Reset the controls to go on.",
          false,
          cause,
        );
    }
  }
}
