/**
 * What a picture changes elsewhere on the page: which controls are shown, the numbers in the
 * lesson's text, and which of its notes describes the figure. demo.js calls it after each
 * picture.
 *
 * A control without effect in the current state is hidden by `data-idle` (the build writes it for
 * the defaults); a control that a link hides stays hidden (locked-controls.js). A number in the
 * text is `<span data-follows="demo.name">`; the build has written its value for the defaults
 * there.
 */

import * as address from "./address.js";

/**
 * Shows the controls that have an effect.
 * @param {HTMLFormElement} form @param {string[]} shown   their names
 */
export function showControls(form, shown) {
  for (const control of form.querySelectorAll(".control[data-name]")) {
    if (!(control instanceof HTMLElement)) continue;
    control.toggleAttribute("data-idle", !shown.includes(control.dataset.name ?? ""));
  }
  for (const more of form.querySelectorAll("details.more"))
    more.toggleAttribute("data-idle", !more.querySelector(".control:not([data-idle], [hidden])"));
}

/**
 * Updates the numbers in the text.
 * @param {string} demo @param {Record<string, string>} numbers
 */
export function updateNumbers(demo, numbers) {
  for (const [name, text] of Object.entries(numbers)) {
    for (const place of document.querySelectorAll(`[data-follows="${CSS.escape(demo)}.${CSS.escape(name)}"]`))
      if (place.textContent !== text) place.textContent = text;
  }
}

/**
 * Marks the notes with a link to the current state of a figure.
 * @param {string} demo
 * @param {(fields: import("./controls.js").Fields) => boolean} isShown   whether a link has the
 *   current state
 */
export function markNotes(demo, isShown) {
  for (const note of document.querySelectorAll(".notice li")) {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (note.querySelectorAll('a[href^="#"]'))) {
      const { name, fields } = address.parse(link.hash);
      if (name === demo) link.toggleAttribute("data-shown", isShown(fields));
    }
    // A note may have links to several figures.
    note.classList.toggle("is-shown", Boolean(note.querySelector("a[data-shown]")));
  }
}
