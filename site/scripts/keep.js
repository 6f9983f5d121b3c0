/**
 * Where progress is kept: by the learning platform that shows the page, in this browser, or only as long as the page is open.
 *
 * Only what is packed for a platform looks for one (the build marks it with <html data-package>): a page that is framed by
 * another course must not report to it. While a platform may still come, nothing is read from the browser: it
 * may hold what another learner did.
 *
 * In the package of the whole course a page around the course (package.js) has the session, since that outlives the single
 * page. The two talk in messages: `{type: "ml-progress", report?}` up, and `{type: "ml-progress", text, words}` down.
 *
 * What is kept and cannot be read is left alone until the learner does something (`acted` in a report): it may be of a newer
 * version of the course.
 *
 * @typedef {import("./scorm.js").Report} Report
 */

import * as record from "./record.js";
import { Session } from "./scorm.js";

const KEY = "ml-progress";
export const FRAME = "ml-course"; // the name of the frame in package.js
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

const UNREAD = "This version of the course can’t read what was saved before. It stays unchanged until you answer or try something; then it is replaced.";
const REPLACED = "What was saved before couldn’t be read, so what you do now has replaced it.";

/** What this browser holds; null, if it refuses. @returns {string | null} */
function stored() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return null;
  }
}

/** @param {string} text */
function store(text) {
  try {
    localStorage.setItem(KEY, text);
    return true;
  } catch {
    return false; // refused, or full
  }
}

/** On the page itself, or on the page around the course. */
export class Keeper {
  #text = ""; // if there is nothing else
  #refused = false; // by this browser
  #replaced = false; // what could not be read
  /** @type {Session | null} */
  #session = null;

  /** @param {() => void} changed   called when there is another place, which may hold another text */
  constructor(changed) {
    if (document.documentElement.dataset.package) this.#session = new Session(changed);
  }

  /** @returns {keyof typeof WORDS} */
  get #place() {
    const state = this.#session?.state ?? "none";
    if (state === "waiting") return "waiting";
    if (state === "open") return "platform";
    if (state === "refused" || state === "gone") return state;
    if (this.#refused || stored() === null) return "memory";
    return state === "silent" ? "silent" : "browser";
  }

  /** Whether it is known where progress is kept. */
  get settled() {
    return this.#place !== "waiting";
  }

  get words() {
    const before = this.#unread ? UNREAD : this.#replaced ? REPLACED : "";
    return [WORDS[this.#place], this.settled && before].filter(Boolean).join(" ");
  }

  /** Whether there is something that is no text of ours. */
  get #unread() {
    return (this.#place === "platform" && this.#session?.unread) || !record.isReadable(this.text);
  }

  get text() {
    if (this.#place === "platform") return this.#session?.text ?? "";
    return (this.#inBrowser ? stored() : null) ?? this.#text;
  }

  /** The page on which the learner was last, if that is known. */
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
      if (this.#session) Object.assign(this.#session, { unread: false, keepsScore: true });
    }
    this.#text = report.text;
    if (this.#inBrowser) this.#refused = !store(report.text);
    this.#session?.save(report);
  }
}

/** To a page of this package, on the same origin, be that one without a name. @param {Window} window @param {object} message */
export function post(window, message) {
  window.postMessage({ type: MESSAGE, ...message }, self.origin === "null" ? "*" : self.origin);
}

/** On a page inside the frame of package.js. */
class Messenger {
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

/** @param {() => void} changed @returns {Keeper | Messenger} */
export function keeper(changed) {
  const inside = document.documentElement.dataset.package === "course" && window.name === FRAME && window.parent !== window;
  return inside ? new Messenger(changed) : new Keeper(changed);
}
