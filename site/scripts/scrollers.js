/**
 * A formula that is wider than its box scrolls, and then the Tab key stops at it, so that arrow keys can
 * scroll it. One that fits is no stop, unless it lights something up (meaning.js). As written all are stops: without scripts nothing is
 * out of reach.
 */

import { lights } from "./meaning.js";

/** @param {Element} box */
function update(box) {
  const stop = box.scrollWidth > box.clientWidth + 1 || lights(box);
  if (box.hasAttribute("tabindex") === stop) return;
  if (stop) box.setAttribute("tabindex", "0");
  else if (box !== document.activeElement) box.removeAttribute("tabindex");
}

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) update(target.matches(".formula") ? target : target.parentElement ?? target);
});

for (const box of document.querySelectorAll(".formula")) {
  observer.observe(box);
  for (const inside of box.children) observer.observe(inside); // it grows when its fonts come
}
