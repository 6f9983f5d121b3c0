/**
 * Controls for changed code: the signature of `update` is the control panel there, too. New
 * arguments get controls, removed ones lose theirs. code-panel.js calls `adapt` after each run.
 *
 * @typedef {import("../figure/controls.js").Fields} Fields
 *
 * @typedef {object} Described   a control, as `edited_figure.run` describes it
 * @property {string} name
 * @property {string} kind
 * @property {boolean} same   as in the figure's own code
 * @property {string[]} texts   its default
 * @property {string} label
 * @property {boolean} guess
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [step]
 * @property {string} [unit]
 * @property {boolean} [log]
 * @property {boolean} [whole]
 * @property {number} [last]
 * @property {string[]} [options]
 */

import { page } from "./page-modules.js";

/** @type {WeakMap<HTMLFormElement, Panel>} */
const panels = new WeakMap();

/**
 * The controls of a form: those of the page, each with a comment that marks its place, and new
 * ones.
 */
class Panel {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.own = new Map(
      controls(form).map((control) => [
        control.dataset.name ?? "",
        { control, mark: document.createComment("") },
      ]),
    );
    for (const { control, mark } of this.own.values()) control.before(mark);
    /** @type {Map<string, {control: HTMLElement, facts: string}>} */
    this.made = new Map();
  }

  /** @param {Described[]} described @returns {string[]} the labels of those that cannot be made */
  show(described) {
    const wanted = new Map(described.map((one) => [one.name, one]));
    for (const [name, { control, mark }] of this.own) {
      if (!wanted.get(name)?.same) control.remove();
      else if (!control.isConnected) mark.after(control);
    }
    /** @param {Described} one */
    const facts = (one) => JSON.stringify({ ...one, texts: [] });
    for (const [name, { control, facts: before }] of this.made) {
      const one = wanted.get(name);
      if (one && !one.same && facts(one) === before) continue;
      control.remove();
      this.made.delete(name);
    }
    const unmade = [];
    for (const one of described) {
      if (one.same || this.made.has(one.name)) continue;
      const control = made(one, `${this.form.closest("ml-demo")?.id}-new-${one.name}`);
      if (!control) {
        unmade.push(one.label);
        continue;
      }
      this.made.set(one.name, { control, facts: facts(one) });
      const mark = this.own.get(one.name)?.mark;
      const more = this.form.querySelector(":scope > details.more");
      if (mark) mark.after(control);
      else if (more) more.before(control);
      else this.form.append(control);
    }
    return unmade;
  }
}

/** @param {HTMLFormElement} form @returns {HTMLElement[]} */
const controls = (form) => /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".control[data-name]")]);

/**
 * Gives a form the controls of a signature. Values that still fit stay, except defaults that have
 * changed.
 * @param {HTMLFormElement} form @param {Described[]} described @param {Fields} defaults   so far
 * @returns {{defaults: Fields, unmade: string[]}}
 */
export function adapt(form, described, defaults) {
  const before = page.controls.read(form);
  const panel = panels.get(form) ?? new Panel(form);
  panels.set(form, panel);
  const unmade = panel.show(described);
  const now = Object.fromEntries(described.map(({ name, texts }) => [name, texts]));
  const moved = Object.entries(before).filter(([name, texts]) => String(texts) !== String(defaults[name]));
  const { fields, problems } = page.address.take(Object.fromEntries(moved), page.controls.specs(form));
  for (const { name } of problems) delete fields[name];
  const answers = Object.fromEntries(
    moved.filter(([name]) => form.querySelector(`input[type=hidden][name="${CSS.escape(name)}"]`)),
  );
  page.controls.write(form, { ...now, ...fields, ...answers });
  return { defaults: now, unmade };
}

/** Restores the original controls of a form. @param {HTMLFormElement} form */
export function restore(form) {
  const panel = panels.get(form);
  for (const { control } of panel?.made.values() ?? []) control.remove();
  panel?.made.clear();
  for (const { control, mark } of panel?.own.values() ?? []) if (!control.isConnected) mark.after(control);
}

/**
 * A control as templates/demo.html writes it.
 * @param {Described} one @param {string} id @returns {HTMLElement | undefined}
 */
function made(one, id) {
  const make = MAKERS[one.kind];
  if (!make) return undefined;
  const [kind, ...inside] = make(one, id);
  return element("div", { class: `control ${kind}`, "data-name": one.name }, ...inside);
}

/** @typedef {[kind: string, ...parts: Element[]]} Parts */

/** @type {Record<string, (one: Described, id: string) => Parts>} */
const MAKERS = { slider, steps: slider, seed, choice, toggle, button: press };

/** @param {Described} one @param {string} id @returns {Parts} */
function slider({ name, label, low = 0, high = 1, step = 1, unit, log, whole, last, texts: [text] }, id) {
  const limits = { min: low, max: last ?? high, step, "data-whole": whole || last !== undefined };
  const along = log
    ? { min: Math.log10(low), max: Math.log10(high), step, value: Math.log10(Number(text)) }
    : { ...limits, value: text };
  const typed = {
    type: "text",
    "data-number": true,
    inputmode: low < 0 ? "text" : "decimal",
    translate: "no",
  };
  const exact = element("input", {
    class: "exact",
    ...typed,
    ...limits,
    "data-log": log,
    "aria-label": `${label}, typed`,
    value: text,
  });
  const sign = unit ? [element("span", { class: "unit", translate: "no" }, unit)] : [];
  const range = element("input", {
    type: "range",
    id,
    name,
    ...along,
    "data-log": log,
    "data-unit": unit || undefined,
  });
  return [
    "slider",
    element("label", { for: id }, label),
    element("span", { class: "typed" }, exact, ...sign),
    range,
  ];
}

/** @param {Described} one @param {string} id @returns {Parts} */
function seed({ name, label, last = 9999, texts: [value] }, id) {
  const typed = {
    type: "text",
    "data-number": true,
    "data-whole": true,
    inputmode: "numeric",
    translate: "no",
  };
  const field = element("input", { ...typed, min: 0, max: last, step: 1, id, name, value });
  return [
    "seed",
    element("label", { for: id }, label),
    field,
    element("button", { type: "button", "data-does": "new-data" }, "New data"),
  ];
}

/** @param {Described} one @param {string} id @returns {Parts} */
function choice({ name, label, options = [], texts: [text] }, id) {
  const all = options.map((value) => element("option", { value, selected: value === text }, value));
  return ["choice", element("label", { for: id }, label), element("select", { id, name }, ...all)];
}

/** @param {Described} one @param {string} id @returns {Parts} */
function toggle({ name, label, texts: [text] }, id) {
  const box = element("input", { type: "checkbox", id, name, value: 1, checked: text === "1" });
  return ["toggle", element("label", { for: id }, box, " ", element("span", {}, label))];
}

/** @param {Described} one @param {string} id @returns {Parts} */
function press({ name, label }, id) {
  const button = element("button", { type: "button", id, "data-does": "press" }, label);
  return ["press", element("input", { type: "hidden", name, value: 0 }), button];
}

/**
 * @param {string} tag @param {Record<string, string | number | boolean | undefined>} attributes
 * @param {(Element | string)[]} inside
 */
function element(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  made.append(...inside);
  return made;
}
