/**
 * Handles on a demo's picture: one button for each point, or for each column of a matrix.
 *
 * A handle belongs to two number fields of the form; it is moved by dragging it and by the arrow keys, and
 * each move is an `input` event of a field, as if it had been typed. A click beside the handles adds a
 * point, where the demo has room for one.
 *
 * @typedef {import("./python.js").Handle} Area
 *
 * @typedef {object} Grip
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} set           the fieldset of the control
 * @property {number} index              of the point in its set
 * @property {HTMLInputElement} x
 * @property {HTMLInputElement} y
 * @property {string} name
 * @property {string} at                 where it was put last
 */

import { addPoint, allows, clamp, numberText, removePoint, typed } from "./controls.js";

const FINE = 0.1; // of a step, for an arrow key with Shift
const FIELDS = ":is(fieldset.points, fieldset[data-handles=columns]):not(:disabled) input"; // none that is held
const CROWD = 8; // more handles than these are drawn smaller

export class Handles {
  /** @type {HTMLElement} */
  #picture;
  /** @type {HTMLElement} */
  #box;
  /** @type {HTMLFormElement} */
  #form;
  /** @type {Grip[]} */
  #grips = [];
  /** @type {Record<string, Area>} */
  #areas = {}; // empty until the first picture has come
  #width = 0;
  #height = 0;

  /**
   * @param {HTMLElement} picture   the box of the canvas
   * @param {HTMLElement} box       where the handles go: it covers the picture
   * @param {HTMLFormElement} form
   */
  constructor(picture, box, form) {
    this.#picture = picture;
    this.#box = box;
    this.#form = form;
    box.addEventListener("pointerdown", (event) => this.#drag(event));
    box.addEventListener("keydown", (event) => this.#key(event));
    picture.addEventListener("click", (event) => this.#add(event));
  }

  /** @param {number} width @param {number} height of the picture, in CSS pixels */
  resize(width, height) {
    [this.#width, this.#height] = [width, height];
    this.place();
  }

  /**
   * Puts every handle where its fields say.
   * @param {Record<string, Area>} [areas]   where the axes of each parameter are, if they moved
   */
  place(areas = this.#areas) {
    this.#areas = areas;
    if (!Object.keys(areas).length) return;
    this.#match();
    for (const grip of this.#grips) {
      const area = areas[grip.x.name];
      if (grip.button.hidden !== !area) grip.button.hidden = !area; // its axes are not in this picture
      if (!area) continue;
      const left = within(share(typed(grip.x), area.x)) * (area.right - area.left) + area.left;
      const top = area.bottom - within(share(typed(grip.y), area.y)) * (area.bottom - area.top);
      const at = `translate(${(left * this.#width).toFixed(1)}px, ${(top * this.#height).toFixed(1)}px)`;
      if (at === grip.at) continue;
      grip.at = grip.button.style.transform = at;
      grip.button.setAttribute("aria-label", `${grip.name}, at x ${numberText(typed(grip.x))}, y ${numberText(typed(grip.y))}`);
    }
  }

  /** One button for each pair of fields: points come and go. */
  #match() {
    const fields = this.#form.querySelectorAll(FIELDS).length;
    if (fields === 2 * this.#grips.length && this.#grips.every((grip) => grip.x.isConnected)) return;
    const pairs = this.#pairs();
    const focused = this.#grips.findIndex((grip) => grip.button === document.activeElement);
    this.#grips = pairs.map((pair, index) => ({
      ...pair,
      button: this.#grips[index]?.button ?? handle(),
      at: "",
    }));
    for (const { button, name } of this.#grips) {
      button.setAttribute("aria-roledescription", "movable point");
      button.setAttribute("aria-label", name);
    }
    this.#box.replaceChildren(...this.#grips.map((grip) => grip.button));
    this.#box.classList.toggle("crowd", this.#grips.length > CROWD);
    this.#box.hidden = !this.#grips.length;
    if (focused >= 0) this.#grips[Math.min(focused, this.#grips.length - 1)]?.button.focus();
    this.#picture.classList.toggle("takes-points", this.#room() !== undefined);
  }

  /** @returns {Omit<Grip, "button" | "at">[]} */
  #pairs() {
    const pairs = [];
    for (const set of /** @type {NodeListOf<HTMLElement>} */ (
      this.#form.querySelectorAll("fieldset[data-name]")
    )) {
      const fields = /** @type {HTMLInputElement[]} */ (
        [...set.querySelectorAll("input")].filter((field) => field.matches(FIELDS))
      );
      const matrix = set.matches(".matrix");
      for (let index = 0; index < fields.length / 2; index++) {
        const [x, y] = matrix
          ? [fields[index], fields[fields.length / 2 + index]]
          : [fields[2 * index], fields[2 * index + 1]];
        const name = matrix
          ? `column ${index + 1}`
          : `point ${x.closest("li")?.dataset.point}`;
        pairs.push({ set, index, x, y, name });
      }
    }
    return pairs;
  }

  /** @returns {HTMLElement | undefined} the list that a new point would go to */
  #room() {
    const sets = /** @type {NodeListOf<HTMLElement>} */ (this.#form.querySelectorAll("fieldset.points:not(:disabled)"));
    return [...sets].find((set) => set.querySelector("template") && allows(set, 1));
  }

  /**
   * @param {Grip} grip @param {number} x @param {number} y in the units of the data
   */
  #move(grip, x, y) {
    const before = grip.x.value + grip.y.value;
    grip.x.value = numberText(clamp(grip.x, x));
    grip.y.value = numberText(clamp(grip.y, y));
    if (grip.x.value + grip.y.value === before) return;
    this.place();
    grip.x.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    const target = down.target instanceof Element ? down.target.closest("button") : null;
    if (!target || down.button !== 0) return;
    const frame = this.#box.getBoundingClientRect(); // once for the whole drag
    /** @type {(grip: Grip) => [number, number]} */
    const centre = (grip) => {
      const [left, top] = [...grip.at.matchAll(/-?[\d.]+(?=px)/g)].map(Number);
      return [frame.left + left, frame.top + top];
    };
    /** @type {(grip: Grip) => number} */
    const distance = (grip) => Math.hypot(centre(grip)[0] - down.clientX, centre(grip)[1] - down.clientY);
    // Where handles overlap, the one that lies nearest is meant, not the one that lies on top.
    const shown = this.#grips.filter(({ button }) => !button.hidden);
    const grip = shown.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    const [offsetX, offsetY] = [centre(grip)[0] - down.clientX, centre(grip)[1] - down.clientY];
    down.preventDefault();
    grip.button.focus({ preventScroll: true });
    target.setPointerCapture(down.pointerId);
    this.#picture.classList.add("dragging");
    const over = new AbortController();

    /** @param {PointerEvent} event */
    const move = (event) => {
      const area = this.#areas[grip.x.name];
      if (event.pointerId !== down.pointerId || !area) return;
      const across = (event.clientX + offsetX - frame.left) / frame.width;
      const below = (event.clientY + offsetY - frame.top) / frame.height;
      const x = value((across - area.left) / (area.right - area.left), area.x);
      const y = value((area.bottom - below) / (area.bottom - area.top), area.y);
      this.#move(grip, snap(x, grip.x), snap(y, grip.y));
    };
    /** @param {PointerEvent} event */
    const end = (event) => {
      if (event.pointerId !== down.pointerId) return;
      over.abort();
      this.#picture.classList.remove("dragging");
      grip.x.dispatchEvent(new Event("change", { bubbles: true }));
    };
    target.addEventListener("pointermove", move, { signal: over.signal });
    target.addEventListener("lostpointercapture", end, { signal: over.signal }); // however it ends
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const grip = this.#grips.find(({ button }) => button === event.target);
    if (!grip || event.ctrlKey || event.altKey || event.metaKey) return;
    const part = event.shiftKey ? FINE : 1;
    const [stepX, stepY] = [part * Number(grip.x.step), part * Number(grip.y.step)];
    const [x, y] = [typed(grip.x), typed(grip.y)];
    if (event.key === "ArrowLeft") this.#move(grip, x - stepX, y);
    else if (event.key === "ArrowRight") this.#move(grip, x + stepX, y);
    else if (event.key === "ArrowDown") this.#move(grip, x, y - stepY);
    else if (event.key === "ArrowUp") this.#move(grip, x, y + stepY);
    else if (event.key === "Delete" || event.key === "Backspace") this.#remove(grip);
    else return;
    event.preventDefault();
  }

  /** @param {Grip} grip */
  #remove({ set, index }) {
    if (!set.matches(".points")) return;
    removePoint(set, index);
    this.place();
  }

  /** @param {MouseEvent} event  on the picture */
  #add(event) {
    const set = this.#room();
    const area = this.#areas[set?.dataset.name ?? ""];
    if (!set || !area || (event.target instanceof Element && event.target.closest("button, .trouble")))
      return;
    const frame = this.#box.getBoundingClientRect();
    const across = ((event.clientX - frame.left) / frame.width - area.left) / (area.right - area.left);
    const up = (area.bottom - (event.clientY - frame.top) / frame.height) / (area.bottom - area.top);
    if (across !== within(across) || up !== within(up)) return;
    const [x, y] = /** @type {HTMLInputElement[]} */ ([
      ...(set.querySelector("template")?.content.querySelectorAll("input") ?? []),
    ]);
    addPoint(set, [snap(value(across, area.x), x), snap(value(up, area.y), y)]);
    this.place();
    this.#grips
      .filter((grip) => grip.set === set)
      .at(-1)
      ?.button.focus({ preventScroll: true });
  }
}

function handle() {
  return Object.assign(document.createElement("button"), { type: "button", className: "handle" });
}

/** @param {number} number @param {[number, number]} limits @returns {number} from 0 to 1 between them */
function share(number, [first, second]) {
  return (number - first) / (second - first);
}

/** @param {number} part @param {[number, number]} limits @returns {number} */
function value(part, [first, second]) {
  return first + part * (second - first);
}

/** @param {number} part */
function within(part) {
  return Math.min(Math.max(part, 0), 1);
}

/** @param {number} number @param {HTMLInputElement} field @returns {number} the nearest step of the field */
function snap(number, field) {
  const step = Number(field.step);
  return Math.round(number / step) * step;
}
