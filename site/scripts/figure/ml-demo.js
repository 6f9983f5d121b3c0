/**
 * The entry point of pages with figures: defines <ml-demo> (demo.js), follows links to states of
 * figures, passes on the progress of Python's start, and draws again when the zoom, the screen, the
 * color scheme, or the contrast changes. It also loads what printing and the page's text need.
 */

import "../channels/print.js";
import "../page/color-highlight.js";
import "../page/copy-tex.js";
import "../page/scrollable-formulas.js";
import * as python from "../python/python.js";
import * as address from "./address.js";
import { Demo, all } from "./demo.js";
import * as lockedControls from "./locked-controls.js";
import { contrast, dark } from "./theme.js";

/** @typedef {import("./controls.js").Fields} Fields */

/** Whether the link that was clicked is beside the figure, which then is in view. */
let beside = false;

/** Shows the state of a link. @param {string} hash */
function follow(hash) {
  const { name, fields } = address.parse(hash);
  const demo = demoOf(name);
  if (demo) demo.restore(fields, !beside, true);
  else reportMissingFigure(name, fields);
}

/** @param {string} name */
function demoOf(name) {
  const demo = document.querySelector(`ml-demo[name="${CSS.escape(name)}"]`);
  return demo instanceof Demo ? demo : undefined;
}

/**
 * Reports a link with a state of a figure that this page does not have.
 * @param {string} name @param {Fields} fields
 */
function reportMissingFigure(name, fields) {
  if (!Object.keys(fields).length || document.getElementById(name)) return;
  const [first] = document.querySelectorAll("ml-demo");
  if (first instanceof Demo)
    first.tell(`Part of this link could not be read: this page has no figure named “${name.slice(0, 30)}”.`);
}

/** Draws again when the page is zoomed, or moves to a screen with another pixel ratio. */
function watchPixelRatio() {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const again = () => {
    all((demo) => demo.redraw());
    watchPixelRatio();
  };
  query.addEventListener("change", again, { once: true });
}

customElements.define("ml-demo", Demo);
const { name, fields } = address.parse(location.hash);
if (!demoOf(name)) reportMissingFigure(name, fields);
if (document.documentElement.classList.contains("code"))
  document
    .querySelector("ml-demo [data-does=code]")
    ?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const unknownControls = lockedControls.unknown(lockedControls.parse(location.search));
if (unknownControls.length)
  console.warn(`The link locks controls that this page does not have: ${unknownControls.join(", ")}`);
python.progress.addEventListener("progress", (event) => {
  if (event instanceof CustomEvent) all((demo) => demo.progress(event.detail));
});
python.progress.addEventListener("renewed", () =>
  all((demo) => {
    demo.retry();
    demo.redraw(true);
  }),
);
// location.hash may already be that of the previous values, which `#settle` has just shown
addEventListener("hashchange", ({ newURL }) => follow(new URL(newURL).hash));
addEventListener("pageshow", (event) => event.persisted && all((demo) => demo.redraw(true)));
addEventListener("beforeprint", () => all((demo) => demo.mark()));
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const task = target?.closest("[data-does=task]")?.closest(".task");
  if (task instanceof HTMLElement) {
    const figure = document.getElementById(task.dataset.figure ?? "");
    if (figure instanceof Demo) figure.solve(task);
  }
  const link = target?.closest("a");
  beside = Boolean(link?.closest(".lab"));
  if (link?.hash && link.href === location.href) follow(link.hash); // no hashchange follows
});
for (const query of [dark, contrast]) query.addEventListener("change", () => all((demo) => demo.redraw()));
watchPixelRatio();
