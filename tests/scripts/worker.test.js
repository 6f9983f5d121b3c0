/** What Python's worker does without Python (site/scripts/python/worker.js). */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

globalThis.document = /** @type {any} */ ({}); // with a document, the worker does not serve by itself
const { pause, serve } = await import("../../site/scripts/python/worker.js");

test("background work sleeps until the reader is expected to be done", async () => {
  let now = 5_000;
  /** @type {number[]} */
  const slept = [];
  mock.method(performance, "now", () => now);
  mock.method(globalThis, "setTimeout", (/** @type {() => void} */ wake, ms = 0) => {
    slept.push(ms);
    now += ms + 1;
    queueMicrotask(wake);
  });
  /** @type {any} */
  const page = { postMessage() {} };
  serve(page);
  await pause();
  assert.deepEqual(slept, [0]); // nobody waits for anything
  page.onmessage({ data: { busy: 700 } });
  await pause();
  assert.deepEqual(slept, [0, 0, 699]);
  mock.restoreAll();
});
