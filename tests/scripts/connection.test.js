import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { afterEach, mock, test } from "node:test";

const MANIFEST =
  'export const files = {}, wheels = {}, edited = {}, course = "c.whl", snapshot = {id: "", libraries: []};';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./manifest.js"
      ? { url: `data:text/javascript,${encodeURIComponent(MANIFEST)}`, shortCircuit: true }
      : next(specifier, context),
});
const documentElement = { classList: { contains: () => false } };
Object.assign(globalThis, { document: Object.assign(new EventTarget(), { documentElement }) });
const { PythonFailed, WorkerLost, connect } = await import("../../site/scripts/python/connection.js");

/** Lets what has been promised happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A connection to a script that says nothing by itself.
 * @param {"worker" | "data" | "sandbox"} place
 */
function connected(place) {
  mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {any} */
  const port = { postMessage: () => {} };
  const connection = connect(place, () => ({ port, end: () => {} }));
  return { connection, port };
}

/** The state of a promise. @param {Promise<unknown>} promise */
function watched(promise) {
  const seen = { state: "open", reason: /** @type {unknown} */ (undefined) };
  promise.then(
    () => (seen.state = "done"),
    (reason) => Object.assign(seen, { state: "failed", reason }),
  );
  return seen;
}

afterEach(() => mock.timers.reset());

for (const [place, timeout] of /** @type {const} */ ([
  ["worker", 60_000],
  ["sandbox", 60_000],
  ["data", 10_000],
])) {
  test(`a script in a ${place} has ${timeout / 1000} s to report that it runs`, async () => {
    const heard = watched(connected(place).connection.heard);
    mock.timers.tick(timeout - 1);
    await settle();
    assert.equal(heard.state, "open");
    mock.timers.tick(1);
    await settle();
    assert.equal(heard.state, "failed");
  });
}

test("the time limit of a start begins with the last file", async () => {
  const { connection, port } = connected("sandbox");
  port.onmessage({ data: { alive: true } });
  let come = () => {};
  const files = new Promise((resolve) => (come = () => resolve(undefined)));
  const started = watched(connection.call({ call: "start" }, 1_000, [], files));
  mock.timers.tick(50_000);
  await settle();
  assert.equal(started.state, "open");
  come();
  await settle();
  mock.timers.tick(999);
  await settle();
  assert.equal(started.state, "open");
  mock.timers.tick(1);
  await settle();
  assert.ok(started.reason instanceof WorkerLost);
});

test("a Python that fails loses its calls, and is ended", async () => {
  const { connection, port } = connected("worker");
  port.onmessage({ data: { alive: true } });
  const drawn = watched(connection.call({ call: "draw" }, 1_000));
  const warned = mock.method(console, "warn", () => {});
  port.onmessage({ data: { failed: "RuntimeError: unreachable" } });
  await settle();
  assert.ok(drawn.reason instanceof PythonFailed);
  assert.ok(drawn.reason instanceof WorkerLost); // so a new one draws the picture
  assert.equal(warned.mock.callCount(), 1);
  await assert.rejects(connection.call({ call: "draw" }, 1_000), PythonFailed);
  mock.restoreAll();
});
