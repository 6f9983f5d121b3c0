/**
 * <ml-demo>: brings a demo to life that stands complete in the page (templates/demo.html wrote it).
 *
 * From an `input` event to the picture a value passes `#draw` here, Python, and `#show` here. One picture
 * is under way at a time; meanwhile only the newest values wait, in the form itself. No layout is read
 * between an event and its picture.
 *
 * What can be read from outside: data-state (poster → starting → ready | failed), data-frame (pictures
 * shown so far), the events ml:ready and ml:error on document, the marks ml-start and ml-ready.
 *
 * @typedef {import("./python.js").Drawing} Drawing
 * @typedef {import("./python.js").DrawRequest["theme"]} Theme
 * @typedef {import("./controls.js").Fields} Fields
 *
 * `draw` gives null if the picture that is there is to stay.
 * @typedef {{draw: (request: import("./python.js").DrawRequest) => Promise<Drawing | null>, done?: typeof python.done, forget?: typeof python.forget}} Painter
 */

import * as address from "./address.js";
import * as controls from "./controls.js";
import { copy } from "./copy.js";
import "./copy-tex.js";
import { arrange, bindGuess } from "./guess.js";
import * as hold from "./hold.js";
import "./meaning.js";
import "./paper.js";
import { Handles } from "./points.js";
import * as python from "./python.js";
import { fit, markNotes, tellNumbers } from "./reflect.js";
import "./scrollers.js";
import { spoken } from "./spoken.js";

const { bind, read, renew, shared, specs, state, write } = controls;

const NEAR = "200%"; // of the view's height: a demo that is so near asks for its first picture
const PAUSE = 700; // ms without a change, after which it is over, and said
const SLOW = 500; // ms after which a picture under way is mentioned
const PAINTED = 1000; // ms after which nobody waits any longer for the page to be painted

const dark = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(forced-colors: active)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const asked = hold.parse(location.search);
const framed = window.parent !== window; // a page that comes up may not scroll the one that holds it

/** When the page has been painted: Python's start keeps all processors busy, and would hold that up. */
const painted = new Promise((resolve) => {
  setTimeout(resolve, PAINTED);
  new PerformanceObserver(resolve).observe({ type: "paint", buffered: true });
});

/** @returns {Theme} */
function theme() {
  const tone = dark.matches ? "dark" : "light";
  return contrast.matches ? `contrast-${tone}` : tone;
}

/** Speaks a sentence to those who listen to the page. @param {string} words */
function say(words) {
  const said = document.getElementById("said");
  if (said) said.textContent = words;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/** What see-python.js uses of the modules that are here (page-modules.js). */
export const modules = { address, controls, copy, python };

export class Demo extends HTMLElement {
  /** The first demo has Python to itself until it can be used. @type {Demo | null} */
  static #first = null;
  #picture = this.#part(".picture", HTMLElement);
  #poster = this.#part("picture", HTMLElement);
  #canvas = this.#part("canvas", HTMLCanvasElement);
  #caption = this.#part(".caption", HTMLElement);
  #detail = this.#part(".detail", HTMLElement);
  #status = this.#part(".status", HTMLElement);
  #trouble = this.#part(".trouble", HTMLElement);
  #ofLink = this.#part(".from-link", HTMLElement);
  #form = this.#part("form", HTMLFormElement);
  #link = this.#part(".link", HTMLInputElement);
  /** @type {Fields} */
  #defaults = JSON.parse(this.#form.dataset.defaults ?? "{}");
  /** What the controls that a link holds are at, whatever happens. @type {Fields} */
  #held = {};
  #handles = new Handles(this.#picture, this.#part(".handles", HTMLElement), this.#form, (...moved) => this.drag(...moved));
  /** @type {CanvasRenderingContext2D | null} */
  #context = null;
  #name = this.getAttribute("name") ?? "";
  #width = 0; // of the picture, in CSS pixels; the observer brings it, so that no frame has to ask
  #near = false;
  /** Whether Python holds a scene for it, and the canvas its pixels. */
  #alive = false;
  /** The handle that is being dragged: Python finds the value. @type {[string, number, number] | undefined} */
  #moved;
  #stopped = false; // Python cannot start: only the reader's "Try again" helps
  /** Who draws: the course's Python, or that of code which the reader has changed. @type {Painter} */
  #painter = python;
  #busy = false;
  #waiting = false;
  #whole = false; // the next picture must not be only what changed
  #frames = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  #words = "";
  /** What the form held when it was spoken of last. @type {Fields} */
  #told = {};
  #wired = false;

  /**
   * @template {HTMLElement} T
   * @param {string} selector @param {new () => T} kind @returns {T}
   */
  #part(selector, kind) {
    const part = this.querySelector(selector);
    if (part instanceof kind) return part;
    throw new Error(
      `<ml-demo name="${this.getAttribute("name")}"> has no ${selector}: was the page built?`,
    );
  }

  connectedCallback() {
    if (this.#wired) return;
    this.#wired = true;
    // What a saved copy of the page has of the page that it was (demo.css).
    this.dataset.state = "poster";
    delete this.dataset.live;
    this.querySelector(".now")?.remove();
    this.dataset.woken = "";
    this.#trouble.hidden = true; // embed.js may have given the page up before this script came
    bind(this.#form);
    bindGuess(this.#form, () => this.#again());
    write(this.#form, this.#defaults); // a browser may have put old values into the fields
    this.#form.addEventListener("input", () => {
      this.tell("");
      this.#changed();
    });
    this.#form.addEventListener("change", () => this.#settle(PAUSE / 3));
    this.addEventListener("click", (event) => this.#act(event));
    this.#canvas.addEventListener("contextrestored", () => this.redraw(true));
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(this.#picture);
    new IntersectionObserver((entries) => this.#look(entries.at(-1)?.isIntersecting ?? false), { rootMargin: NEAR }).observe(this.#picture); // on a phone this element itself may have no box
    const { name, fields } = address.parse(location.hash);
    const [visit] = performance.getEntriesByType("navigation");
    const fresh = visit instanceof PerformanceNavigationTiming && visit.type === "navigate";
    if (name === this.#name) this.restore(fields, fresh); // on the way back, the browser scrolls
    const now = read(this.#form);
    for (const held of hold.hold(this.#form, this.#name, asked)) this.#held[held] = now[held];
    this.#told = now;
  }

  /**
   * Puts the controls where `fields` says, and those that it does not name at their defaults.
   * @param {Fields} fields @param {boolean} scroll   whether to bring the demo into view
   * @param {boolean} [follow]   whether the focus goes with the view: it would stay behind on a link
   */
  restore(fields, scroll, follow = false) {
    this.#moved = undefined;
    const { python: [change] = [], ...own } = fields;
    const { fields: taken, problems } = address.take(own, specs(this.#form));
    const button = this.querySelector("[data-does=code]");
    if (change && button instanceof HTMLButtonElement) this.#code(button, false, change);
    write(this.#form, { ...this.#defaults, ...taken, ...this.#held });
    arrange(this.#form);
    this.tell(address.complaint(problems));
    this.#changed();
    if (!scroll) return;
    const { top, bottom } = this.#picture.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return;
    if (follow) {
      const box = this.getClientRects().length ? this : this.#picture; // on a phone the laboratory has none (lesson.css)
      box.tabIndex = -1;
      box.focus({ preventScroll: true });
    }
    const behavior = still.matches ? "auto" : "smooth";
    const start = this.#part(".demo-title", HTMLElement);
    if (framed && !this.#frames) scrollBy({ top: start.getBoundingClientRect().top, behavior });
    else start.scrollIntoView({ behavior, block: "start" });
  }

  /** A figure far from the view gives its memory back; it is drawn again before it is seen. @param {boolean} near */
  #look(near) {
    this.#near = near;
    if (near) this.#draw();
    else if (this.#alive && !this.#busy && this.dataset.state === "ready") {
      this.#alive = false;
      this.#whole = true;
      this.#context = null;
      this.#canvas.width = this.#canvas.height = 0;
      delete this.dataset.live; // the picture of the build stands there
      this.#painter.forget?.(this.#name);
    }
  }

  /** Another try at a guess: without the answer, with new data where there are any. */
  #again() {
    const guessed = [...this.#form.querySelectorAll("[data-guess], .check")].map((control) => control.getAttribute("data-name") ?? "");
    write(this.#form, Object.fromEntries(guessed.map((name) => [name, this.#defaults[name]])));
    renew(this.#form);
    this.#changed();
  }

  /**
   * The reader drags the handle of a control; Python finds the value that is meant.
   * @param {string} name @param {number} x @param {number} y in the data of its axes
   */
  drag(name, x, y) {
    this.tell("");
    this.#moved = [name, x, y];
    this.#changed();
  }

  /** Says what could not be read of a link; "" takes it back. @param {string} words */
  tell(words) {
    if (this.#ofLink.textContent !== words) this.#ofLink.textContent = words;
    this.#ofLink.hidden = !words;
  }

  /** Has another Python draw the figure, for a form with other defaults. @param {Painter} painter @param {Fields} defaults */
  paint(painter, defaults) {
    this.#painter = painter;
    this.#defaults = defaults;
    this.redraw(true);
  }

  /** @param {boolean} [whole]   whether what is on the canvas cannot be relied on */
  redraw(whole = false) {
    this.#whole ||= whole;
    if (this.dataset.state !== "failed") this.#draw();
  }

  /** If it has waited for the first demo. */
  begin() {
    if (this.dataset.state === "poster") this.#draw();
  }

  /** After a fatal failure. */
  retry() {
    if (this.dataset.state !== "failed") return;
    this.#stopped = false;
    this.#calm();
    this.dataset.state = "poster";
    this.#draw();
  }

  /** Takes the words of a failure away, and the focus from their button to the controls. */
  #calm() {
    const first = this.#form.querySelector("[name]:enabled");
    if (first instanceof HTMLElement && this.#trouble.contains(document.activeElement)) first.focus();
    this.#trouble.hidden = true;
  }

  /** @param {DOMRectReadOnly} box */
  #resize({ width, height }) {
    if (Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#caption.style.minHeight = "";
    this.#handles.resize(width, height);
    this.redraw();
  }

  #changed() {
    this.#draw();
    this.#settle(PAUSE);
  }

  /** Draws the newest values; while a picture is under way, as soon as it is there. */
  async #draw() {
    this.#waiting = true;
    if (this.#busy || this.#stopped || !this.#near || this.#width < 1) return;
    Demo.#first ??= this;
    if (Demo.#first !== this && Demo.#first.dataset.state === "starting") return;
    this.#busy = true;
    if (this.dataset.state === "poster") this.#start();
    await painted;
    while (this.#waiting && !this.#stopped) {
      this.#waiting = false;
      const slow = setTimeout(() => this.#report("Working on the picture"), SLOW);
      try {
        const request = this.#request();
        const painter = this.#painter;
        const drawing = await painter.draw(request);
        if (drawing && painter === this.#painter) {
          this.#take(drawing.fields, request.fields);
          this.#show(drawing);
          painter.done?.(drawing);
        }
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
      clearTimeout(slow);
    }
    this.#busy = false;
  }

  /** What a scene is set for. */
  get look() {
    return { width: this.#width, ratio: devicePixelRatio, theme: theme() };
  }

  #request() {
    const whole = this.#whole;
    this.#whole = false;
    const moved = this.#moved;
    this.#moved = undefined;
    this.#alive = true;
    return {
      demo: this.#name,
      fields: read(this.#form),
      ...this.look,
      whole,
      moved,
    };
  }

  /**
   * Puts values that Python has found into the form, unless the reader has changed them meanwhile.
   * @param {Fields} found @param {Fields} asked   what the form held when the picture was asked for
   */
  #take(found, asked) {
    const now = read(this.#form);
    const still = Object.keys(found).filter((name) => now[name]?.join() === asked[name]?.join());
    if (still.length) write(this.#form, Object.fromEntries(still.map((name) => [name, found[name]])));
  }

  /** @param {Drawing} drawing */
  #show({ caption, detail, numbers, shown, frame, rect, pixels, handles }) {
    const canvas = this.#canvas;
    if (canvas.width !== frame.width || canvas.height !== frame.height) {
      canvas.width = frame.width;
      canvas.height = frame.height;
    }
    if (rect.width && rect.height) {
      this.#context ??= canvas.getContext("2d", { alpha: false });
      this.#context?.putImageData(new ImageData(pixels, rect.width, rect.height), rect.x, rect.y);
    }
    if (caption !== this.#words) this.#caption.textContent = this.#words = caption;
    if (this.#detail.textContent !== detail) this.#detail.textContent = detail;
    fit(this.#form, shown);
    tellNumbers(this.#name, numbers);
    const tone = dark.matches ? "dark" : "light";
    if (this.dataset.tone !== tone) this.dataset.tone = tone;
    this.dataset.frame = String(++this.#frames);
    this.#handles.place(handles ?? undefined);
    if (this.#status.hidden === false) this.#status.hidden = true;
    if (this.dataset.state !== "ready" || !("live" in this.dataset)) this.#ready();
  }

  #start() {
    this.dataset.state = "starting";
    this.#report("Starting Python");
    if (!performance.getEntriesByName("ml-start").length) performance.mark("ml-start");
  }

  async #ready() {
    this.dataset.live = "";
    this.#calm();
    this.dataset.state = "ready";
    if (performance.getEntriesByName("ml-ready").length) return;
    const detail = await python.started;
    if (performance.getEntriesByName("ml-ready").length) return; // another demo was first
    performance.mark("ml-ready", { detail });
    all((demo) => demo.begin());
    say("Ready: the controls now move the pictures.");
    document.dispatchEvent(new CustomEvent("ml:ready", { detail }));
  }

  /** @param {Error & {fatal?: boolean}} error */
  #fail(error) {
    console.error(error);
    this.dataset.state = "failed";
    this.#stopped = Boolean(error.fatal);
    if (!error.fatal) all((demo) => demo.begin());
    this.#status.hidden = true;
    const [words, button] = [this.#trouble.querySelector("p"), this.#trouble.querySelector("button")];
    if (!words || !button) return;
    words.textContent = error.message;
    button.textContent = error.fatal ? "Try again" : "Reset the controls";
    button.dataset.does = error.fatal ? "again" : "reset";
    this.#trouble.hidden = false;
    document.dispatchEvent(new CustomEvent("ml:error", { detail: { message: error.message } }));
  }

  /**
   * Says what is going on, in the corner of the picture.
   * @param {string} words @param {number} [part]   of the whole, where it is known
   */
  #report(words, part) {
    const [text, bar] = [this.#status.querySelector(".words"), this.#status.querySelector(".bar")];
    if (text) text.textContent = words;
    if (bar instanceof HTMLElement) bar.style.transform = `scaleX(${part ?? 0})`;
    this.#status.hidden = false;
  }

  /** @param {{words: string, done: number, total: number}} progress of Python's start */
  progress({ words, done, total }) {
    if (this.dataset.state !== "starting") return;
    if (total) this.#report(`${words}, ${megabytes(done)} of ${megabytes(total)} MB`, done / total);
    else this.#report(words);
  }

  /** Once no change has come for `wait` ms, it is over. @param {number} wait */
  #settle(wait) {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (this.#busy) return this.#settle(wait);
      const hash = this.#hash();
      if (this.#painter === python && hash !== (location.hash || `#${this.#name}`)) address.show(hash);
      if (this.dataset.state === "ready") {
        const now = state(this.#form);
        say(spoken(this.#form, this.#told, now, this.#words));
        this.#told = now;
      }
      markNotes(this.#name, (fields) => this.#hash(fields) === hash);
      this.#keep(hash !== `#${this.#name}`);
      // A caption that grows would push away what the reader has under a finger: it may, but only once.
      this.#caption.style.minHeight = `${this.#caption.offsetHeight}px`;
    }, wait);
  }

  /**
   * Lays a copy of the canvas into the page, which a saved page has instead of it.
   * @param {boolean} changed   whether it shows something else than the first picture, which is there already
   */
  #keep(changed) {
    this.mark();
    const { live } = this.dataset;
    if (!changed || live === undefined) return void this.querySelector(".now")?.remove();
    this.#canvas.toBlob((blob) => {
      const reader = new FileReader();
      reader.addEventListener("load", () => {
        const now = this.querySelector("img.now") ?? Object.assign(new Image(), { className: "now" });
        now.setAttribute("src", String(reader.result));
        now.setAttribute("alt", this.#canvas.getAttribute("aria-label") ?? "");
        if (!now.isConnected) this.#canvas.after(now);
      });
      if (blob) reader.readAsDataURL(blob);
    });
  }

  /** The address of a state. @param {Fields} [fields]   of a link; of the form, if they are left out */
  #hash(fields) {
    const taken = fields && { ...this.#defaults, ...address.take(fields, specs(this.#form)).fields };
    return address.write(this.#name, taken ? shared(this.#form, taken) : state(this.#form), this.#defaults);
  }

  /** Marks whether the first picture is no longer what is shown: what is printed depends on it. */
  mark() {
    this.toggleAttribute("data-changed", this.#hash() !== `#${this.#name}`);
  }

  /** Opens the code for a task of the lesson. @param {HTMLElement} task */
  solve(task) {
    const button = this.querySelector("[data-does=code]");
    if (button instanceof HTMLButtonElement) this.#code(button, true, "", task);
  }

  /** @param {MouseEvent} event */
  #act({ target, isTrusted }) {
    const button = target instanceof Element ? target.closest("button") : null;
    const does = button?.dataset.does;
    const set = button?.closest("fieldset.points");
    if (does === "add" && set instanceof HTMLElement) this.#handles.focusNewest(set); // controls.js has added it
    if (!button || button.closest("form")) return;
    if (does === "embed") this.#embed(button);
    if (does === "code") this.#code(button, isTrusted);
    if (does === "reset") this.restore({}, false);
    if (does === "save") this.#save();
    if (does === "link") copy(address.link(this.#hash()), button, this.#link, "Link copied");
    if (does === "again") {
      python.restart();
      all((demo) => demo.retry());
    }
  }

  #save() {
    const file = `${this.#name.replaceAll("_", "-")}.png`;
    /** @type {(url: string) => void} */
    const offer = (url) =>
      Object.assign(document.createElement("a"), { href: url, download: file }).click();
    if (!("live" in this.dataset)) return offer(this.#poster.querySelector("img")?.currentSrc ?? "");
    this.#canvas.toBlob((blob) => {
      if (!blob) return;
      const url = URL.createObjectURL(blob);
      offer(url);
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  /** @param {HTMLButtonElement} button */
  async #embed(button) {
    const { toggle } = await import("./embed-panel.js"); // for teachers: nobody else waits for it
    toggle(this, button, () => this.#hash());
  }

  /**
   * @param {HTMLButtonElement} button @param {boolean} focus   whether the reader goes there
   * @param {string} [change]   of the code, as a link holds it
   * @param {HTMLElement} [task]   of the lesson, in the code
   */
  async #code(button, focus, change, task) {
    const { toggle } = await import("./see-python.js"); // with an editor: who does not ask for it does not wait for it
    toggle(modules, this, button, focus, change, task);
  }
}

/** @param {(demo: Demo) => void} act */
function all(act) {
  for (const demo of document.querySelectorAll("ml-demo")) if (demo instanceof Demo) act(demo);
}

/** Whether the link that is being followed stands beside the figure, which then is in view. */
let beside = false;

/** @param {string} hash */
function follow(hash) {
  const { name, fields } = address.parse(hash);
  const demo = document.querySelector(`ml-demo[name="${CSS.escape(name)}"]`);
  if (demo instanceof Demo) demo.restore(fields, !beside, true);
  else stray(name, fields);
}

/** A link with a state that no demo of this page can show. @param {string} name @param {Fields} fields */
function stray(name, fields) {
  if (!Object.keys(fields).length || document.getElementById(name)) return;
  const [first] = document.querySelectorAll("ml-demo");
  if (first instanceof Demo) first.tell(`Part of this link could not be read: this page has no figure named “${name.slice(0, 30)}”.`);
}

/** Draws anew when the page moves to a screen with another pixel ratio, or is zoomed. */
function watchRatio() {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const again = () => {
    all((demo) => demo.redraw());
    watchRatio();
  };
  query.addEventListener("change", again, { once: true });
}

customElements.define("ml-demo", Demo);
{
  const { name, fields } = address.parse(location.hash);
  if (!document.querySelector(`ml-demo[name="${CSS.escape(name)}"]`)) stray(name, fields);
}
if (document.documentElement.classList.contains("code")) document.querySelector("ml-demo [data-does=code]")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
addEventListener("beforeprint", () => all((demo) => demo.mark()));
const unknown = hold.unknown(asked);
if (unknown.length) console.warn(`The address holds controls that this page does not have: ${unknown.join(", ")}`);
python.progress.addEventListener("progress", (event) => {
  if (event instanceof CustomEvent) all((demo) => demo.progress(event.detail));
});
python.progress.addEventListener("renewed", () =>
  all((demo) => {
    demo.retry();
    demo.redraw(true);
  }),
);
// location.hash may by now be that of the values before, which `#settle` has just shown
addEventListener("hashchange", ({ newURL }) => follow(new URL(newURL).hash));
addEventListener("pageshow", (event) => event.persisted && all((demo) => demo.redraw(true)));
document.addEventListener("click", (event) => {
  const task = event.target instanceof Element ? event.target.closest("[data-does=task]")?.closest(".task") : null;
  if (task instanceof HTMLElement) {
    const figure = document.getElementById(task.dataset.figure ?? "");
    if (figure instanceof Demo) figure.solve(task);
  }
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  beside = Boolean(link?.closest(".lab"));
  if (link?.hash && link.href === location.href) follow(link.hash); // here no hashchange comes
});
for (const query of [dark, contrast]) query.addEventListener("change", () => all((demo) => demo.redraw()));
watchRatio();
