/**
 * Python for code that a reader has changed: worker.js in a worker of frame.html, which has no origin, and whose policy allows no
 * network and no script from an address. Therefore Pyodide's own scripts are inside: the build makes one text of all (bundle/carrier.mjs).
 *
 * From the page: {port}   the way to the page; on it the messages of worker.js, and
 *                {id, call: "run", demo, source, …}  answered by what `edited_figure.run` says
 *                {id, call: "check", demo, source}   answered if it is Python
 *                {id, call: "judge", demo, check}    answered by what a task still finds wrong, "" if nothing
 *                {id, call: "install", demo, packages, source}   answered once micropip has brought them
 */

import * as loader from "pyodide";
import createPyodideModule from "pyodide-asm";
import figure from "./edited_figure.py";
import watchdog from "./watchdog.py";
import { calls, scripts, serve, use } from "../worker.js";

Object.assign(scripts, { "pyodide.js": loader, "pyodide.asm.js": { default: createPyodideModule } });

/** Without a limit, Python takes up to 4 GB; above it, there is a MemoryError. */
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
  /** @param {import("../worker.js").Plan} plan */
  async start(plan) {
    await start(plan);
    // They are not in the snapshot: who does not change code does not load them.
    session = use("edited_figure", { "edited_figure.py": figure, "watchdog.py": watchdog });
  },
  /** @param {{demo: string, source: string, pace: number} & import("../sandbox.js").Look} changed */
  run: ({ demo, source, width, ratio, theme, pace }) => JSON.parse(session.run(demo, source, width, ratio, theme, pace)),
  /** @param {{demo: string, packages: string[], source: string}} wanted */
  install: ({ demo, packages, source }) => session.install(demo, packages, source),
  /** @param {{demo: string, check: string}} task */
  judge: ({ demo, check }) => session.judge(demo, check),
  /** @param {{demo: string, source: string}} changed */
  check: ({ demo, source }) => session.check(demo, source),
});

self.onmessage = ({ data: { port } }) => serve(port);
