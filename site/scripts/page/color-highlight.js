/**
 * One color, one meaning: pointing at or focusing something highlights what has the same color in
 * its section. ml-demo.js loads this file.
 *
 * The color is the link. Words and symbols have a class such as `is-data` (in a formula, \data{…}),
 * and marks are drawn in the color of that name, so no figure has to say which marks belong to
 * which word. Pointing at a word or a symbol lays a veil over all other marks of the pictures
 * beside it. Pointing at a mark, or focusing its handle or its control, highlights the words and
 * symbols. The pixels alone tell which idea a mark stands for (idea-colors.js).
 *
 * @typedef {import("./idea-colors.js").Palette} Palette
 * @typedef {{ideas: Set<string>, scope: Element, source: Element, veiled: boolean}} Highlight
 */

import { IDEAS, OTHERS, ideaIn, veil } from "./idea-colors.js";

const REACH = 6; // CSS pixels around the pointer
const COLORED = IDEAS.map((idea) => `.is-${idea}`).join();

/** @type {Highlight | undefined} */
let pointed;
/** @type {Highlight | undefined} */
let focused;
/** @type {Highlight | undefined} */
let lit;
const frames = new MutationObserver(() => requestAnimationFrame(() => lit && drawVeils(lit)));

/** The colors of the current theme (palette.css). @returns {Palette} */
function palette() {
  const style = getComputedStyle(document.documentElement);
  /** @type {(name: string) => import("./idea-colors.js").Color} */
  const color = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
    return [red, green, blue];
  };
  return { surface: color("surface"), colors: [...IDEAS, ...OTHERS].map(color) };
}

/**
 * The part of the page that is highlighted together: a section, or a figure with its notes.
 * @param {Element} element
 */
function scopeOf(element) {
  return element.closest(".lab") ?? element.closest("section");
}

/**
 * What a word, a symbol, or a formula highlights.
 * @param {Element} source
 * @returns {Highlight | undefined}
 */
function ofText(source) {
  const scope = scopeOf(source);
  const colored = [source, ...source.querySelectorAll(COLORED)];
  const ideas = new Set(IDEAS.filter((idea) => colored.some((one) => one.classList.contains(`is-${idea}`))));
  return scope && ideas.size && scope.querySelector("ml-demo")
    ? { ideas, scope, source, veiled: true }
    : undefined;
}

/**
 * What a point of a picture highlights.
 * @param {Element} picture @param {number} x @param {number} y   in the viewport
 * @returns {Highlight | undefined}
 */
function ofMark(picture, x, y) {
  const [scope, canvas] = [scopeOf(picture), picture.querySelector("canvas")];
  if (!scope?.querySelector(COLORED) || !canvas?.width || !picture.closest("[data-live]")) return undefined;
  const frame = canvas.getBoundingClientRect();
  const scale = canvas.width / frame.width;
  const side = Math.ceil(2 * REACH * scale);
  const piece = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext(
    "2d",
    { willReadFrequently: true },
  );
  if (!piece) return undefined;
  const colors = palette();
  piece.fillStyle = `rgb(${colors.surface.join()})`; // beyond the picture's edge
  piece.fillRect(0, 0, side, side);
  piece.drawImage(canvas, side / 2 - (x - frame.left) * scale, side / 2 - (y - frame.top) * scale);
  const idea = ideaIn(piece.getImageData(0, 0, side, side).data, colors);
  return idea ? { ideas: new Set([idea]), scope, source: picture, veiled: false } : undefined;
}

/** What the handle of a control highlights. @param {Element} handle */
function ofHandle(handle) {
  const { left, top, width, height } = handle.getBoundingClientRect();
  const picture = handle.closest(".picture");
  return picture && width ? ofMark(picture, left + width / 2, top + height / 2) : undefined;
}

/**
 * What an element with the focus highlights.
 * @param {Element} target
 * @returns {Highlight | undefined}
 */
function ofFocus(target) {
  if (target.matches(`.formula, ${COLORED}`)) return ofText(target);
  const control = target.closest(".control")?.getAttribute("data-name");
  const handle = target.matches(".handle")
    ? target
    : control && target.closest("ml-demo")?.querySelector(`.handle[data-control="${CSS.escape(control)}"]`);
  return handle ? ofHandle(handle) : undefined;
}

/** Draws veils over the pictures beside a text. @param {Highlight} light */
function drawVeils({ ideas, scope, veiled }) {
  for (const canvas of veiled ? scope.querySelectorAll("ml-demo[data-live] canvas:not(.veil)") : []) {
    if (!(canvas instanceof HTMLCanvasElement) || !canvas.width) continue;
    const known = canvas.parentElement?.querySelector("canvas.veil");
    const over =
      known instanceof HTMLCanvasElement
        ? known
        : Object.assign(document.createElement("canvas"), { className: "veil", ariaHidden: "true" });
    Object.assign(over, { width: canvas.width, height: canvas.height });
    const context = over.getContext("2d", { willReadFrequently: true });
    if (!context) continue;
    context.drawImage(canvas, 0, 0);
    const pixels = context.getImageData(0, 0, over.width, over.height);
    veil(pixels.data, palette(), ideas);
    context.putImageData(pixels, 0, 0);
    if (over !== known) canvas.after(over);
  }
}

/** Highlights what belongs to the pointer, or else to the focus. */
function show() {
  const now = pointed ?? focused;
  const same =
    now &&
    lit &&
    now.scope === lit.scope &&
    now.veiled === lit.veiled &&
    [...now.ideas].join() === [...lit.ideas].join();
  if (same || now === lit) return;
  lit = now;
  frames.disconnect();
  for (const old of document.querySelectorAll(".is-lit")) old.classList.remove("is-lit");
  for (const old of document.querySelectorAll("canvas.veil")) old.remove();
  if (!now) return;
  for (const idea of now.ideas)
    for (const one of now.scope.querySelectorAll(`.is-${idea}`)) one.classList.add("is-lit");
  drawVeils(now);
  if (now.veiled) frames.observe(now.scope, { subtree: true, attributeFilter: ["data-frame"] });
}

/** @param {PointerEvent} event */
function point({ target, clientX, clientY, buttons, pointerType }) {
  if (buttons && pointerType !== "touch") return; // during a drag nothing changes
  const over = target instanceof Element ? target : null;
  const text = over?.closest(COLORED);
  const picture = over?.closest(".picture");
  pointed = text
    ? ofText(text)
    : picture && pointerType !== "touch"
      ? ofMark(picture, clientX, clientY)
      : undefined;
  show();
}

document.addEventListener("pointerover", point, { passive: true });
document.addEventListener(
  "pointermove",
  (event) => event.target instanceof Element && event.target.closest(".picture") && point(event),
  { passive: true },
);
document.addEventListener("pointerout", ({ relatedTarget }) => {
  if (relatedTarget) return; // pointerover follows
  pointed = undefined;
  show();
});
document.addEventListener("focusin", ({ target }) => {
  focused = target instanceof Element ? ofFocus(target) : undefined;
  show();
});
document.addEventListener("focusout", () => {
  focused = undefined;
  show();
});

/** Whether a word or a formula has something to highlight beside it. @param {Element} text */
export function canHighlight(text) {
  return Boolean(ofText(text)) && !text.closest("a, button, label, summary");
}

// Words can be focused by keyboard and by touch; for formulas see scrollable-formulas.js.
for (const word of document.querySelectorAll(COLORED))
  if (word instanceof HTMLElement && !word.closest(".katex") && canHighlight(word)) word.tabIndex = 0;
