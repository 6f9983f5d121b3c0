/**
 * The controls of a figure: a <form> of native fields, as templates/demo.html writes it. demo.js
 * binds the form; signature.js adds controls of changed code to it.
 *
 * `read` and `write` turn the form into {parameter: [texts]} and back; `bind` keeps the parts of a
 * control in sync and gives its buttons their actions. Every change, however it is made, ends as an
 * `input` event that bubbles through the form.
 *
 * @typedef {Record<string, string[]>} Fields   what Python gets: one list of texts for each
 *   parameter
 */

import * as numbers from "./numbers.js";
import * as numberField from "./number-field.js";
import { isNumber } from "./number-field.js";
import { freeSpot } from "./free-spot.js";

const HIDDEN = 250; // ms; a longer pause between two frames means that the page was hidden

export { write as numberText } from "./numbers.js";
export { value as typed } from "./number-field.js";

/**
 * @param {HTMLInputElement} field @param {number} value
 * @returns {number} within the limits of the field
 */
export function clamp(field, value) {
  return numbers.clamp(value, numberField.limits(field));
}

/** @param {HTMLInputElement | HTMLSelectElement} field @returns {string} */
function text(field) {
  if (field instanceof HTMLSelectElement) return field.value;
  if (field.type === "checkbox") return field.checked ? "1" : "0";
  if (isNumber(field)) return numbers.write(numberField.value(field));
  if (!("log" in field.dataset)) return field.value;
  // A step of a logarithmic slider is rounded to three digits: 0.0398, not 0.0398107170553.
  const exact = field.step === "any" || field.value === field.min || field.value === field.max;
  return String(Number((10 ** Number(field.value)).toPrecision(exact ? 12 : 3)));
}

/** @param {HTMLFormElement} form @returns {(HTMLInputElement | HTMLSelectElement)[]} */
function named(form) {
  return /** @type {HTMLInputElement[]} */ ([...form.elements]).filter((field) => field.name);
}

/** @param {HTMLFormElement} form @returns {Fields} */
export function read(form) {
  /** @type {Fields} */
  const fields = Object.create(null);
  for (const set of pointSets(form)) fields[set.dataset.name ?? ""] = []; // a list of points may be empty
  for (const field of named(form)) (fields[field.name] ??= []).push(text(field));
  return fields;
}

/**
 * `fields` as a link has them: without answers to guesses and pressed buttons.
 * @param {HTMLFormElement} form @param {Fields} fields
 */
export function shared(form, fields) {
  for (const field of named(form)) if (field.type === "hidden") delete fields[field.name];
  return fields;
}

/** @param {HTMLFormElement} form @returns {Fields} the current state, as a link has it */
export function state(form) {
  return shared(form, read(form));
}

/**
 * @param {HTMLFormElement} form
 * @returns {Map<string, import("./address.js").Spec>} the values that each control accepts
 */
export function specs(form) {
  /** @type {ReturnType<typeof specs>} */
  const found = new Map();
  for (const field of named(form)) {
    if (found.has(field.name) || field.type === "hidden" || field.closest("fieldset.control")) continue;
    if (field instanceof HTMLSelectElement) {
      found.set(field.name, { kind: "choice", options: [...field.options].map(({ value }) => value) });
    } else if (field.type === "checkbox") found.set(field.name, { kind: "toggle" });
    else {
      const log = "log" in field.dataset;
      const exact = field.closest(".control")?.querySelector("input.exact");
      const limits = numberField.limits(log && exact instanceof HTMLInputElement ? exact : field);
      found.set(field.name, { kind: "number", limits, log });
    }
  }
  for (const set of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("fieldset.control"))) {
    const fields = [...(set.querySelector("template")?.content ?? set).querySelectorAll("input")].filter(
      (field) => field.name,
    );
    const limits = fields.map(numberField.limits);
    const { name = "", least, most } = set.dataset;
    if (set.matches(".points"))
      found.set(name, {
        kind: "list",
        limits: limits.slice(0, 2),
        least: 2 * Number(least),
        most: 2 * Number(most),
      });
    else
      found.set(name, {
        kind: "list",
        limits: limits.slice(0, 1),
        least: limits.length,
        most: limits.length,
      });
  }
  return found;
}

/**
 * Sets the values in `fields`, as close as the controls allow. No event is dispatched.
 * @param {HTMLFormElement} form @param {Fields} fields
 */
export function write(form, fields) {
  for (const set of pointSets(form)) {
    const texts = fields[set.dataset.name ?? ""];
    if (texts) resize(set, Math.floor(texts.filter(Boolean).length / 2));
  }
  /** @type {Record<string, number>} */
  const taken = Object.create(null);
  for (const field of named(form)) {
    taken[field.name] ??= 0;
    const value = fields[field.name]?.[taken[field.name]++];
    if (value === undefined) continue;
    if (field instanceof HTMLSelectElement) {
      if ([...field.options].some((option) => option.value === value)) field.value = value;
    } else if (field.type === "checkbox") {
      field.checked = value === "1";
    } else if (field.type === "hidden") {
      field.value = value;
    } else if (value.trim() && Number.isFinite(Number(value))) {
      if (field.type === "range") slide(field, Number(value));
      else numberField.put(field, Number(value));
    }
    show(field);
    follow(field);
  }
}

/**
 * Moves a slider to a value that may lie between its steps.
 * @param {HTMLInputElement} range @param {number} value
 */
function slide(range, value) {
  const place = clamp(range, "log" in range.dataset ? Math.log10(value) : value); // rounded if the field is for whole numbers
  range.step = range.dataset.step ??= range.step;
  range.value = String(place);
  if (Math.abs(range.valueAsNumber - place) < 1e-9 * Number(range.step)) return;
  range.step = "any"; // the range rounded it to a step; `onStep` restores the steps for the next move
  range.value = String(place);
}

/** Moves the slider beside a coordinate of a point, if there is one. @param {Element} field */
function follow(field) {
  const range = field.closest(".pair")?.querySelector("input[type=range]");
  if (isNumber(field) && range instanceof HTMLInputElement) slide(range, numberField.value(field));
}

/** @param {Event} event */
function onStep(event) {
  const range = event.target;
  if (!(range instanceof HTMLInputElement && range.dataset.step)) return;
  if (event instanceof KeyboardEvent && !/^(Arrow|Page|Home|End)/.test(event.key)) return;
  range.step = range.dataset.step;
}

/**
 * Updates the field, the text and the ARIA value that belong to a range.
 * @param {HTMLInputElement | HTMLSelectElement} range
 * @param {Element | null} [except]   the field that is being typed in, which stays unchanged
 */
function show(range, except) {
  const control = range.closest(".pair, .control");
  if (range.type !== "range" || !control) return;
  const exact = control.querySelector("input.exact");
  const output = control.querySelector("output");
  let words = text(range);
  if (isNumber(exact) && exact !== except) numberField.put(exact, Number(words));
  if (output) output.textContent = words = `${words} of ${/** @type {HTMLInputElement} */ (range).max}`;
  const { unit } = range.dataset;
  range.setAttribute("aria-valuetext", unit ? `${words} ${unit}` : words);
}

/**
 * A touch on a slider may be the start of scrolling: then the browser cancels the touch, and the
 * slider goes back.
 * @param {PointerEvent} down
 */
function onTouch({ target: range, pointerId, pointerType }) {
  if (pointerType !== "touch" || !(range instanceof HTMLInputElement && range.type === "range")) return;
  const before = Number(text(range));
  const over = new AbortController();
  const once = { signal: over.signal };
  addEventListener("pointerup", (event) => event.pointerId === pointerId && over.abort(), once);
  const back = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== pointerId) return;
    over.abort();
    if (Number(text(range)) === before) return;
    slide(range, before);
    show(range);
    changed(range);
  };
  addEventListener("pointercancel", back, once);
}

/** @param {Element | null | undefined} field */
function changed(field) {
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  field?.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {HTMLFormElement} form @returns {HTMLElement[]} */
function pointSets(form) {
  return [...form.querySelectorAll("fieldset.points")].filter((set) => set instanceof HTMLElement);
}

/** @param {HTMLElement} set @returns {HTMLLIElement[]} */
function rows(set) {
  return [...set.querySelectorAll("li")];
}

/**
 * @param {HTMLElement} set @param {number} change
 * @returns {boolean} whether the list may get so many more points
 */
export function allows(set, change) {
  const count = rows(set).length + change;
  return count >= Number(set.dataset.least) && count <= Number(set.dataset.most);
}

/**
 * Gives a list of points `count` rows, or as close as is allowed; new rows are added at the end.
 * @param {HTMLElement} set @param {number} count
 */
function resize(set, count) {
  const template = set.querySelector("template");
  const list = set.querySelector("ol");
  while (template && list && rows(set).length < count && allows(set, 1))
    list.append(template.content.cloneNode(true));
  while (rows(set).length > count && allows(set, -1)) rows(set).at(-1)?.remove();
  /** @type {string[]} */
  const names = JSON.parse(set.dataset.names ?? "[]");
  for (const [index, row] of rows(set).entries()) {
    const name = names[index] ?? String(index + 1);
    const [label, button] = [row.querySelector("b"), row.querySelector("button")];
    row.dataset.point = name;
    if (label) label.textContent = name;
    for (const [axis, field] of row.querySelectorAll("input[name]").entries())
      field.setAttribute("aria-label", `point ${name}, ${"xy"[axis]}`);
    if (button) button.setAttribute("aria-label", `Remove point ${name}`);
    if (button) button.disabled = !allows(set, -1);
  }
  const add = set.querySelector("[data-does=add]");
  if (add instanceof HTMLButtonElement) add.disabled = !allows(set, 1);
}

/**
 * Adds a point: at `place`, or on a free spot near the middle.
 * @param {HTMLElement} set @param {[x: number, y: number]} [place]
 */
export function addPoint(set, place) {
  if (!allows(set, 1)) return;
  const points = rows(set).map((row) =>
    [...row.querySelectorAll("input")].map((field) => Number(text(field))),
  );
  resize(set, rows(set).length + 1);
  const fields = rows(set).at(-1)?.querySelectorAll("input") ?? [];
  const [x, y] = [...fields].map(({ min, max, step }) => ({
    min: Number(min),
    max: Number(max),
    step: Number(step),
  }));
  place ??= freeSpot(/** @type {[number, number][]} */ (points), x, y);
  for (const [axis, field] of fields.entries()) numberField.put(field, place[axis]);
  changed(fields[0]);
}

/** @param {HTMLElement} set @param {number} index */
export function removePoint(set, index) {
  if (!allows(set, -1)) return;
  rows(set)[index]?.remove();
  resize(set, rows(set).length);
  changed(set);
}

/** @param {HTMLInputElement} range @param {number} value of a Steps control */
function stepTo(range, value) {
  range.value = String(value);
  changed(range);
}

/** @param {Element} control   a Steps control: plays to its end, or until it is paused */
function play(control) {
  const [range, button] = [control.querySelector("input"), control.querySelector("[data-does=play]")];
  if (!range || !(control instanceof HTMLElement)) return;
  if (range.value === range.max) stepTo(range, 0);
  control.dataset.playing = "";
  button?.setAttribute("aria-label", "Pause");
  const [last, rate] = [Number(range.max), Number(control.dataset.rate) / 1000];
  let [value, due, before] = [Number(range.value), Number(range.value), performance.now()];
  // Steps follow the clock, not the frames: while pictures take long, steps are skipped.
  const advance = (/** @type {number} */ now) => {
    due = Math.min(due + Math.min(Math.max(now - before, 0), HIDDEN) * rate, last);
    before = now;
    // It ends when the reader moves the slider or pauses, or when the control is removed.
    const mine = "playing" in control.dataset && range.isConnected && Number(range.value) === value;
    if (mine && value < last) {
      if (due >= value + 1) {
        range.value = String((value = Math.floor(due)));
        range.dispatchEvent(new Event("input", { bubbles: true }));
      }
      requestAnimationFrame(advance);
      return;
    }
    delete control.dataset.playing;
    button?.setAttribute("aria-label", "Play");
    range.dispatchEvent(new Event("change", { bubbles: true }));
  };
  requestAnimationFrame(advance);
}

/** @param {HTMLInputElement} field   of a Seed control: gets a new number, never the same one */
function newData(field) {
  const other = Math.floor(Math.random() * Number(field.max));
  numberField.put(field, other < numberField.value(field) ? other : other + 1);
  changed(field);
}

/** New random data, if the form has a Seed control. @param {HTMLFormElement} form */
export function renew(form) {
  const field = form.querySelector(".seed input");
  if (field instanceof HTMLInputElement) newData(field);
}

/** @param {MouseEvent} event   on a button of a control */
function onButton(event) {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const control = button?.closest(".control");
  const [field, does] = [control?.querySelector("input"), button?.dataset.does];
  if (!(control instanceof HTMLElement) || !button) return;
  if (does === "add") addPoint(control);
  if (does === "remove") {
    const index = rows(control).findIndex((row) => row.contains(button));
    removePoint(control, index);
    /** @type {HTMLElement | null} */ (
      rows(control)[Math.min(index, rows(control).length - 1)]?.querySelector("button:enabled") ??
        control.querySelector("[data-does=add]")
    )?.focus();
  }
  if (!field) return;
  if (does === "new-data") newData(field);
  if (does === "press") {
    field.value = "1";
    changed(field);
  }
  if (!control.matches(".steps")) return;
  const playing = "playing" in control.dataset;
  if (playing) delete control.dataset.playing;
  if (does === "play" && !playing) play(control);
  if (does === "first") stepTo(field, 0);
  if (does === "back") stepTo(field, Number(field.value) - 1);
  if (does === "forward") stepTo(field, Number(field.value) + 1);
}

/** @param {Event} event   of a field: keeps the range and its number in sync */
function onInput(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement)) return;
  // A handle moves both coordinates of a point with one event.
  for (const other of field.closest("fieldset.points")?.querySelectorAll(".pair input[name]") ?? [])
    if (other.closest(".pair") !== field.closest(".pair")) follow(other);
  const range = field.closest(".pair, .control")?.querySelector("input[type=range]");
  if (!(range instanceof HTMLInputElement)) return;
  if (field !== range) slide(range, numberField.value(field));
  show(range, field);
}

/** @param {HTMLFormElement} form */
export function bind(form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", onButton);
  numberField.bind(form);
  form.addEventListener("input", onInput);
  form.addEventListener("keydown", onStep, { capture: true });
  form.addEventListener("pointerdown", onTouch, { capture: true });
  form.addEventListener("pointerdown", onStep, { capture: true });
  for (const set of pointSets(form)) resize(set, rows(set).length);
}
