/**
 * Number fields: text inputs marked `data-number`, in which people write numbers as they are used
 * to. controls.js and embed-panel.js bind them.
 *
 * `min`, `max` and `step` are on the field; `data-whole` marks fields for whole numbers, `data-log`
 * those where equal ratios count. While a text can't be read, the field keeps its last number, and
 * the problem is explained below it.
 *
 * @typedef {import("./numbers.js").Limits} Limits
 */

import * as numbers from "./numbers.js";

/** @typedef {{text: string, number: number}} State   the text that was read last, and its number */
/** @type {WeakMap<HTMLInputElement, State>} */
const states = new WeakMap();

/** @param {unknown} field @returns {field is HTMLInputElement & {dataset: {number: string}}} */
export function isNumber(field) {
  return field instanceof HTMLInputElement && "number" in field.dataset;
}

/** @param {HTMLInputElement} field @returns {Limits} */
export function limits(field) {
  return { low: Number(field.min), high: Number(field.max), whole: "whole" in field.dataset };
}

/** @param {HTMLInputElement} field @returns {number} its number */
export function value(field) {
  const known = states.get(field);
  if (known?.text === field.value) return known.number;
  const found = numbers.read(field.value, limits(field));
  const number = "fitted" in found ? found.fitted : (known?.number ?? Number(field.defaultValue));
  states.set(field, { text: field.value, number });
  return number;
}

/**
 * Writes a number into a field. No event is dispatched.
 * @param {HTMLInputElement} field @param {number} number
 */
export function put(field, number) {
  const fitted = numbers.clamp(number, limits(field));
  field.value = numbers.write(fitted);
  states.set(field, { text: field.value, number: Number(field.value) });
  if (complaints.has(field)) accept(field);
}

/** @type {Map<HTMLInputElement, HTMLElement>} the sentences below fields */
const complaints = new Map();
let made = 0;

/**
 * @param {HTMLInputElement} field @param {string} words
 * @param {boolean} wrong   whether the field still has the wrong text
 */
function complain(field, words, wrong) {
  field.toggleAttribute("aria-invalid", false);
  if (wrong) field.setAttribute("aria-invalid", "true");
  const before = complaints.get(field);
  if (before?.textContent === words) return;
  accept(field, wrong);
  const sentence = document.createElement("p");
  sentence.className = "misread";
  sentence.id = `misread-${++made}`;
  sentence.setAttribute("role", "alert");
  sentence.textContent = words;
  (field.closest(".control") ?? field.parentElement)?.append(sentence);
  field.setAttribute("aria-describedby", sentence.id);
  complaints.set(field, sentence);
}

/** Removes the sentence below a field. @param {HTMLInputElement} field @param {boolean} [wrong] */
function accept(field, wrong = false) {
  if (!wrong) field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  complaints.get(field)?.remove();
  complaints.delete(field);
}

/**
 * Reads a field, and complains below it.
 * @param {HTMLInputElement} field @param {boolean} over   whether the reader has finished typing
 */
function look(field, over) {
  const before = value(field);
  const text = field.value.trim();
  const bounds = limits(field);
  const found = numbers.read(text, bounds);
  if ("readings" in found) {
    if (over && !text) put(field, before);
    else if (!text || (!over && numbers.unfinished(text))) accept(field);
    else
      complain(
        field,
        `${numbers.refusal(text, found.readings)} The value is still ${numbers.inSentence(before)}.`,
        true,
      );
    return;
  }
  const { number, fitted } = found;
  const beyond = number > bounds.high || number < bounds.low;
  // A number that grows while it is typed may still come into range.
  const stays = over || (number > bounds.high && number > 0) || (number < bounds.low && number < 0);
  if (over) put(field, fitted);
  if (beyond && stays) {
    const range = `${numbers.inSentence(bounds.low)} to ${numbers.inSentence(bounds.high)}`;
    complain(
      field,
      `${numbers.inSentence(number)} is outside the range ${range}, so ${numbers.inSentence(fitted)} is used.`,
      !over,
    );
  } else if (fitted !== number && over && !beyond) {
    complain(field, `This takes whole numbers, so ${numbers.inSentence(fitted)} is used.`, false);
  } else if (!over) accept(field);
}

/** @param {KeyboardEvent} event   arrow keys and Page keys make steps */
function onKey(event) {
  const { key, target: field } = event;
  if (!isNumber(field) || field.readOnly || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
    return;
  const up = key === "ArrowUp" || key === "PageUp";
  if (!up && key !== "ArrowDown" && key !== "PageDown") return;
  event.preventDefault();
  const step = Number(field.step) || 1;
  const way = { log: "log" in field.dataset, large: key.startsWith("Page") };
  const before = field.value;
  put(field, numbers.next(value(field), up ? step : -step, way));
  if (field.value !== before) field.dispatchEvent(new Event("input", { bubbles: true }));
  if (field.value !== before) field.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * Handles all number fields in an element, including those added later.
 * @param {HTMLElement} root
 */
export function bind(root) {
  root.addEventListener("input", ({ target }) => {
    if (isNumber(target)) look(target, false);
    for (const field of complaints.keys())
      // of fields that were set or removed in the meantime
      if (!field.isConnected) complaints.delete(field);
      else if (
        field !== target &&
        root.contains(field) &&
        "fitted" in numbers.read(field.value, limits(field))
      )
        accept(field);
  });
  root.addEventListener("change", ({ target }) => isNumber(target) && look(target, true));
  root.addEventListener("keydown", onKey);
}
