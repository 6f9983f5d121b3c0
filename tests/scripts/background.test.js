/** Background work is postponed while a reader waits for Python (site/scripts/python/background.js). */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

globalThis.document = /** @type {any} */ (new EventTarget());
const { busyFor, calm } = await import("../../site/scripts/python/background.js");

test("it waits until there has been no urgent work for a while", async () => {
  let now = 1_000;
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => now);
  const pass = async (/** @type {number} */ ms) => {
    now += ms;
    mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  await calm(); // nothing was urgent yet
  document.dispatchEvent(new Event("ml:busy"));
  assert.ok(busyFor() > 0);
  let isCalm = false;
  calm().then(() => (isCalm = true));
  await pass(6_000);
  document.dispatchEvent(new Event("ml:busy"));
  await pass(6_000);
  assert.equal(isCalm, false);
  await pass(6_000);
  assert.equal(isCalm, true);
  assert.equal(busyFor(), 0);
  mock.timers.reset();
});
