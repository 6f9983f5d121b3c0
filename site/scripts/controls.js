/**
 * The controls of a demo: a <form> of native fields, as templates/demo.html writes it.
 *
 * `read` and `write` turn the form into {parameter: [texts]} and back; `bind` keeps a control's parts in
 * step and gives its buttons their work. Every change, by whatever way, ends as an `input` event that
 * bubbles through the form.
 *
 * @typedef {Record<string, string[]>} Fields   what Python is given, one list of texts for each parameter
 */

const HIDDEN = 250; // ms; a longer pause between two frames means that nobody could see them

/** @param {number} value @returns {string} with at most 12 digits */
export function numberText(value) {
  return String(Number(value.toPrecision(12)));
}

/** @param {HTMLInputElement} field @param {number} value @returns {number} within the field's own bounds */
export function clamp(field, value) {
  return Math.min(Math.max(value, Number(field.min)), Number(field.max));
}

/** @type {WeakMap<HTMLInputElement, string>} what each number field held last that was a number */
const good = new WeakMap();

/**
 * What a number field stands for. While something unfinished is typed ("-", ""), that is its last good value.
 * @param {HTMLInputElement} field
 */
function typed(field) {
  const value = field.valueAsNumber;
  if (Number.isFinite(value)) good.set(field, numberText(clamp(field, value)));
  return good.get(field) ?? field.defaultValue;
}

/** @param {HTMLInputElement | HTMLSelectElement} field @returns {string} */
function text(field) {
  if (field instanceof HTMLSelectElement) return field.value;
  if (field.type === "checkbox") return field.checked ? "1" : "0";
  if (field.type === "number") return typed(field);
  if (!("log" in field.dataset)) return field.value;
  // A step of a logarithmic slider is rounded to what a person would say: 0.0398, not 0.0398107170553.
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
  const fields = {};
  for (const set of pointSets(form)) fields[set.dataset.name ?? ""] = []; // it may have no fields
  for (const field of named(form)) (fields[field.name] ??= []).push(text(field));
  return fields;
}

/**
 * Takes over the values that `fields` names, as near as the controls can hold them. No event is raised.
 * @param {HTMLFormElement} form @param {Fields} fields
 */
export function write(form, fields) {
  for (const set of pointSets(form)) {
    const texts = fields[set.dataset.name ?? ""];
    if (texts) resize(set, Math.floor(texts.filter(Boolean).length / 2));
  }
  /** @type {Record<string, number>} */
  const taken = {};
  for (const field of named(form)) {
    taken[field.name] ??= 0;
    const value = fields[field.name]?.[taken[field.name]++];
    if (value === undefined) continue;
    if (field instanceof HTMLSelectElement) {
      if ([...field.options].some((option) => option.value === value)) field.value = value;
    } else if (field.type === "checkbox") {
      field.checked = value === "1";
    } else if (value.trim() && Number.isFinite(Number(value))) {
      if (field.type === "range") slide(field, Number(value));
      else field.value = numberText(clamp(field, Number(value)));
    }
    show(field);
  }
}

/**
 * Moves a slider to a value that may lie between its steps.
 * @param {HTMLInputElement} range @param {number} value
 */
function slide(range, value) {
  const place = clamp(range, "log" in range.dataset ? Math.log10(value) : value);
  range.step = range.dataset.step ??= range.step;
  range.value = String(place);
  if (Math.abs(range.valueAsNumber - place) < 1e-9 * Number(range.step)) return;
  range.step = "any"; // the range rounded it to a step; `onStep` brings the steps back for the next move
  range.value = String(place);
}

/** @param {Event} event */
function onStep(event) {
  const range = event.target;
  if (!(range instanceof HTMLInputElement && range.dataset.step)) return;
  if (event instanceof KeyboardEvent && !/^(Arrow|Page|Home|End)/.test(event.key)) return;
  range.step = range.dataset.step;
}

/**
 * Brings what stands beside a range in step with it.
 * @param {HTMLInputElement | HTMLSelectElement} range
 * @param {Element | null} [except]   the field that is being typed in, which is left as it is
 */
function show(range, except) {
  const control = range.closest(".control");
  if (range.type !== "range" || !control) return;
  const exact = control.querySelector("input.exact");
  const output = control.querySelector("output");
  let words = text(range);
  if (exact instanceof HTMLInputElement && exact !== except) exact.value = words;
  if (output) output.textContent = words = `${words} of ${/** @type {HTMLInputElement} */ (range).max}`;
  const unit = control.querySelector(".unit")?.textContent;
  range.setAttribute("aria-valuetext", unit ? `${words} ${unit}` : words);
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

/** @param {HTMLElement} set @param {number} change @returns {boolean} whether so many more points may be */
export function allows(set, change) {
  const count = rows(set).length + change;
  return count >= Number(set.dataset.least) && count <= Number(set.dataset.most);
}

/**
 * Gives a list of points `count` rows, or as near to it as is allowed; new ones are at the end.
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
    if (label) label.textContent = name;
    if (button) button.setAttribute("aria-label", `Remove point ${name}`);
    if (button) button.disabled = !allows(set, -1);
  }
  const add = set.querySelector("[data-does=add]");
  if (add instanceof HTMLButtonElement) add.disabled = !allows(set, 1);
}

/**
 * Adds a point, in the middle of its range unless a place is given.
 * @param {HTMLElement} set @param {[x: number, y: number]} [place]
 */
export function addPoint(set, place) {
  if (!allows(set, 1)) return;
  resize(set, rows(set).length + 1);
  const fields = rows(set).at(-1)?.querySelectorAll("input") ?? [];
  for (const [axis, field] of fields.entries()) {
    field.value = numberText(
      place ? clamp(field, place[axis]) : (Number(field.min) + Number(field.max)) / 2,
    );
  }
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

/** @param {Element} control  a Steps control: plays until its end, or until it is told to stop */
function play(control) {
  const [range, button] = [control.querySelector("input"), control.querySelector("[data-does=play]")];
  if (!range || !(control instanceof HTMLElement)) return;
  if (range.value === range.max) stepTo(range, 0);
  control.dataset.playing = "";
  button?.setAttribute("aria-label", "Pause");
  const [last, rate] = [Number(range.max), Number(control.dataset.rate) / 1000];
  let [value, due, before] = [Number(range.value), Number(range.value), performance.now()];
  // By the clock, not by counting frames: where a picture takes long, steps are left out and the time is kept.
  const advance = (/** @type {number} */ now) => {
    due = Math.min(due + Math.min(Math.max(now - before, 0), HIDDEN) * rate, last);
    before = now;
    // Moved by hand, taken off the page, or told to pause: then it is over.
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

/** @param {MouseEvent} event  on a button of a control */
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
  if (does === "new-data") {
    const other = Math.floor(Math.random() * Number(field.max)); // skips the present one
    field.value = String(other < Number(typed(field)) ? other : other + 1);
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

/** @param {Event} event  of a field: keeps the range and the number beside it in step */
function onInput(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement)) return;
  const range = field.closest(".control")?.querySelector("input[type=range]");
  if (!(range instanceof HTMLInputElement)) return;
  if (field !== range) slide(range, Number(typed(field)));
  show(range, field);
}

/** @param {Event} event  once a field is left: mends what is out of bounds, or not finished */
function onChange(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement && field.type === "number")) return;
  const value = Number(typed(field));
  field.value = numberText(field.closest(".seed") ? Math.round(value) : value);
}

/** @param {HTMLFormElement} form */
export function bind(form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", onButton);
  form.addEventListener("input", onInput);
  form.addEventListener("change", onChange);
  form.addEventListener("keydown", onStep, { capture: true });
  form.addEventListener("pointerdown", onStep, { capture: true });
  for (const set of pointSets(form)) resize(set, rows(set).length);
}
