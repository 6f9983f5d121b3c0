/**
 * One color, one meaning: whatever is pointed at, or has the focus, lights up what has the same color in its section.
 *
 * The color is the link. Words and symbols have a class such as `is-data` (in a formula, \data{…}), and marks are drawn in the
 * color of that name, so no figure has to say which of its marks belong to which word. Pointing at a word or a symbol lays a veil
 * over all other marks of the pictures beside it. Pointing at a mark, or giving the focus to its handle or its control, lights up the
 * words and symbols. The pixels alone tell which idea a mark stands for.
 *
 * @typedef {import("./ideas.js").Palette} Palette
 * @typedef {{ideas: Set<string>, scope: Element, source: Element, veiled: boolean}} Light
 */

import { IDEAS, OTHERS, ideaIn, veil } from "./ideas.js";

const REACH = 6; // CSS pixels around the pointer
const COLORED = IDEAS.map((idea) => `.is-${idea}`).join();

/** @type {Light | undefined} */
let pointed;
/** @type {Light | undefined} */
let focused;
/** @type {Light | undefined} */
let lit;
const frames = new MutationObserver(() => requestAnimationFrame(() => lit && lay(lit)));

/** The theme's colors as the page has them (palette.css). @returns {Palette} */
function palette() {
  const style = getComputedStyle(document.documentElement);
  /** @type {(name: string) => import("./ideas.js").Color} */
  const color = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
    return [red, green, blue];
  };
  return { surface: color("surface"), colors: [...IDEAS, ...OTHERS].map(color) };
}

/** What belongs together: a section, or the laboratory with its notes. @param {Element} element */
function scopeOf(element) {
  return element.closest(".lab") ?? element.closest("section");
}

/** What a word, a symbol, or a formula lights up. @param {Element} source @returns {Light | undefined} */
function ofText(source) {
  const scope = scopeOf(source);
  const colored = [source, ...source.querySelectorAll(COLORED)];
  const ideas = new Set(IDEAS.filter((idea) => colored.some((one) => one.classList.contains(`is-${idea}`))));
  return scope && ideas.size && scope.querySelector("ml-demo") ? { ideas, scope, source, veiled: true } : undefined;
}

/** What a place of a picture lights up. @param {Element} picture @param {number} x @param {number} y of the window @returns {Light | undefined} */
function ofMark(picture, x, y) {
  const [scope, canvas] = [scopeOf(picture), picture.querySelector("canvas")];
  if (!scope?.querySelector(COLORED) || !canvas?.width || !picture.closest("[data-live]")) return undefined;
  const frame = canvas.getBoundingClientRect();
  const scale = canvas.width / frame.width;
  const side = Math.ceil(2 * REACH * scale);
  const piece = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d", { willReadFrequently: true });
  if (!piece) return undefined;
  const colors = palette();
  piece.fillStyle = `rgb(${colors.surface.join()})`; // beyond the picture's edge
  piece.fillRect(0, 0, side, side);
  piece.drawImage(canvas, side / 2 - (x - frame.left) * scale, side / 2 - (y - frame.top) * scale);
  const idea = ideaIn(piece.getImageData(0, 0, side, side).data, colors);
  return idea ? { ideas: new Set([idea]), scope, source: picture, veiled: false } : undefined;
}

/** What the handle of a control lights up. @param {Element} handle */
function ofHandle(handle) {
  const { left, top, width, height } = handle.getBoundingClientRect();
  const picture = handle.closest(".picture");
  return picture && width ? ofMark(picture, left + width / 2, top + height / 2) : undefined;
}

/** @param {Element} target of the focus @returns {Light | undefined} */
function ofFocus(target) {
  if (target.matches(`.formula, ${COLORED}`)) return ofText(target);
  const control = target.closest(".control")?.getAttribute("data-name");
  const handle = target.matches(".handle") ? target : control && target.closest("ml-demo")?.querySelector(`.handle[data-control="${CSS.escape(control)}"]`);
  return handle ? ofHandle(handle) : undefined;
}

/** Lays veils over the pictures beside a text. @param {Light} light */
function lay({ ideas, scope, veiled }) {
  for (const canvas of veiled ? scope.querySelectorAll("ml-demo[data-live] canvas:not(.veil)") : []) {
    if (!(canvas instanceof HTMLCanvasElement) || !canvas.width) continue;
    const known = canvas.parentElement?.querySelector("canvas.veil");
    const over = known instanceof HTMLCanvasElement ? known : Object.assign(document.createElement("canvas"), { className: "veil", ariaHidden: "true" });
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

/** Shows what is pointed at, or else what has the focus. */
function show() {
  const now = pointed ?? focused;
  const same = now && lit && now.scope === lit.scope && now.veiled === lit.veiled && [...now.ideas].join() === [...lit.ideas].join();
  if (same || now === lit) return;
  lit = now;
  frames.disconnect();
  for (const old of document.querySelectorAll(".is-lit")) old.classList.remove("is-lit");
  for (const old of document.querySelectorAll("canvas.veil")) old.remove();
  if (!now) return;
  for (const idea of now.ideas) for (const one of now.scope.querySelectorAll(`.is-${idea}`)) one.classList.add("is-lit");
  lay(now);
  if (now.veiled) frames.observe(now.scope, { subtree: true, attributeFilter: ["data-frame"] });
}

/** @param {PointerEvent} event */
function point({ target, clientX, clientY, buttons, pointerType }) {
  if (buttons && pointerType !== "touch") return; // a drag: what was lit stays so
  const over = target instanceof Element ? target : null;
  const text = over?.closest(COLORED);
  const picture = over?.closest(".picture");
  pointed = text ? ofText(text) : picture && pointerType !== "touch" ? ofMark(picture, clientX, clientY) : undefined;
  show();
}

document.addEventListener("pointerover", point, { passive: true });
document.addEventListener("pointermove", (event) => event.target instanceof Element && event.target.closest(".picture") && point(event), { passive: true });
document.addEventListener("pointerout", ({ relatedTarget }) => {
  if (relatedTarget) return; // what comes next is told by pointerover
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
/** Whether a word or a formula has something to light up beside it. @param {Element} text */
export function lights(text) {
  return Boolean(ofText(text)) && !text.closest("a, button, label, summary");
}

// Words get the focus by the keyboard and by touch; for formulas see scrollers.js.
for (const word of document.querySelectorAll(COLORED)) if (word instanceof HTMLElement && !word.closest(".katex") && lights(word)) word.tabIndex = 0;
