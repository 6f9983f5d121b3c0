/**
 * The SCORM 1.2 session of storage.js: finds the platform's `API`, opens a session, and saves
 * reports.
 *
 * A platform may be missing, late, strict, or broken; nothing is thrown from here. It gets changes
 * at once, and is asked to store them every ten seconds at most and when the page is hidden. The
 * session ends when the page is left (`pagehide`, because `unload` fires too rarely), and starts
 * again if the reader comes back to the cached page. A platform whose window was closed, or shows
 * another page, stores nothing any more, though its functions can still be called.
 *
 * @typedef {Record<string, (...args: string[]) => unknown>} Api
 *
 * @typedef {object} Report
 * @property {string} text
 * @property {string} location   the page
 * @property {number} answered
 * @property {number} right
 * @property {number} asked
 * @property {boolean} acted   whether the learner did something on this page
 */

const HOPS = 50; // frames and openers to search
const LOOK_AGAIN = 250; // ms until the next search for a platform; each wait is 1.5 times as long
const LOOK_UNTIL = 8_500; // ms
const COMMIT_EVERY = 10_000; // ms
const TRY_AGAIN = 30_000; // ms after a platform has refused something
const LOOK_AFTER = 2_000; // ms between checks that the platform is still there
const MASTERY = 0.6; // part of the questions that must be right for `passed`
const FAILED = Symbol("the platform threw");
const LONGEST = { "cmi.suspend_data": 4096, "cmi.core.lesson_location": 255 };

/** @param {unknown} value */
const isTrue = (value) => String(value).toLowerCase() === "true";

/**
 * The `API` of this window, of a frame around it, or of the window that opened one of them, and
 * where it was found.
 * @returns {{api: Api, place: Window, page: Document} | null}
 */
export function find() {
  /** @type {Window | null} */
  let place = window;
  const seen = new Set();
  while (place && !seen.has(place) && seen.size < HOPS) {
    seen.add(place);
    const api = apiOf(place);
    if (api) return { api, place, page: place.document };
    place = outside(place);
  }
  return null;
}

/** @param {Window} place @returns {Api | null} */
function apiOf(place) {
  try {
    const api = /** @type {any} */ (place).API;
    return typeof api?.LMSInitialize === "function" ? api : null;
  } catch {
    return null; // another origin
  }
}

/** @param {Window} place @returns {Window | null} */
function outside(place) {
  try {
    return place.parent !== place ? place.parent : place.opener;
  } catch {
    return null;
  }
}

/**
 * Whether a platform is still where it was found: its window is open and shows the same page.
 * @param {ReturnType<typeof find>} found
 */
function isThere(found) {
  try {
    return Boolean(found && !found.place.closed && found.place.document === found.page && apiOf(found.place));
  } catch {
    return false; // it shows another origin now
  }
}

/** `HH:MM:SS.SS`. @param {number} ms @returns {string} */
export function duration(ms) {
  const hundredths = Math.min(Math.floor(ms / 10), 9999 * 360_000);
  const two = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, "0");
  const seconds = (hundredths % 6000) / 100;
  return `${two(hundredths / 360_000)}:${two((hundredths / 6000) % 60)}:${seconds.toFixed(2).padStart(5, "0")}`;
}

export class Session {
  /** @type {ReturnType<typeof find>} */
  #found = null;
  #changed;
  /**
   * "waiting": a platform may still come; "open": it saves reports; "refused": it no longer does;
   * "gone": its window was closed; "silent": it never answered; "none": there is none.
   * @type {"waiting" | "open" | "refused" | "gone" | "silent" | "none"}
   */
  state = "waiting";
  #warned = false;
  /** @type {Report | null} the report that the platform got last */
  #told = null;
  /** @type {Report | null} the report that it should have */
  #wanted = null;
  #passed = false;
  #raw = ""; // the score that the platform has
  #committed = -Infinity; // performance.now()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #committing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #trying;
  #visible = 0; // ms of this session in which the page could be seen
  #since = performance.now();

  /** The saved text, and the page where the learner was. */
  text = "";
  location = "";
  /** Whether reading the text failed: the platform may have one all the same. */
  unread = false;
  /** Whether the score may only rise. */
  scoreOnlyRises = false;

  /** @param {() => void} changed   called when `state` has changed */
  constructor(changed) {
    this.#changed = changed;
    this.#look();
    document.addEventListener("visibilitychange", () => {
      this.#watch();
      if (document.visibilityState === "hidden") this.#commit();
    });
    addEventListener("pagehide", () => this.#finish());
    setInterval(() => this.#running, LOOK_AFTER);
    addEventListener("pageshow", (event) => event.persisted && this.#look());
  }

  /** @param {Report} report */
  save(report) {
    this.#wanted = report;
    if (this.#running) this.#tell();
  }

  /** Whether there is a session; checks that its platform is still there. */
  get #running() {
    if (this.state !== "open" && this.state !== "refused") return false;
    if (isThere(this.#found)) return true;
    clearTimeout(this.#committing);
    this.#become("gone");
    return false;
  }

  /** @param {Session["state"]} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    queueMicrotask(this.#changed);
  }

  /** Opens the session, now or as soon as a platform allows it. */
  #look(wait = LOOK_AGAIN, until = performance.now() + LOOK_UNTIL) {
    if (this.#begin()) return;
    const alone = window.parent === window && !window.opener;
    if (alone || performance.now() + wait > until) this.#become(this.#found ? "silent" : "none");
    else setTimeout(() => this.#look(wait * 1.5, until), wait);
  }

  #begin() {
    this.#found = find();
    if (!this.#found) return false;
    // The page before this one may have left its session open: then the platform refuses a second
    // one, but answers calls.
    if (!isTrue(this.#ask("LMSInitialize", "")) && !this.#get("cmi.core.lesson_status")) return false;
    const status = this.#get("cmi.core.lesson_status");
    const isNew = status === "not attempted";
    this.#passed = /^(passed|completed)$/.test(status ?? "");
    if (isNew || status === "") this.#set("cmi.core.lesson_status", "incomplete");
    this.#raw = this.#get("cmi.core.score.raw") ?? "";
    const text = this.#get("cmi.suspend_data");
    this.text = text ?? "";
    this.unread = text === null && !isNew;
    this.location = this.#get("cmi.core.lesson_location") ?? "";
    this.#told = this.#wanted = null; // the caller merges both texts on "open", and saves
    this.#visible = 0;
    this.#since = performance.now();
    this.#become("open");
    return true;
  }

  #tell() {
    const { text, location, answered, right, asked } = /** @type {Report} */ (this.#wanted);
    const before = this.#told;
    if (before?.text === text && before.location === location) return;
    this.#told = this.#wanted;
    const kept = before?.text === text || this.#set("cmi.suspend_data", text);
    if (kept) this.text = text;
    if (before?.location !== location) this.#set("cmi.core.lesson_location", location);
    // No score before the first answer: a platform would take it for a grade.
    const raw = asked && (answered || this.#raw) ? String(Math.round((100 * right) / asked)) : "";
    // The text that could not be read may have had a better score.
    if (raw && raw !== this.#raw && !(this.scoreOnlyRises && Number(raw) < Number(this.#raw))) {
      this.#set("cmi.core.score.min", "0");
      this.#set("cmi.core.score.max", "100");
      this.#set("cmi.core.score.raw", raw);
      this.#raw = raw;
    }
    // The status never goes back: learners who passed can change answers and see what happens.
    const passes = !this.#passed && asked > 0 && answered === asked && right >= MASTERY * asked;
    if (passes) this.#passed = this.#set("cmi.core.lesson_status", "passed");
    if (!kept) this.#refuse();
    else if (passes) this.#commit();
    else
      this.#committing ??= setTimeout(
        () => this.#commit(),
        Math.max(0, this.#committed + COMMIT_EVERY - performance.now()),
      );
  }

  #commit() {
    clearTimeout(this.#committing);
    this.#committing = undefined;
    if (!this.#running) return;
    this.#set("cmi.core.session_time", duration(this.#watch()));
    this.#committed = performance.now();
    const kept = this.#did("LMSCommit", "") && (!this.#wanted || this.text === this.#wanted.text);
    if (kept) this.#become("open");
    else this.#refuse();
  }

  /** Reports that the platform refused, and tries again later: a connection may come back. */
  #refuse() {
    this.#become("refused");
    this.#trying ??= setTimeout(() => {
      this.#trying = undefined;
      if (!this.#running || this.state !== "refused") return;
      if (!this.#wanted || this.text === this.#wanted.text) return this.#commit();
      this.#told = null;
      this.#tell();
    }, TRY_AGAIN);
  }

  #finish() {
    if (!this.#running) return;
    this.#set("cmi.core.exit", "suspend"); // otherwise some platforms discard everything
    this.#commit();
    this.#ask("LMSFinish", "");
    this.#become("waiting");
  }

  /** Counts the time in which the page is visible. @returns {number} ms of this session so far */
  #watch() {
    const now = performance.now();
    if (this.#since) this.#visible += now - this.#since;
    this.#since = document.visibilityState === "hidden" ? 0 : now;
    return this.#visible;
  }

  /**
   * @param {string} name
   * @returns {string | null} "" if the platform has no value; null if it failed, and may have one
   */
  #get(name) {
    const value = this.#ask("LMSGetValue", name);
    if (value === FAILED) return null;
    if (value !== undefined && value !== null && value !== "") return String(value);
    if (!this.#found?.api.LMSGetLastError) return "";
    return /^[1-9]/.test(String(this.#ask("LMSGetLastError"))) ? null : "";
  }

  /**
   * @param {keyof typeof LONGEST | string} name @param {string} value
   * @returns {boolean} whether the platform accepted it
   */
  #set(name, value) {
    const most = LONGEST[/** @type {keyof typeof LONGEST} */ (name)] ?? Infinity;
    if (value.length > most) return false;
    return this.#did("LMSSetValue", name, value);
  }

  /**
   * Whether a call did not fail: some platforms return nothing where the standard says "true".
   * @param {string} name @param {...string} args
   */
  #did(name, ...args) {
    const answer = this.#ask(name, ...args);
    return answer !== FAILED && String(answer).toLowerCase() !== "false";
  }

  /**
   * @param {string} name @param {...string} args
   * @returns {unknown} FAILED if the platform throws
   */
  #ask(name, ...args) {
    try {
      return this.#found?.api[name](...args);
    } catch (error) {
      if (!this.#warned) console.warn(`The learning platform failed in ${name}(${args.join(", ")})`, error);
      this.#warned = true;
      return FAILED;
    }
  }
}
