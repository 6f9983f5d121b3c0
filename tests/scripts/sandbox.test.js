import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { afterEach, mock, test } from "node:test";

const MANIFEST = `export const course = "math_for_ml.whl", wheels = {numpy: "numpy.whl"}, packages = {numpy: "numpy", scipy: "scipy"};
    const names = ["sandbox-worker.js", "numpy.whl", "math_for_ml.whl", "python_stdlib.zip", "pyodide-lock.json", "pyodide.asm.wasm", "snapshot.bin"];
    export const files = Object.fromEntries(names.map((name) => [name, {url: name, bytes: 1}]));
    export const snapshot = {id: "", libraries: []};`;
const MADE = {
  "./manifest.js": MANIFEST,
  "../python/manifest.js": MANIFEST,
  "./editor.js": 'export const frame = "";',
};
registerHooks({
  resolve: (specifier, context, next) =>
    specifier in MADE
      ? {
          url: `data:text/javascript,${encodeURIComponent(MADE[/** @type {keyof typeof MADE} */ (specifier)])}`,
          shortCircuit: true,
        }
      : next(specifier, context),
});
Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true }); // as over plain http: no hashes

globalThis.document = /** @type {any} */ (new EventTarget());
const { give } = await import("../../site/scripts/see-python/page-modules.js");
const sandbox = await import("../../site/scripts/see-python/sandbox.js");

const LOOK = /** @type {const} */ ({ width: 360, ratio: 1, theme: "light" });
const SOURCE = "import scipy";

/** What each Python was asked, in order. @type {{call: string, boot?: string}[][]} */
let pythons = [];

/** @param {(message: any) => Promise<any>} answer   of each Python */
function begin(answer) {
  pythons = [];
  mock.method(globalThis, "fetch", async () => new Response(new Uint8Array(1)));
  const connect = () => {
    /** @type {any[]} */
    const asked = [];
    pythons.push(asked);
    const call = (/** @type {any} */ message) => {
      asked.push(message);
      return message.call === "start" ? Promise.resolve() : answer(message);
    };
    return { call, end: () => {}, port: { postMessage: () => {} }, fileWorkers: [] };
  };
  give(
    /** @type {any} */ ({
      connection: {
        connect,
        sendFiles: async () => {},
        openWorker: () => {},
        WorkerLost: class extends Error {},
      },
    }),
  );
}

afterEach(async () => {
  await sandbox.leave("normal");
  mock.restoreAll();
});

/** Python without SciPy, until it has been installed. */
function withoutScipy() {
  let there = false;
  return async (/** @type {{call: string}} */ { call }) => {
    if (call === "install") there = true;
    if (call !== "run" || there) return { controls: [], printed: "" };
    const facts = {
      sentence: "No module named 'scipy'",
      line: 1,
      printed: "",
      missing: true,
      module: "scipy",
      spent: false,
    };
    throw new Error(`edited_figure.CodeError: ${JSON.stringify(facts)}`);
  };
}

const calls = () => pythons.map((asked) => asked.map(({ call, boot }) => boot ?? call));

test("a package is installed once the rest of Python is there", async () => {
  begin(withoutScipy());
  await sandbox.run("normal", SOURCE, LOOK);
  assert.deepEqual(calls(), [["snapshot", "run", "complete", "run", "install", "run"]]);
});

test("Python answers one request at a time", async () => {
  /** @type {(() => void)[]} */
  const open = [];
  begin(() => new Promise((resolve) => open.push(() => resolve({ controls: [], printed: "" }))));
  const both = [sandbox.run("normal", SOURCE, LOOK), sandbox.check("normal", SOURCE)];
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
  await settled();
  assert.deepEqual(calls(), [["snapshot", "run"]]);
  open[0]();
  await settled();
  assert.deepEqual(calls(), [["snapshot", "run", "check"]]);
  open[1]();
  await Promise.all(both);
});

test("where functions have no identity, as in WebKit, a package is installed after an ordinary start", async () => {
  mock.method(WebAssembly.Table.prototype, "get", () => () => {});
  begin(withoutScipy());
  await sandbox.run("normal", SOURCE, LOOK);
  assert.deepEqual(calls(), [
    ["snapshot", "run"],
    ["ordinary", "run", "install", "run"],
  ]);
});
