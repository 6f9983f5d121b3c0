/**
 * Where progress is saved: on the learning platform that shows the page, in this browser, or only
 * while the page is open. progress.js opens the store with `openStore`;
 * scorm-frame.js uses `ProgressStore` itself.
 *
 * Only pages in a package look for a platform (the build marks them with <html data-package>): a
 * page framed by another course must not report to that one. While a platform may still answer,
 * nothing is read from the browser, which may have another learner's progress.
 *
 * In the package of the whole course, the page around the course (scorm-frame.js) has the SCORM session,
 * because it outlives the single page. The two exchange messages: `{type: "ml-progress", report?}`
 * to that page, and `{type: "ml-progress", text, words}` from it.
 *
 * Saved text that can't be read stays unchanged until the learner does something (`acted` in a
 * report): it may be from a newer version of the course.
 *
 * @typedef {import("./scorm.js").Report} Report
 */

import * as progressData from "./progress-data.js";
import { Session } from "./scorm.js";

const KEY = "ml-progress";
export const FRAME = "ml-course"; // the name of the frame in scorm-frame.js
export const MESSAGE = "ml-progress";

const WHAT = "What you read, try, and answer here";
const WORDS = {
  platform: `${WHAT} is saved by the learning platform that shows this page, and your score is reported to it.`,
  refused: `The learning platform doesn’t accept your results. ${WHAT} is kept only while this page is open.`,
  gone: `The learning platform that opened this page has been closed, so nothing more is reported to it. ${WHAT} is kept only while this page is open. To continue with the platform, open the course from there again.`,
  silent: `The learning platform doesn’t respond. ${WHAT} is saved in this browser and nowhere else.`,
  browser: `${WHAT} is saved in this browser and nowhere else.`,
  memory: `${WHAT} is kept only while this page is open, because this browser doesn’t allow saving it.`,
  waiting: "",
};

const UNREAD =
  "This version of the course can’t read what was saved before. It stays unchanged until you answer or try something; then it is replaced.";
const REPLACED = "What was saved before couldn’t be read, so what you do now has replaced it.";

/** The text saved in this browser; null if the browser refuses. @returns {string | null} */
function readBrowser() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return null;
  }
}

/** @param {string} text */
function writeBrowser(text) {
  try {
    localStorage.setItem(KEY, text);
    return true;
  } catch {
    return false; // refused, or full
  }
}

/** The store of a page, or of the page around the course. */
export class ProgressStore {
  #text = ""; // for this page alone
  #refused = false; // by this browser
  #replaced = false; // whether text that could not be read was replaced
  /** @type {Session | null} */
  #session = null;

  /** @param {() => void} changed   called when the place changes: it may have another text */
  constructor(changed) {
    if (document.documentElement.dataset.package) this.#session = new Session(changed);
  }

  /** @returns {keyof typeof WORDS} */
  get #place() {
    const state = this.#session?.state ?? "none";
    if (state === "waiting") return "waiting";
    if (state === "open") return "platform";
    if (state === "refused" || state === "gone") return state;
    if (this.#refused || readBrowser() === null) return "memory";
    return state === "silent" ? "silent" : "browser";
  }

  /** Whether the place is known. */
  get settled() {
    return this.#place !== "waiting";
  }

  get words() {
    const before = this.#unread ? UNREAD : this.#replaced ? REPLACED : "";
    return [WORDS[this.#place], this.settled && before].filter(Boolean).join(" ");
  }

  /** Whether there is a text that can't be read. */
  get #unread() {
    return (this.#place === "platform" && this.#session?.unread) || !progressData.isReadable(this.text);
  }

  get text() {
    if (this.#place === "platform") return this.#session?.text ?? "";
    return (this.#inBrowser ? readBrowser() : null) ?? this.#text;
  }

  /** The page the learner visited last, if known. */
  get location() {
    return this.#session?.location ?? "";
  }

  get #inBrowser() {
    return this.#place === "browser" || this.#place === "silent";
  }

  /** @param {Report} report */
  save(report) {
    if (this.settled && this.#unread) {
      if (!report.acted) return;
      this.#replaced = true;
      if (this.#session) Object.assign(this.#session, { unread: false, scoreOnlyRises: true });
    }
    this.#text = report.text;
    if (this.#inBrowser) this.#refused = !writeBrowser(report.text);
    this.#session?.save(report);
  }
}

/**
 * Sends a message to a page of this package: it has the same origin, which may be opaque.
 * @param {Window} window @param {object} message
 */
export function post(window, message) {
  window.postMessage({ type: MESSAGE, ...message }, self.origin === "null" ? "*" : self.origin);
}

/** The store of a page inside the frame of scorm-frame.js. */
class FrameStore {
  words = "";
  text = "";

  /** @param {() => void} changed */
  constructor(changed) {
    addEventListener("message", ({ source, data }) => {
      if (source !== window.parent || data?.type !== MESSAGE) return;
      if (typeof data.text !== "string" || typeof data.words !== "string") return;
      [this.text, this.words] = [data.text, data.words];
      changed();
    });
    post(window.parent, {});
  }

  /** @param {Report} report */
  save(report) {
    this.text = report.text;
    post(window.parent, { report });
  }
}

/** @param {() => void} changed @returns {ProgressStore | FrameStore} */
export function openStore(changed) {
  const inside =
    document.documentElement.dataset.package === "course" &&
    window.name === FRAME &&
    window.parent !== window;
  return inside ? new FrameStore(changed) : new ProgressStore(changed);
}
