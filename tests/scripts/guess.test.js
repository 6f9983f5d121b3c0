/** The answer to a guess: how it appears, and what hides it again. The form is a stub without a page. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** @type {((now: number) => void)[]} */
let frames = [];
Object.assign(globalThis, {
  matchMedia: () => ({ matches: false }),
  requestAnimationFrame: (/** @type {(now: number) => void} */ frame) => frames.push(frame),
  HTMLElement: class {},
  HTMLFieldSetElement: class {},
  Element: class {},
});
const { bindGuess } = await import("../../site/scripts/figure/guess.js");

class Button extends Element {
  hidden = false;
  parentElement = null;
  /** @param {string} does */
  constructor(does) {
    super();
    this.dataset = { does };
  }

  closest() {
    return this;
  }
}

/** A form with a hidden field for the answer. */
function made() {
  const buttons = ["check", "skip", "again"].map((does) => new Button(does));
  const form = new EventTarget();
  const control = Object.assign(new EventTarget(), { querySelectorAll: () => buttons });
  const field = {
    value: "0",
    closest: () => control,
    dispatchEvent: (/** @type {Event} */ event) => send(form, event.type, field),
  };
  Object.assign(form, { querySelector: () => field, querySelectorAll: () => [] });
  return { form, control, field, buttons };
}

/** @param {EventTarget} to @param {string} type @param {object} target */
function send(to, type, target) {
  const event = new Event(type);
  Object.defineProperty(event, "target", { value: target });
  return to.dispatchEvent(event);
}

/** Run animation frames until none is requested. */
function wait(count = 99) {
  for (let i = 0; i < count && frames.length; i += 1) frames.shift()?.(performance.now() + 100 * (i + 1));
}

beforeEach(() => {
  frames = [];
});

test("the answer is revealed completely without further input", () => {
  const { form, control, field, buttons } = made();
  bindGuess(/** @type {any} */ (form), () => undefined);
  send(control, "click", buttons[0]);
  assert.ok(Number(field.value) > 0 && Number(field.value) < 1);
  wait();
  assert.equal(field.value, "1");
});

test("another task hides the answer, during and after its animation", () => {
  for (const count of [2, 99]) {
    const { form, control, field, buttons } = made();
    bindGuess(/** @type {any} */ (form), () => undefined);
    send(control, "click", buttons[0]);
    wait(count);
    send(form, "input", { name: "task" });
    assert.equal(field.value, "0");
    wait();
    assert.equal(field.value, "0");
    assert.deepEqual(
      buttons.map(({ hidden }) => hidden),
      [false, false, true],
    );
  }
});

test("trying again during the animation hides the answer", () => {
  const { form, control, field, buttons } = made();
  bindGuess(/** @type {any} */ (form), () => {
    field.value = "0";
  });
  send(control, "click", buttons[0]);
  wait(2);
  send(control, "click", buttons[2]);
  wait();
  assert.equal(field.value, "0");
});
