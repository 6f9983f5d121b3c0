/**
 * "See the Python" below a figure: opens and closes the panel with the figure's code
 * (code-panel.js). demo.js loads this module, with the editor, when a reader first opens the code.
 *
 * @typedef {import("../figure/demo.js").Demo} Demo
 *
 * @typedef {object} Code   of a figure
 * @property {string} source   its file
 * @property {string} shown   the function that has its mathematics
 * @property {string} lesson   the lesson it belongs to
 * @property {string} wheel   the Python package with which it runs elsewhere
 * @property {string} [task]   the function that the lesson's task changes
 * @property {string} [check]   the check of the task (site/tasks/)
 */

import { CodePanel } from "./code-panel.js";
import { give } from "./page-modules.js";
import * as sandbox from "./sandbox.js";

/** @type {WeakMap<Demo, CodePanel>} */
const panels = new WeakMap();

/**
 * The code of a figure, from beside this script or, where nothing can be fetched, from the fallback
 * bundle.
 * @param {string} name @returns {Promise<Code>}
 */
async function codeOf(name) {
  try {
    const response = await fetch(new URL(`../python/${name}.json`, import.meta.url));
    if (response.ok) return await response.json();
  } catch {
    // a page from disk, or in a frame without an origin
  }
  const { loadBundle } = await import("../python/fallback-hosts.js");
  return (await loadBundle()).python[name];
}

/**
 * Opens or closes the panel of a figure.
 * @param {import("./page-modules.js").Modules} modules
 * @param {Demo} demo @param {HTMLButtonElement} button   the one that opens and closes the panel
 * @param {boolean} [focus]   whether to move the focus into the panel
 * @param {string} [change]   from a link: shown, but not run
 * @param {HTMLElement} [task]   of the lesson, which changes this code
 */
export async function toggle(modules, demo, button, focus = false, change = "", task = undefined) {
  give(modules);
  const id = button.getAttribute("aria-controls") ?? "";
  let panel = panels.get(demo);
  if (!panel) {
    const code = await codeOf(demo.id);
    const close = () => {
      toggle(modules, demo, button);
      button.focus();
    };
    panel = panels.get(demo) ?? new CodePanel(demo, id, code, close);
    panels.set(demo, panel);
  }
  const { element } = panel;
  sandbox.busy(); // readers who open the code will soon run it
  element.hidden = !(element.hidden || change || task);
  button.setAttribute("aria-expanded", String(!element.hidden));
  if (change)
    panel.offer(change, "This link carries changed code, which has not run. Read it, then press Run.");
  else if (task) panel.pose(task);
  else if (focus && !element.hidden) element.querySelector("select")?.focus();
}
