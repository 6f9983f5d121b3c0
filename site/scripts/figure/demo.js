/**
 * <ml-demo>: a figure, which templates/demo.html has written completely into the page; this class
 * makes it interactive. ml-demo.js defines the element.
 *
 * On its way from an `input` event to a picture, a value passes `#draw` here, Python, and `#show`
 * here. One picture at a time is drawn; meanwhile the newest values wait in the form itself, and the
 * figure that the reader has changed comes next. No layout is read between an event and its picture.
 *
 * The promises to other code: data-state (poster → starting → ready | failed), data-frame (the
 * number of pictures shown), the events ml:ready and ml:error on document, the marks ml-start and
 * ml-ready.
 *
 * @typedef {import("../python/python.js").Drawing} Drawing
 * @typedef {import("../python/python.js").DrawRequest} DrawRequest
 * @typedef {import("./controls.js").Fields} Fields
 *
 * Draws pictures; null means that the current picture stays.
 * @typedef {object} Painter
 * @property {(request: () => DrawRequest, urgent: () => boolean) => Promise<Drawing | null>} draw
 * @property {typeof python.done} [done]
 * @property {typeof python.forget} [forget]
 */

import { copy } from "../page/clipboard.js";
import { say } from "../page/live-region.js";
import * as connection from "../python/connection.js";
import * as python from "../python/python.js";
import * as address from "./address.js";
import { announcement } from "./announcement.js";
import * as controls from "./controls.js";
import { updateControls, bindGuess } from "./guess.js";
import { Handles } from "./handles.js";
import * as lockedControls from "./locked-controls.js";
import { markNotes, showControls, updateNumbers } from "./page-updates.js";
import { putCopy, removeCopy, save } from "./picture-copy.js";
import { Status } from "./status.js";
import { theme, tone } from "./theme.js";

const { bind, read, renew, shared, specs, state, write } = controls;

const NEAR = "200%"; // of the view's height: a figure this near requests its first picture
const PAUSE = 700; // ms without a change, after which an interaction has ended
const SLOW = 500; // ms after which a picture is reported as slow
const PAINTED = 1000; // ms after which the first paint of the page is no longer awaited

const still = matchMedia("(prefers-reduced-motion: reduce)");
const asked = lockedControls.parse(location.search);
const framed = window.parent !== window; // a page that loads may not scroll the page around it

/** The first paint of the page, which Python's start would delay: it keeps all processors busy. */
const painted = new Promise((resolve) => {
  setTimeout(resolve, PAINTED);
  new PerformanceObserver(resolve).observe({ type: "paint", buffered: true });
});

/** The modules of this page that see-python.js uses (page-modules.js). */
export const modules = { address, connection, controls, copy, python, say };

export class Demo extends HTMLElement {
  /** The first figure has Python to itself until it is ready. @type {Demo | null} */
  static #first = null;
  /** The figure that was changed last: the address shows it. @type {Demo | null} */
  static #changedLast = null;
  #picture = this.#part(".picture", HTMLElement);
  #poster = this.#part("picture", HTMLElement);
  #canvas = this.#part("canvas", HTMLCanvasElement);
  #caption = this.#part(".caption", HTMLElement);
  #detail = this.#part(".detail", HTMLElement);
  #ofLink = this.#part(".from-link", HTMLElement);
  #form = this.#part("form", HTMLFormElement);
  #status = new Status(this.#part(".status", HTMLElement), this.#part(".trouble", HTMLElement), this.#form);
  #link = this.#part(".link", HTMLInputElement);
  /** @type {Fields} */
  #defaults = JSON.parse(this.#form.dataset.defaults ?? "{}");
  /** The values of the controls that a link locks. @type {Fields} */
  #locked = {};
  #handles = new Handles(this.#picture, this.#part(".handles", HTMLElement), this.#form, (...moved) =>
    this.drag(...moved),
  );
  /** @type {CanvasRenderingContext2D | null} */
  #context = null;
  #name = this.getAttribute("name") ?? "";
  #width = 0; // of the picture, in CSS pixels, from the observer: reading it would cause a layout
  #near = false;
  #above = false; // the view
  /** Whether Python has a scene for it, and the canvas its pixels. */
  #alive = false;
  /**
   * The handle that is being dragged: Python finds the value.
   * @type {[string, number, number] | undefined}
   */
  #moved;
  #stopped = false; // Python can't start: the reader can press "Try again"
  /** The course's Python, or the one that runs code changed by the reader. @type {Painter} */
  #painter = python;
  #busy = false;
  #waiting = false;
  #whole = false; // whether the next picture must be complete, not only what changed
  #frames = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  #words = "";
  /** The values of the last request. @type {Fields} */
  #asked = {};
  /** The values at the last announcement. @type {Fields} */
  #told = {};
  #wired = false;

  /**
   * @template {HTMLElement} T
   * @param {string} selector @param {new () => T} kind @returns {T}
   */
  #part(selector, kind) {
    const part = this.querySelector(selector);
    if (part instanceof kind) return part;
    throw new Error(`<ml-demo name="${this.getAttribute("name")}"> has no ${selector}: was the page built?`);
  }

  connectedCallback() {
    if (this.#wired) return;
    this.#wired = true;
    // A saved copy of the page still has the state of the page (demo.css).
    this.dataset.state = "poster";
    delete this.dataset.live;
    removeCopy(this);
    this.dataset.woken = "";
    this.#status.recover(); // embed.js may have given the page up before this script loaded
    bind(this.#form);
    bindGuess(this.#form, () => this.#again());
    write(this.#form, this.#defaults); // the browser may have restored old values
    this.#form.addEventListener("input", () => {
      this.tell("");
      this.#changed();
    });
    this.#form.addEventListener("change", () => this.#settle(PAUSE / 3));
    this.addEventListener("click", (event) => this.#act(event));
    this.#canvas.addEventListener("contextrestored", () => this.redraw(true));
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(this.#picture);
    new IntersectionObserver((entries) => this.#look(/** @type {any} */ (entries.at(-1))), {
      rootMargin: NEAR,
    }).observe(this.#picture); // on phones the element itself may have no box
    const { name, fields } = address.parse(location.hash);
    const [visit] = performance.getEntriesByType("navigation");
    const fresh = visit instanceof PerformanceNavigationTiming && visit.type === "navigate";
    if (name === this.#name) this.restore(fields, fresh); // after Back, the browser scrolls
    const now = read(this.#form);
    for (const name of lockedControls.lock(this.#form, this.#name, asked)) this.#locked[name] = now[name];
    this.#told = now;
  }

  /**
   * Sets the controls to `fields`, and all others to their defaults.
   * @param {Fields} fields @param {boolean} scroll   whether to scroll the figure into view
   * @param {boolean} [follow]   whether the focus moves to the figure; otherwise it stays on the
   *   link
   */
  restore(fields, scroll, follow = false) {
    this.#moved = undefined;
    const { python: [change] = [], ...own } = fields;
    const { fields: taken, problems } = address.take(own, specs(this.#form));
    const button = this.querySelector("[data-does=code]");
    if (change && button instanceof HTMLButtonElement) this.#code(button, false, change);
    write(this.#form, { ...this.#defaults, ...taken, ...this.#locked });
    updateControls(this.#form);
    this.tell(address.complaint(problems));
    this.#changed();
    if (!scroll) return;
    const { top, bottom } = this.#picture.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return;
    if (follow) {
      const box = this.getClientRects().length ? this : this.#picture; // on phones the element has no box (lesson.css)
      box.tabIndex = -1;
      box.focus({ preventScroll: true });
    }
    const behavior = still.matches ? "auto" : "smooth";
    const start = this.#part(".demo-title", HTMLElement);
    if (framed && !this.#frames) scrollBy({ top: start.getBoundingClientRect().top, behavior });
    else start.scrollIntoView({ behavior, block: "start" });
  }

  /**
   * A figure far from the view frees its memory; it is drawn again before it is visible.
   * @param {IntersectionObserverEntry} entry
   */
  #look({ isIntersecting, boundingClientRect }) {
    this.#near = isIntersecting;
    this.#above = boundingClientRect.bottom < 0;
    if (this.#near) this.#draw();
    else if (this.#alive && !this.#busy && this.dataset.state === "ready") {
      this.#alive = false;
      this.#whole = true;
      this.#context = null;
      this.#canvas.width = this.#canvas.height = 0;
      delete this.dataset.live; // the picture made by the build is shown
      this.#painter.forget?.(this.#name);
    }
  }

  /** Another try at a guess: without the answer, with new data if there is a seed. */
  #again() {
    const guessed = [...this.#form.querySelectorAll("[data-guess], .check")].map(
      (control) => control.getAttribute("data-name") ?? "",
    );
    write(this.#form, Object.fromEntries(guessed.map((name) => [name, this.#defaults[name]])));
    renew(this.#form);
    this.#changed();
  }

  /**
   * The reader drags the handle of a control; Python finds the value for it.
   * @param {string} name @param {number} x @param {number} y in the data of its axes
   */
  drag(name, x, y) {
    this.tell("");
    this.#moved = [name, x, y];
    this.#changed();
  }

  /** Says which part of a link could not be read; "" removes the sentence. @param {string} words */
  tell(words) {
    if (this.#ofLink.textContent !== words) this.#ofLink.textContent = words;
    this.#ofLink.hidden = !words;
  }

  /**
   * Has another Python draw the figure, for a form with other defaults.
   * @param {Painter} painter @param {Fields} defaults
   */
  paint(painter, defaults) {
    this.#painter = painter;
    this.#defaults = defaults;
    this.redraw(true);
  }

  /** @param {boolean} [whole]   whether the canvas may have lost its pixels */
  redraw(whole = false) {
    this.#whole ||= whole;
    if (this.dataset.state !== "failed") this.#draw();
  }

  /** Starts, if it has waited for the first figure. */
  begin() {
    if (this.dataset.state === "poster") this.#draw();
  }

  /** Tries again after a failure. */
  retry() {
    if (this.dataset.state !== "failed") return;
    this.#stopped = false;
    this.#status.recover();
    this.dataset.state = "poster";
    this.#draw();
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
    Demo.#changedLast = this;
    this.#draw();
    this.#settle(PAUSE);
  }

  /** Draws the newest values, after the current picture if there is one. */
  async #draw() {
    this.#waiting = true;
    if (this.#stopped || !this.#near || this.#width < 1) return;
    if (!Demo.#first) {
      await painted;
      await new Promise((resolve) => setTimeout(resolve)); // by then, all figures near the view know it
      Demo.#first ??= Demo.#uppermost() ?? this;
    }
    const waits = Demo.#first !== this && /poster|starting/.test(Demo.#first.dataset.state ?? "");
    if (this.#busy || waits) return;
    this.#busy = true;
    if (this.dataset.state === "poster") this.#start();
    while (this.#waiting && !this.#stopped) {
      const slow = setTimeout(() => this.#status.report("Working on the picture"), SLOW);
      const painter = this.#painter;
      try {
        const drawing = await painter.draw(
          () => this.#request(),
          () => Demo.#changedLast === this && this.dataset.state !== "failed",
        );
        if (drawing && painter === this.#painter) {
          this.#take(drawing.fields);
          this.#show(drawing);
          painter.done?.(drawing);
        }
      } catch (error) {
        if (painter === this.#painter) this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
      clearTimeout(slow);
    }
    this.#busy = false;
  }

  /** The first figure in the view, or else the first one near it. */
  static #uppermost() {
    /** @type {Demo[]} */
    const near = [];
    all((demo) => demo.#near && demo.#width >= 1 && near.push(demo));
    return near.find((demo) => !demo.#above) ?? near[0];
  }

  /** What a scene depends on besides the values. */
  get look() {
    return { width: this.#width, ratio: devicePixelRatio, theme: theme() };
  }

  /** The newest values, when it is this figure's turn. */
  #request() {
    this.#waiting = false;
    const whole = this.#whole;
    this.#whole = false;
    const moved = this.#moved;
    this.#moved = undefined;
    this.#alive = true;
    this.#asked = read(this.#form);
    return {
      demo: this.#name,
      fields: this.#asked,
      ...this.look,
      whole,
      moved,
    };
  }

  /**
   * Puts values that Python has found into the form, unless the reader has changed them since.
   * @param {Fields} found
   */
  #take(found) {
    const now = read(this.#form);
    const still = Object.keys(found).filter((name) => now[name]?.join() === this.#asked[name]?.join());
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
    showControls(this.#form, shown);
    updateNumbers(this.#name, numbers);
    if (this.dataset.tone !== tone()) this.dataset.tone = tone();
    this.dataset.frame = String(++this.#frames);
    this.#handles.place(handles ?? undefined);
    this.#status.done();
    if (this.dataset.state !== "ready" || !("live" in this.dataset)) this.#ready();
  }

  #start() {
    this.dataset.state = "starting";
    this.#status.report("Starting Python");
    if (!performance.getEntriesByName("ml-start").length) performance.mark("ml-start");
  }

  async #ready() {
    this.dataset.live = "";
    this.#status.recover();
    this.dataset.state = "ready";
    if (performance.getEntriesByName("ml-ready").length) return;
    const detail = await python.started;
    if (performance.getEntriesByName("ml-ready").length) return; // another figure was first
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
    this.#status.fail(error.message, this.#stopped);
  }

  /** @param {{words: string, done: number, total: number}} received   while Python starts */
  progress(received) {
    if (this.dataset.state === "starting") this.#status.progress(received);
  }

  /** Ends the interaction once nothing has changed for `wait` ms. @param {number} wait */
  #settle(wait) {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (this.#busy) return this.#settle(wait);
      const hash = this.#hash();
      const shown = Demo.#changedLast === this && this.#painter === python;
      if (shown && hash !== (location.hash || `#${this.#name}`)) address.show(hash);
      if (this.dataset.state === "ready") {
        const now = state(this.#form);
        say(announcement(this.#form, this.#told, now, this.#words));
        this.#told = now;
      }
      markNotes(this.#name, (fields) => this.#hash(fields) === hash);
      this.mark();
      if (hash !== `#${this.#name}` && "live" in this.dataset) putCopy(this, this.#canvas);
      else removeCopy(this); // the first picture is in the page already
      // A caption that grows would move what the reader touches: it may do that only once. Its
      // exact height: a rounded one would move everything below, and a frame around the page.
      this.#caption.style.minHeight = `${this.#caption.getBoundingClientRect().height}px`;
    }, wait);
  }

  /** The hash of a state. @param {Fields} [fields]   of a link; without them, of the form */
  #hash(fields) {
    const taken = fields && { ...this.#defaults, ...address.take(fields, specs(this.#form)).fields };
    return address.write(this.#name, taken ? shared(this.#form, taken) : state(this.#form), this.#defaults);
  }

  /** Marks whether the figure has changed since its first picture: printing depends on it. */
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
    if (does === "add" && set instanceof HTMLElement) this.#handles.focusNewest(set); // controls.js has added the point
    if (!button || button.closest("form")) return;
    if (does === "embed") this.#embed(button);
    if (does === "code") this.#code(button, isTrusted);
    if (does === "reset") this.restore({}, false);
    const canvas = "live" in this.dataset ? this.#canvas : undefined;
    if (does === "save") save(this.#name, canvas, this.#poster.querySelector("img")?.currentSrc ?? "");
    if (does === "link") copy(address.link(this.#hash()), button, this.#link, "Link copied");
    if (does === "again") {
      python.restart();
      all((demo) => demo.retry());
    }
  }

  /** @param {HTMLButtonElement} button */
  async #embed(button) {
    const { toggle } = await import("./embed-panel.js"); // for teachers: loaded when it is opened
    toggle(this, button, () => this.#hash());
  }

  /**
   * @param {HTMLButtonElement} button @param {boolean} focus   whether to move the focus there
   * @param {string} [change]   of the code, as in a link
   * @param {HTMLElement} [task]   of the lesson, in the code
   */
  async #code(button, focus, change, task) {
    const { toggle } = await import("../see-python/see-python.js"); // large: loaded when it is opened
    toggle(modules, this, button, focus, change, task);
  }
}

/** Does something with each figure of the page. @param {(demo: Demo) => void} act */
export function all(act) {
  for (const demo of document.querySelectorAll("ml-demo")) if (demo instanceof Demo) act(demo);
}
