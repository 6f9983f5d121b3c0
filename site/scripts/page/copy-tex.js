/**
 * A formula is in the page twice: to be seen and, as MathML, for machines. When readers copy text,
 * each formula becomes its TeX, once. ml-demo.js loads this file.
 *
 * KaTeX's own extension does the same, but joins all paragraphs of a copied text into one line.
 */

/** @param {Node | null} node @returns {Element | null} the whole formula around a node */
function formula(node) {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest(".katex") ?? null;
}

/**
 * @param {Selection} selection
 * @returns {DocumentFragment | null} the selection with TeX for formulas; null if there are none
 */
function selected(selection) {
  const all = document.createDocumentFragment();
  for (let index = 0; index < selection.rangeCount; index++) {
    const range = selection.getRangeAt(index).cloneRange();
    const [first, last] = [formula(range.startContainer), formula(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    all.append(range.cloneContents());
  }
  const formulas = all.querySelectorAll(".katex");
  for (const set of formulas) {
    const tex = set.querySelector("annotation")?.textContent?.trim() ?? "";
    const display = set.closest(".katex-display");
    if (!display) set.replaceWith(`$${tex}$`);
    else display.replaceWith(Object.assign(document.createElement("div"), { textContent: `$$${tex}$$` })); // a line of its own
  }
  return formulas.length ? all : null;
}

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  const editable = event.target instanceof Element && event.target.closest("input, textarea");
  if (!selection || selection.isCollapsed || editable || !event.clipboardData) return;
  const all = selected(selection);
  if (!all) return;
  const box = document.createElement("div"); // on the page for a moment: `innerText` has line breaks only there
  box.className = "unseen";
  box.append(all);
  for (const unseen of box.querySelectorAll(".unseen, [hidden], script, style, template")) unseen.remove();
  box.style.whiteSpace = "normal";
  document.body.append(box);
  event.clipboardData.setData("text/plain", box.innerText.trim());
  event.clipboardData.setData("text/html", box.innerHTML);
  box.remove();
  event.preventDefault();
});
