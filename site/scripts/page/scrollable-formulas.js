/**
 * Removes formulas that fit their box from the tab order. ml-demo.js loads this file.
 *
 * A formula that is wider than its box scrolls; it stays a tab stop, so that the arrow keys can
 * scroll it, and so does one that highlights something (color-highlight.js). The build makes all
 * formulas tab stops: without scripts, everything can be reached.
 */

import { canHighlight } from "./color-highlight.js";

/**
 * Whether a formula scrolls. One far from the view has no layout yet (lesson.css), and stays a tab
 * stop.
 * @param {Element} box
 */
function scrolls(box) {
  const isLaidOut = box.firstElementChild?.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  return !isLaidOut || box.scrollWidth > box.clientWidth + 1;
}

/** @param {Element} box @param {boolean} scrolling */
function update(box, scrolling) {
  const stop = scrolling || canHighlight(box);
  if (box.hasAttribute("tabindex") === stop) return;
  if (stop) box.setAttribute("tabindex", "0");
  else if (box !== document.activeElement) box.removeAttribute("tabindex");
}

const observer = new ResizeObserver((entries) => {
  const boxes = new Set(entries.map(({ target }) => target.closest(".formula") ?? target));
  // All are measured before the first is changed: otherwise each change would cause a layout.
  const measured = [...boxes].map((box) => /** @type {const} */ ([box, scrolls(box)]));
  for (const [box, scrolling] of measured) update(box, scrolling);
});

for (const box of document.querySelectorAll(".formula")) {
  observer.observe(box);
  for (const inside of box.children) observer.observe(inside); // it grows when its fonts load
}
