/**
 * A formula that is wider than its box scrolls, and then the Tab key stops at it, so that arrow keys can
 * scroll it. One that fits is no stop, unless it lights something up (meaning.js). As written all are stops: without scripts nothing is
 * out of reach.
 */

import { lights } from "./meaning.js";

/** Whether a formula scrolls. One that is far away is not laid out yet (lesson.css), and stays a stop. @param {Element} box */
function scrolls(box) {
  const isLaidOut = box.firstElementChild?.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  return !isLaidOut || box.scrollWidth > box.clientWidth + 1;
}

/** @param {Element} box @param {boolean} scrolling */
function update(box, scrolling) {
  const stop = scrolling || lights(box);
  if (box.hasAttribute("tabindex") === stop) return;
  if (stop) box.setAttribute("tabindex", "0");
  else if (box !== document.activeElement) box.removeAttribute("tabindex");
}

const observer = new ResizeObserver((entries) => {
  const boxes = new Set(entries.map(({ target }) => target.closest(".formula") ?? target));
  // All are measured before one is changed: in turn, each would have the browser lay out the page again.
  const measured = [...boxes].map((box) => /** @type {const} */ ([box, scrolls(box)]));
  for (const [box, scrolling] of measured) update(box, scrolling);
});

for (const box of document.querySelectorAll(".formula")) {
  observer.observe(box);
  for (const inside of box.children) observer.observe(inside); // it grows when its fonts come
}
