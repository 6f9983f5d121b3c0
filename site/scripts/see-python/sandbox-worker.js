/**
 * Python for code that a reader has changed: python/worker.js in a worker of sandbox-frame.html,
 * which has an opaque origin, and whose policy allows no network and no script from a URL. So
 * Pyodide's own scripts are inside: the build bundles all of it (bundle/bundler.mjs). sandbox.js is
 * the page's side.
 *
 * From the page: {port}   the port to the page; on it the messages of worker.js, and
 *                {id, call: "run", demo, source, …}  answered by the result of `edited_figure.run`
 *                {id, call: "check", demo, source}   answered if it is valid Python
 *                {id, call: "judge", demo, check}    answered by what the task finds wrong, or ""
 *                {id, call: "install", demo, packages, source}   answered once they are installed
 */

import * as loader from "pyodide";
import createPyodideModule from "pyodide-asm";
import figure from "./edited_figure.py";
import watchdog from "./watchdog.py";
import { calls, scripts, serve, use } from "../python/worker.js";

Object.assign(scripts, { "pyodide.js": loader, "pyodide.asm.js": { default: createPyodideModule } });

/** Without a limit, Python could take up to 4 GB; above the limit it raises a MemoryError. */
const MOST_MEMORY = 1 << 30;
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65_536 > MOST_MEMORY) throw new RangeError("no more memory");
  return grow.call(this, pages);
};

/** @type {any} */
let session;
const { start } = calls;

Object.assign(calls, {
  /** @param {import("../python/worker.js").Plan} plan */
  async start(plan) {
    await start(plan);
    // They are not in the snapshot: readers who don't change code don't load them.
    session = use("edited_figure", { "edited_figure.py": figure, "watchdog.py": watchdog });
  },
  /** @param {{demo: string, source: string, pace: number} & import("./sandbox.js").Look} changed */
  run: ({ demo, source, width, ratio, theme, pace }) =>
    JSON.parse(session.run(demo, source, width, ratio, theme, pace)),
  /** @param {{demo: string, packages: string[], source: string}} wanted */
  install: ({ demo, packages, source }) => session.install(demo, packages, source),
  /** @param {{demo: string, check: string}} task */
  judge: ({ demo, check }) => session.judge(demo, check),
  /** @param {{demo: string, source: string}} changed */
  check: ({ demo, source }) => session.check(demo, source),
});

self.onmessage = ({ data: { port } }) => serve(port);
