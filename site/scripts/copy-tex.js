/**
 * A formula stands in the page twice: for the eye and, as MathML, for machines. What is copied has its TeX instead, once.
 *
 * KaTeX's own extension does the same, but joins all paragraphs of a copied text in one line.
 */

/** @param {Node | null} node @returns {Element | null} the whole formula that a node is in */
function formula(node) {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest(".katex") ?? null;
}

/** @param {Selection} selection @returns {DocumentFragment | null} what is selected, with TeX for formulas; null if it has none */
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
  const box = document.createElement("div"); // on the page for a moment: only there has a text its lines
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
