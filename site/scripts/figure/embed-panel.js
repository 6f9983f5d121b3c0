/**
 * "Embed" below a figure: a panel that writes the code of a frame for another page. demo.js
 * loads it when a teacher first opens it.
 *
 * The frame starts with what the figure shows at the moment. The panel is part of the page, below
 * its figure.
 *
 * @typedef {import("./locked-controls.js").Names} Names
 */

import { copy } from "../page/clipboard.js";
import * as numberField from "./number-field.js";
import { controls, parse, unknown, write } from "./locked-controls.js";

const ROOM = 96; // px that the page of a single figure needs besides it: a margin above, a link below
const LESSON = 900; // px of a lesson that scrolls in its frame

/** @param {string} text @returns {string} */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/**
 * The content of the panel.
 * @param {string} id   makes the ids of its parts unique
 * @param {number} level   of its heading, one below that of the figure
 */
const inside = (id, level) => `
  <h${level} class="panel-title" id="${id}-title">Embed this figure</h${level}>
  <p class="first">The frame begins with what the figure shows now. Move the controls above, and the address changes with them.</p>
  <p class="wrong" hidden></p>
  <fieldset class="what">
    <legend>What to show</legend>
    <label><input type="radio" name="${id}-what" value="alone" checked> The figure alone</label>
    <label><input type="radio" name="${id}-what" value="lesson"> The whole lesson</label>
  </fieldset>
  <fieldset class="locks">
    <legend>What learners can do with each control</legend>
  </fieldset>
  <div class="size">
    <label for="${id}-height">Height in pixels</label>
    <input type="text" data-number data-whole inputmode="numeric" id="${id}-height" min="100" max="5000" step="10">
    <label class="follow"><input type="checkbox"> Let the height follow the content, by a script in your page</label>
  </div>
  <label for="${id}-code">Code for your page</label>
  <textarea id="${id}-code" class="code" rows="5" readonly spellcheck="false"></textarea>
  <button type="button" data-does="copy-code">Copy code</button>
  <label for="${id}-address">Link to the same</label>
  <input id="${id}-address" class="address" type="text" readonly>
  <p class="row"><button type="button" data-does="copy-address">Copy address</button> <a target="_blank" rel="noopener">Open it</a>
    <button type="button" data-does="close">Close</button></p>`;

/**
 * @param {HTMLElement} demo
 * @returns {Names} the controls that the URL of this page locks, as bare names
 */
function already(demo) {
  const asked = parse(location.search);
  const prefix = `${demo.getAttribute("name")}.`;
  /** @param {string[]} names */
  const bare = (names) => names.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
  return { hide: bare(asked.hide), fix: bare(asked.fix) };
}

/**
 * @param {HTMLElement} demo
 * @param {HTMLButtonElement} button   that opens and closes the panel
 * @param {() => string} state   the hash of the URL for what the figure shows now
 */
export function toggle(demo, button, state) {
  const id = button.getAttribute("aria-controls") ?? "";
  const panel = document.getElementById(id) ?? made(demo, button, state, id);
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  if (panel.hidden) return;
  panel.dispatchEvent(new Event("renew"));
  panel.querySelector("input")?.focus();
}

/**
 * @param {HTMLElement} demo @param {HTMLButtonElement} button @param {() => string} state
 * @param {string} id
 * @returns {HTMLElement} the panel, in the page and hidden
 */
function made(demo, button, state, id) {
  const panel = document.createElement("section");
  panel.id = id;
  panel.className = "embed-panel";
  panel.hidden = true;
  panel.setAttribute("aria-labelledby", `${id}-title`);
  const heading = demo.querySelector(".demo-title");
  panel.innerHTML = inside(id, Number(heading?.tagName.slice(1)) + 1);
  /** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
  const part = (selector, kind) => {
    const found = panel.querySelector(selector);
    if (found instanceof kind) return found;
    throw new Error(`The panel has no ${selector}`);
  };
  const form = demo.querySelector("form");
  const [height, code] = [part("input[data-number]", HTMLInputElement), part(".code", HTMLTextAreaElement)];
  const [address, open] = [part(".address", HTMLInputElement), part("a", HTMLAnchorElement)];
  const lesson = part("[value=lesson]", HTMLInputElement);
  const follow = part("[type=checkbox]", HTMLInputElement);
  const title = demo.dataset.title ?? ""; // not the text of the page, which may be translated

  // One choice for each control: free, fixed, or hidden.
  const asked = already(demo);
  const list = part(".locks", HTMLFieldSetElement);
  /** @type {Map<string, HTMLSelectElement>} */
  const choices = new Map();
  for (const [name, control] of form ? controls(form) : []) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    for (const [value, words] of [
      ["", "move it"],
      ["fix", "see its value"],
      ["hide", "not see it"],
    ])
      select.add(new Option(words, value));
    select.value = asked.hide.includes(name) ? "hide" : asked.fix.includes(name) ? "fix" : "";
    const words = control.querySelector("legend, label")?.textContent?.trim();
    label.append(Object.assign(document.createElement("span"), { textContent: words || name }), select);
    choices.set(name, select);
    list.append(label);
  }
  list.hidden = !choices.size;
  part(".what", HTMLElement).hidden = !demo.dataset.lesson;

  const wrong = unknown(parse(location.search));
  const words = part(".wrong", HTMLElement);
  words.hidden = !wrong.length && location.protocol !== "file:";
  words.textContent = wrong.length
    ? `The address of this page names controls that are not here: ${wrong.join(", ")}. They are left out below.`
    : "This page was opened from a file. For a frame that others can see, open it where you have published it.";

  // The height of the figure here; a frame of another width may need another height.
  const measured = Math.ceil((demo.offsetHeight + ROOM) / 10) * 10;
  numberField.bind(panel);
  numberField.put(height, measured);

  const renew = () => {
    const of = lesson.checked ? `${demo.getAttribute("name")}.` : "";
    /** @param {string} way */
    const locked = (way) => [...choices].filter(([, { value }]) => value === way).map(([name]) => of + name);
    const url = new URL((lesson.checked ? demo.dataset.lesson : demo.dataset.alone) ?? "", document.baseURI);
    const query = write({ hide: locked("hide"), fix: locked("fix") });
    const hash = state();
    address.value = open.href = `${url.href}${query && `?${query}`}${hash}`;
    const source = `${url.href}?embed=1${query && `&${query}`}${hash}`;
    const name = lesson.checked ? (demo.dataset.lessonTitle ?? title) : title;
    const pixels = numberField.value(height);
    code.value =
      `<iframe src="${escaped(source)}" title="${escaped(name)}" loading="lazy"` +
      ` allow="fullscreen; clipboard-write" style="width: 100%; height: ${pixels}px; border: 0"></iframe>` +
      (follow.checked
        ? `\n<script src="${escaped(new URL(demo.dataset.parent ?? "", document.baseURI).href)}"></script>`
        : "");
  };

  panel.addEventListener("renew", renew);
  panel.addEventListener("input", (event) => {
    event.stopPropagation(); // no control of the figure
    if (event.target instanceof HTMLInputElement && event.target.type === "radio")
      numberField.put(height, lesson.checked ? LESSON : measured);
    renew();
  });
  for (const kind of ["input", "change", "click"]) demo.addEventListener(kind, () => panel.hidden || renew());
  const close = () => {
    toggle(demo, button, state);
    button.focus();
  };
  panel.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  panel.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("button") : null;
    if (pressed?.dataset.does === "close") close();
    if (pressed?.dataset.does === "copy-code") copy(code.value, pressed, code, "Code copied");
    if (pressed?.dataset.does === "copy-address") copy(address.value, pressed, address, "Address copied");
  });
  demo.querySelector(".actions")?.after(panel);
  return panel;
}
