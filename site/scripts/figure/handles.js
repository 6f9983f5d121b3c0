/**
 * Handles on a figure's picture. A handle moves one or two number fields of the form: a point or
 * the tip of an arrow has two, a handle that moves along one axis has one. Each move is an `input`
 * event of a field, as if the number had been typed. A click beside the handles adds a point, if
 * the figure allows more. demo.js creates one `Handles` for each figure.
 *
 * Each handle is a button with role="slider". The ARIA practices have no two-dimensional slider,
 * but they say that each thumb is a slider, and with this role screen readers leave browse mode, so
 * that the arrow keys arrive here. (With role="application" readers would have to guess what the
 * keys do.) `aria-valuenow` is the first coordinate, `aria-valuetext` says all of them. Readers who
 * can't use arrow keys use the two fields (WCAG 2.5.7): Enter leads there.
 *
 *   arrows                     a step along x or y; with Shift a tenth of it
 *   Home, End                  the ends of the range: of x, with Ctrl of y; of the only axis
 *   Page Up, Page Down         a tenth of the range: of y, with Shift of x; of the only axis
 *   Enter                      to the fields in the form
 *   Delete, Backspace          removes the point
 *
 * @typedef {import("../python/python.js").Handle} Area
 * @typedef {"x" | "y"} Axis
 *
 * @typedef {object} Grip
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} set   the fieldset of the control
 * @property {string} control   the name of its parameter
 * @property {number} index   of the point in its set
 * @property {Partial<Record<Axis, HTMLInputElement>>} fields   those that it moves
 * @property {string} name
 * @property {string} at   its last position
 * @property {string} told   the numbers in its ARIA attributes; they can change where it stays in
 *   place
 * @property {boolean} dragged   whether Python computes its position (`Drag` in py/stage/drag.py)
 */

import { addPoint, allows, clamp, numberText, removePoint } from "./controls.js";
import { put, value as typed } from "./number-field.js";
import { next } from "./numbers.js";

const FINE = 0.1; // of a step, for an arrow key with Shift
const LARGE = 0.1; // of the range, for Page Up and Page Down, as in native sliders
// Without locked controls. Where a handle of `data-drag` is, and what moving it means, Python says.
const DRAGGED = ".control[data-drag]:not(fieldset)";
const FIELDS = `:is(fieldset.points, fieldset[data-handles=columns]):not(:disabled) input[name], ${DRAGGED} :is(input.exact, .steps > input):enabled`;
const CROWD = 8; // more handles than this are drawn smaller
/** @type {Axis[]} */
const AXES = ["x", "y"];

export class Handles {
  /** @type {HTMLElement} */
  #picture;
  /** @type {HTMLElement} */
  #box;
  /** @type {HTMLFormElement} */
  #form;
  /** @type {Grip[]} */
  #grips = [];
  /** @type {Record<string, Area> | undefined} */
  #areas; // undefined until the first picture
  #width = 0;
  #height = 0;

  /** @type {(control: string, x: number, y: number) => void} */
  #onDrag;

  /**
   * @param {HTMLElement} picture   the box of the canvas
   * @param {HTMLElement} box       where the handles go: it covers the picture
   * @param {HTMLFormElement} form
   * @param {(control: string, x: number, y: number) => void} onDrag   gets the pointer's position
   *   in data, where Python
   *   finds the value
   */
  constructor(picture, box, form, onDrag) {
    this.#onDrag = onDrag;
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
   * Moves every handle to the values of its fields. A handle whose axes are not in the picture, or
   * whose control has no effect, has no area: it is hidden.
   * @param {Record<string, Area>} [areas]   the axes of each parameter, if they moved
   */
  place(areas = this.#areas) {
    if (!areas) return;
    this.#areas = areas;
    this.#match();
    let shown = 0;
    for (const grip of this.#grips) {
      const area = areas[grip.control];
      if (area) shown += 1;
      if (grip.button.hidden !== !area) this.#show(grip, Boolean(area));
      if (!area) continue;
      const [x, y] = spot(grip, area);
      const at = `translate(${(x * this.#width).toFixed(1)}px, ${(y * this.#height).toFixed(1)}px)`;
      if (at !== grip.at) grip.at = grip.button.style.transform = at;
      const told = `${grip.fields.x?.value} ${grip.fields.y?.value}`;
      if (told === grip.told) continue;
      grip.told = told;
      tell(grip);
    }
    if (this.#box.hidden !== !shown) this.#box.hidden = !shown;
    const { name } = this.#room()?.dataset ?? {};
    this.#picture.classList.toggle("takes-points", name !== undefined && name in areas);
  }

  /** @param {Grip} grip @param {boolean} visible */
  #show({ button, fields }, visible) {
    const focused = button === document.activeElement;
    button.hidden = !visible;
    if (focused && !visible) focusField(fields.x ?? fields.y, this.#form);
  }

  /** Matches the buttons to the points, which can be added and removed. */
  #match() {
    const fields = this.#form.querySelectorAll(FIELDS).length;
    const known = this.#grips.flatMap((grip) => Object.values(grip.fields));
    if (fields === known.length && known.every((field) => field.isConnected)) return;
    const focused = this.#grips.findIndex((grip) => grip.button === document.activeElement);
    const { set, index } = this.#grips[focused] ?? { index: 0 };
    this.#grips = this.#pairs().map((pair, index) => ({
      ...pair,
      button: this.#grips[index]?.button ?? handle(),
      at: "",
      told: "",
    }));
    for (const { button, control } of this.#grips) button.dataset.control = control;
    this.#box.replaceChildren(...this.#grips.map((grip) => grip.button));
    this.#box.classList.toggle("crowd", this.#grips.length > CROWD);
    if (!set) return;
    const others = this.#grips.filter((grip) => grip.set === set); // the next one gets the focus, or the last one
    const next = others[Math.min(index, others.length - 1)]?.button ?? set.querySelector("[data-does=add]");
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  /** @returns {Omit<Grip, "button" | "at" | "told">[]} */
  #pairs() {
    const pairs = [];
    for (const set of /** @type {NodeListOf<HTMLElement>} */ (
      this.#form.querySelectorAll("fieldset[data-name]")
    )) {
      const inputs = /** @type {HTMLInputElement[]} */ (
        [...set.querySelectorAll("input")].filter((field) => field.matches(FIELDS))
      );
      const matrix = set.matches(".matrix");
      for (let index = 0; index < inputs.length / 2; index++) {
        const [x, y] = matrix
          ? [inputs[index], inputs[inputs.length / 2 + index]]
          : [inputs[2 * index], inputs[2 * index + 1]];
        const name = matrix
          ? `${set.querySelector("legend")?.textContent?.trim()}, column ${index + 1}`
          : `point ${x.closest("li")?.dataset.point}`;
        pairs.push({ set, control: x.name, index, fields: { x, y }, name, dragged: false });
      }
    }
    for (const set of /** @type {NodeListOf<HTMLElement>} */ (this.#form.querySelectorAll(DRAGGED))) {
      const x = [...set.querySelectorAll("input")].find((field) => field.matches(FIELDS));
      const name = set.querySelector("label")?.textContent?.trim() ?? "";
      if (x)
        pairs.push({ set, control: set.dataset.name ?? "", index: 0, fields: { x }, name, dragged: true });
    }
    return pairs;
  }

  /** @returns {HTMLElement | undefined} the list that accepts a new point */
  #room() {
    const sets = /** @type {NodeListOf<HTMLElement>} */ (
      this.#form.querySelectorAll("fieldset.points:not(:disabled)")
    );
    return [...sets].find((set) => set.querySelector("template") && allows(set, 1));
  }

  /**
   * @param {Grip} grip @param {Partial<Record<Axis, number>>} place   in data; other axes stay
   */
  #move(grip, place) {
    /** @type {HTMLInputElement | undefined} */
    let moved;
    for (const axis of AXES) {
      const [field, to] = [grip.fields[axis], place[axis]];
      if (!field || to === undefined) continue;
      const text = numberText(clamp(field, to));
      if (text === numberText(typed(field))) continue;
      put(field, Number(text));
      moved ??= field;
    }
    if (!moved) return;
    this.place();
    moved.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    const target = down.target instanceof Element ? down.target.closest("button") : null;
    if (!target || down.button !== 0) return;
    const frame = this.#box.getBoundingClientRect(); // once for the whole drag
    /** @type {(grip: Grip) => [number, number]} */
    const center = (grip) => {
      const [left, top] = [...grip.at.matchAll(/-?[\d.]+(?=px)/g)].map(Number);
      return [frame.left + left, frame.top + top];
    };
    /** @type {(grip: Grip) => number} */
    const distance = (grip) => Math.hypot(center(grip)[0] - down.clientX, center(grip)[1] - down.clientY);
    // Where handles overlap, the nearest one is moved, not the topmost.
    const shown = this.#grips.filter(({ button }) => !button.hidden);
    const grip = shown.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    const area = this.#areas?.[grip.control]; // fixed for the drag: the picture may zoom during it
    const [offsetX, offsetY] = [center(grip)[0] - down.clientX, center(grip)[1] - down.clientY];
    down.preventDefault();
    grip.button.focus({ preventScroll: true });
    target.setPointerCapture(down.pointerId);
    this.#picture.classList.add("dragging");
    const over = new AbortController();

    /** @param {PointerEvent} event */
    const move = (event) => {
      if (event.pointerId !== down.pointerId || !area) return;
      const across = (event.clientX + offsetX - frame.left) / frame.width;
      const below = (event.clientY + offsetY - frame.top) / frame.height;
      const place = value(across, below, area);
      if (grip.dragged) this.#onDrag(grip.control, place.x, place.y);
      else this.#move(grip, onSteps(grip.fields, place));
    };
    /** @param {PointerEvent} event */
    const end = (event) => {
      if (event.pointerId !== down.pointerId) return;
      over.abort();
      this.#picture.classList.remove("dragging");
      (grip.fields.x ?? grip.fields.y)?.dispatchEvent(new Event("change", { bubbles: true }));
    };
    target.addEventListener("pointermove", move, { signal: over.signal });
    target.addEventListener("lostpointercapture", end, { signal: over.signal }); // fires however the drag ends
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const grip = this.#grips.find(({ button }) => button === event.target);
    if (!grip || event.altKey || event.metaKey) return;
    const { key, shiftKey, ctrlKey } = event;
    const [across, up] = [grip.fields.x ? "x" : "y", grip.fields.y ? "y" : "x"]; // a single axis gets all keys
    const part = shiftKey ? FINE : 1;
    const end = { Home: "min", End: "max" }[key];
    const page = { PageUp: 1, PageDown: -1 }[key];
    if (grip.dragged && this.#press(grip, key, part)) return event.preventDefault();
    /** @type {Record<string, [string, number]>} */
    const arrows = {
      ArrowLeft: [across, -part],
      ArrowRight: [across, part],
      ArrowDown: [up, -part],
      ArrowUp: [up, part],
    };
    if (end) this.#move(grip, edge(grip, ctrlKey ? up : across, end));
    else if (ctrlKey) return;
    else if (page) this.#move(grip, leap(grip, shiftKey ? across : up, page));
    else if (arrows[key]) this.#move(grip, step(grip, ...arrows[key]));
    else if (key === "Enter") focusField(grip.fields.x ?? grip.fields.y, this.#form);
    else if (key === "Delete" || key === "Backspace") this.#remove(grip);
    else return;
    event.preventDefault();
  }

  /**
   * A key on a handle for a single number: as in its field.
   * @param {Grip} grip @param {string} key @param {number} part
   */
  #press({ fields: { x: field } }, key, part) {
    const way = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[key];
    if (!field || !way) return false;
    const manner = { log: "log" in field.dataset, large: key.startsWith("Page") };
    this.#put(field, next(typed(field), way * part * Number(field.step), manner));
    return true;
  }

  /** @param {HTMLInputElement} field @param {number} number */
  #put(field, number) {
    if (field.type === "range") field.value = String(number);
    else put(field, number);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {Grip} grip */
  #remove({ set, index }) {
    if (!set.matches(".points")) return;
    removePoint(set, index);
    this.place();
  }

  /**
   * Focuses the newest point of a list, on the picture or else in the form.
   * @param {HTMLElement} set
   */
  focusNewest(set) {
    this.place();
    const newest = this.#grips.filter((grip) => grip.set === set && !grip.button.hidden).at(-1);
    if (newest) newest.button.focus({ preventScroll: true });
    else focusField([...set.querySelectorAll("li")].at(-1)?.querySelector("input"), this.#form);
  }

  /** @param {MouseEvent} event   on the picture */
  #add(event) {
    const set = this.#room();
    const area = this.#areas?.[set?.dataset.name ?? ""];
    if (!set || !area || (event.target instanceof Element && event.target.closest("button, .trouble")))
      return;
    const frame = this.#box.hidden
      ? this.#picture.getBoundingClientRect()
      : this.#box.getBoundingClientRect();
    const [across, below] = [
      (event.clientX - frame.left) / frame.width,
      (event.clientY - frame.top) / frame.height,
    ];
    if (across < area.left || across > area.right || below < area.top || below > area.bottom) return;
    const [x, y] = /** @type {HTMLInputElement[]} */ ([
      ...(set.querySelector("template")?.content.querySelectorAll("input") ?? []),
    ]);
    const place = onSteps({ x, y }, value(across, below, area));
    addPoint(set, [place.x ?? 0, place.y ?? 0]);
    this.focusNewest(set);
  }
}

function handle() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "handle" });
  button.setAttribute("role", "slider");
  button.setAttribute("aria-roledescription", "movable point");
  return button;
}

/** Updates the ARIA attributes of a handle. @param {Grip} grip */
function tell({ button, fields, name, dragged }) {
  const told =
    dragged && fields.x
      ? [numberText(typed(fields.x))]
      : AXES.flatMap((axis) => (fields[axis] ? [`${axis} ${numberText(typed(fields[axis]))}`] : []));
  const first = fields.x ?? fields.y;
  const facts = {
    "aria-label": dragged ? name : `${name}, at ${told.join(", ")}`,
    "aria-valuetext": told.join(", "),
    "aria-valuenow": first && numberText(typed(first)),
    "aria-valuemin": first?.min,
    "aria-valuemax": first?.max,
  };
  for (const [key, fact] of Object.entries(facts)) button.setAttribute(key, fact ?? "");
}

/**
 * @param {Grip} grip @param {Area} area
 * @returns {[number, number]} its position, as fractions of the picture
 */
function spot({ fields }, area) {
  const [atX, atY] = area.at ?? [0, 0];
  const place = area.at
    ? { x: atX, y: atY }
    : { x: fields.x ? typed(fields.x) : 0, y: fields.y ? typed(fields.y) : 0 };
  /** @type {(axis: Axis) => number} */
  const along = (axis) => within((place[axis] - area[axis][0]) / (area[axis][1] - area[axis][0]));
  return [
    area.left + along("x") * (area.right - area.left),
    area.bottom - along("y") * (area.bottom - area.top),
  ];
}

/**
 * @param {number} across @param {number} below fractions of the picture @param {Area} area in data
 */
function value(across, below, { left, right, top, bottom, x, y }) {
  return {
    x: x[0] + ((across - left) / (right - left)) * (x[1] - x[0]),
    y: y[0] + ((bottom - below) / (bottom - top)) * (y[1] - y[0]),
  };
}

/**
 * A position rounded to the steps of the fields; an axis without a field is left out.
 * @param {Grip["fields"]} fields @param {Record<Axis, number>} place
 * @returns {Partial<Record<Axis, number>>}
 */
function onSteps(fields, place) {
  return Object.fromEntries(
    AXES.flatMap((axis) => {
      const step = Number(fields[axis]?.step);
      return fields[axis] ? [[axis, Math.round(place[axis] / step) * step]] : [];
    }),
  );
}

/** @param {Grip} grip @param {string} axis @param {number} steps */
function step({ fields }, axis, steps) {
  const field = fields[/** @type {Axis} */ (axis)];
  return field ? { [axis]: typed(field) + steps * Number(field.step) } : {};
}

/** @param {Grip} grip @param {string} axis @param {number} direction */
function leap(grip, axis, direction) {
  const field = grip.fields[/** @type {Axis} */ (axis)];
  const steps = field
    ? Math.round((LARGE * (Number(field.max) - Number(field.min))) / Number(field.step))
    : 0;
  return step(grip, axis, direction * Math.max(steps, 1));
}

/** @param {Grip} grip @param {string} axis @param {string} end */
function edge({ fields }, axis, end) {
  const field = fields[/** @type {Axis} */ (axis)];
  return field ? { [axis]: Number(field[/** @type {"min" | "max"} */ (end)]) } : {};
}

/**
 * Focuses a field of the form, or its first control.
 * @param {HTMLInputElement | null | undefined} field @param {HTMLFormElement} form
 */
function focusField(field, form) {
  const details = field?.closest("details");
  if (details) details.open = true;
  const target = field?.getClientRects().length ? field : form.querySelector("[name]:enabled");
  if (target instanceof HTMLElement) target.focus();
  if (target instanceof HTMLInputElement && target === field) target.select();
}

/** @param {number} part */
function within(part) {
  return Math.min(Math.max(part, 0), 1);
}
