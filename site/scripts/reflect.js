/**
 * What a picture changes elsewhere in the page: which controls are there, and the numbers in the lesson's text.
 *
 * A control without effect in the present state is hidden by `data-idle` (the build writes it for the defaults); what a teacher's
 * link hides stays hidden (hold.js). A number in the text is `<span data-follows="demo.name">`; the build has put its value at the
 * defaults there.
 * The note whose link leads to what is shown is marked.
 */

import * as address from "./address.js";

/**
 * Shows the controls that have an effect.
 * @param {HTMLFormElement} form @param {string[]} shown   their names
 */
export function fit(form, shown) {
  for (const control of form.querySelectorAll(".control[data-name]")) {
    if (!(control instanceof HTMLElement)) continue;
    control.toggleAttribute("data-idle", !shown.includes(control.dataset.name ?? ""));
  }
  for (const more of form.querySelectorAll("details.more"))
    more.toggleAttribute("data-idle", !more.querySelector(".control:not([data-idle], [hidden])"));
}

/**
 * Brings the numbers in the text up to date.
 * @param {string} demo @param {Record<string, string>} numbers
 */
export function tellNumbers(demo, numbers) {
  for (const [name, text] of Object.entries(numbers)) {
    for (const place of document.querySelectorAll(`[data-follows="${CSS.escape(demo)}.${CSS.escape(name)}"]`))
      if (place.textContent !== text) place.textContent = text;
  }
}

/**
 * Marks the notes with a link to the present state of a figure.
 * @param {string} demo @param {(fields: import("./controls.js").Fields) => boolean} isShown   whether a link's state is the present one
 */
export function markNotes(demo, isShown) {
  for (const note of document.querySelectorAll(".notice li")) {
    const links = /** @type {HTMLAnchorElement[]} */ ([...note.querySelectorAll(`a[href^="#${CSS.escape(demo)}"]`)]);
    for (const link of links) link.toggleAttribute("data-shown", isShown(address.parse(link.hash).fields));
    note.classList.toggle("is-shown", links.some((link) => link.hasAttribute("data-shown")));
  }
}
