/**
 * The line `update(mean=0.5, sd=1)` of the code panel: a field for each control. The fields follow
 * the controls, and what is typed there sets them. Pointing at an argument highlights its control.
 *
 * @typedef {import("./python-values.js").Kind} Kind
 *
 * @typedef {object} Argument
 * @property {HTMLElement} control
 * @property {Kind} kind
 * @property {HTMLLabelElement} label
 * @property {HTMLInputElement} input
 */

import { page } from "./page-modules.js";
import { literal, texts } from "./python-values.js";

/** @param {Element} control @returns {Kind | undefined}   undefined: it has no value to write */
function kindOf({ classList }) {
  if (classList.contains("check") || classList.contains("press")) return undefined;
  for (const kind of /** @type {const} */ (["toggle", "choice", "matrix", "points"]))
    if (classList.contains(kind)) return kind;
  return "number";
}

export class CallLine {
  #form;
  #line;
  /** @type {Map<string, Argument>} */
  #arguments = new Map();

  /** @param {HTMLFormElement} form @param {HTMLElement} line */
  constructor(form, line) {
    this.#form = form;
    this.#line = line;
    form.addEventListener("pointerover", ({ target }) =>
      this.#light(target instanceof Element ? target.closest(".control")?.getAttribute("data-name") : ""),
    );
    form.addEventListener("pointerleave", () => this.#light(""));
    this.rebuild();
  }

  /** Makes new fields when the controls have changed. */
  rebuild() {
    this.#arguments.clear();
    for (const control of /** @type {NodeListOf<HTMLElement>} */ (
      this.#form.querySelectorAll(".control[data-name]")
    )) {
      const [name, kind] = [control.dataset.name ?? "", kindOf(control)];
      if (kind) this.#arguments.set(name, { control, kind, ...this.#field(name, kind) });
    }
    this.#line.replaceChildren("update(", ...[...this.#arguments.values()].map(({ label }) => label), ")");
    this.renew();
  }

  /** Writes the values of the controls. */
  renew() {
    const now = page.controls.read(this.#form);
    for (const [name, { control, kind, input, label }] of this.#arguments) {
      label.hidden = "idle" in control.dataset;
      if (input === document.activeElement) continue;
      const grid = control.querySelector(".grid");
      const columns = grid instanceof HTMLElement ? Number(grid.style.getPropertyValue("--columns")) : 1;
      input.value = literal(kind, now[name] ?? [], columns);
      input.style.width = `${input.value.length}ch`;
      input.removeAttribute("aria-invalid");
    }
  }

  /** The values, as arguments: "mean=1, sd=0.5". */
  text() {
    const shown = [...this.#arguments].filter(([, { label }]) => !label.hidden);
    return shown.map(([name, { input }]) => `${name}=${input.value}`).join(", ");
  }

  /** Highlights an argument and its control. @param {string} name   "" for none */
  point(name) {
    for (const marked of this.#form.querySelectorAll("[data-pointed]"))
      marked.removeAttribute("data-pointed");
    const control = this.#arguments.get(name)?.control;
    (control?.closest("details:not([open])") ?? control)?.setAttribute("data-pointed", "");
    this.#light(name);
  }

  /** @param {string | null | undefined} name */
  #light(name) {
    for (const [other, { label }] of this.#arguments) label.classList.toggle("is-pointed", other === name);
  }

  /** @param {string} name @param {Kind} kind */
  #field(name, kind) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
    });
    input.setAttribute("autocapitalize", "off");
    label.append(
      `${name}=`,
      input,
      Object.assign(document.createElement("span"), { className: "comma", textContent: "," }),
    );
    label.addEventListener("pointerenter", () => this.point(name));
    label.addEventListener("pointerleave", () => this.point(""));
    input.addEventListener("focus", () => this.point(name));
    input.addEventListener("blur", () => {
      this.point("");
      this.renew();
    });
    input.addEventListener("input", () => {
      input.style.width = `${Math.max(2, input.value.length)}ch`;
      const given = texts(kind, input.value);
      const { fields } = page.address.take(given ? { [name]: given } : {}, page.controls.specs(this.#form));
      input.removeAttribute("aria-invalid");
      if (!(name in fields)) return input.setAttribute("aria-invalid", "true");
      page.controls.write(this.#form, fields);
      this.#form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return { label, input };
  }
}
