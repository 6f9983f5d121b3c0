/**
 * Controls that a teacher's link locks: `?hide=a,b&fix=c#demo?state`. demo.js locks them, and
 * embed-panel.js writes such links.
 *
 * A hidden control is not shown; a fixed one is shown but disabled. Both keep the value that the
 * link gives them. A name stands for all controls of that name on the page; `normal.mean` is the
 * control of one figure.
 *
 * @typedef {{hide: string[], fix: string[]}} Names
 */

/** @param {string} query @returns {Names} */
export function parse(query) {
  const found = new URLSearchParams(query);
  /** @param {string} key */
  const names = (key) => found.getAll(key).flatMap((text) => text.split(",").filter(Boolean));
  return { hide: names("hide"), fix: names("fix") };
}

/** @param {Names} names @returns {string} `hide=a,b&fix=c`, with plain commas */
export function write({ hide, fix }) {
  const parts = Object.entries({ hide, fix }).filter(([, names]) => names.length);
  return parts.map(([key, names]) => `${key}=${names.join(",")}`).join("&");
}

/**
 * @param {HTMLFormElement} form
 * @returns {Map<string, HTMLElement>} its controls, by their names
 */
export function controls(form) {
  const found = new Map();
  for (const control of form.querySelectorAll(".control")) {
    const field = control.querySelector("[name]");
    const name = control instanceof HTMLElement && (control.dataset.name ?? field?.getAttribute("name"));
    if (name) found.set(name, control);
  }
  return found;
}

/**
 * @param {string} name @param {string} demo
 * @returns {string} the bare name if it can be a control of this figure, or ""
 */
function within(name, demo) {
  if (!name.includes(".")) return name;
  return name.startsWith(`${demo}.`) ? name.slice(demo.length + 1) : "";
}

/**
 * @param {HTMLFormElement} form @param {string} demo @param {Names} names
 * @returns {string[]} the names of the controls that are locked now
 */
export function lock(form, demo, { hide, fix }) {
  const known = controls(form);
  const locked = new Set();
  for (const [names, hidden] of /** @type {[string[], boolean][]} */ ([
    [fix, false],
    [hide, true],
  ])) {
    for (const name of names.map((name) => within(name, demo))) {
      const control = known.get(name);
      if (!control) continue;
      locked.add(name);
      control.hidden = hidden;
      const parts =
        control instanceof HTMLFieldSetElement
          ? [control]
          : control.querySelectorAll("input, select, button");
      for (const part of parts) part.toggleAttribute("disabled", true);
    }
  }
  form.hidden = known.size > 0 && [...known.values()].every((control) => control.hidden);
  return [...locked];
}

/** @param {Names} names @returns {string[]} those that name no control of this page */
export function unknown({ hide, fix }) {
  const known = [...document.querySelectorAll("ml-demo")].flatMap((demo) => {
    const form = demo.querySelector("form");
    const prefix = demo.getAttribute("name");
    return form ? [...controls(form).keys()].flatMap((name) => [name, `${prefix}.${name}`]) : [];
  });
  return [...new Set([...hide, ...fix])].filter((name) => !known.includes(name));
}
