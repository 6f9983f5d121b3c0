/**
 * A page that simulates a learning platform: `?platform=NAME&launch=URL` shows a package in a frame, with a SCORM 1.2 API;
 * with `&opens=window`, in a separate window.
 *
 * `calls` lists every call with its answer. A learner's data is kept in sessionStorage for the next launch.
 */

const query = new URLSearchParams(location.search);
const LATE = 3000; // ms
const KEPT = "cmi";

/** @type {[string, string[], unknown][]} */
window.calls = [];
window.kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

const ELEMENTS = {
  "cmi.core.lesson_location": /^.{0,255}$/s,
  "cmi.core.lesson_status": /^(passed|completed|failed|incomplete|browsed)$/,
  "cmi.core.score.raw": /^(100|\d{1,2}(\.\d+)?)$/,
  "cmi.core.score.min": /^(100|\d{1,2}(\.\d+)?)$/,
  "cmi.core.score.max": /^(100|\d{1,2}(\.\d+)?)$/,
  "cmi.core.exit": /^(time-out|suspend|logout|)$/,
  "cmi.core.session_time": /^\d{2,4}:\d{2}:\d{2}(\.\d{1,2})?$/,
  "cmi.suspend_data": /^.{0,4096}$/s,
};
const WRITE_ONLY = ["cmi.core.exit", "cmi.core.session_time"];

/** Follows the standard strictly, and allows one session per launch. */
class Strict {
  #state = "new";
  #again;
  #error = "0";
  #data = { "cmi.core.lesson_status": "not attempted", ...window.kept() };

  /** @param {boolean} [again]   whether a session can start again after its end, as in Kolibri */
  constructor(again = false) {
    this.#again = again;
  }

  #answer(error, value) {
    this.#error = error;
    return value;
  }

  LMSInitialize(nothing) {
    if (nothing !== "" || this.#state !== "new") return this.#answer("101", "false");
    this.#state = "running";
    return this.#answer("0", "true");
  }

  LMSGetValue(name) {
    if (this.#state !== "running") return this.#answer("301", "");
    if (!(name in ELEMENTS)) return this.#answer("201", "");
    if (WRITE_ONLY.includes(name)) return this.#answer("404", "");
    return this.#answer("0", this.#data[name] ?? "");
  }

  LMSSetValue(name, value) {
    if (this.#state !== "running") return this.#answer("301", "false");
    if (!(name in ELEMENTS)) return this.#answer("201", "false");
    if (typeof value !== "string" || !ELEMENTS[name].test(value)) return this.#answer("405", "false");
    this.#data[name] = value;
    return this.#answer("0", "true");
  }

  LMSCommit(nothing) {
    if (nothing !== "" || this.#state !== "running") return this.#answer("301", "false");
    sessionStorage.setItem(KEPT, JSON.stringify(this.#data));
    return this.#answer("0", "true");
  }

  LMSFinish(nothing) {
    const done = this.LMSCommit(nothing);
    if (done === "true") this.#state = this.#again ? "new" : "finished";
    return done;
  }

  LMSGetLastError() {
    return this.#error;
  }

  LMSGetErrorString() {
    return "";
  }

  LMSGetDiagnostic() {
    return "";
  }
}

/** Throws in these calls: from the first one, or once the session runs. */
class Throwing extends Strict {
  #from;
  constructor(from) {
    super();
    this.#from = from;
  }
  #fail(name) {
    if (this.#from.includes(name)) throw new Error(`no connection in ${name}`);
  }
  LMSInitialize(nothing) {
    this.#fail("LMSInitialize");
    return super.LMSInitialize(nothing);
  }
  LMSGetValue(name) {
    this.#fail("LMSGetValue");
    return super.LMSGetValue(name);
  }
  LMSSetValue(name, value) {
    this.#fail("LMSSetValue");
    return super.LMSSetValue(name, value);
  }
  LMSCommit(nothing) {
    this.#fail("LMSCommit");
    return super.LMSCommit(nothing);
  }
}

/** Refuses sessions for the first few seconds. */
class Slow extends Strict {
  #ready = false;
  constructor() {
    super();
    setTimeout(() => (this.#ready = true), LATE);
  }
  LMSInitialize(nothing) {
    return this.#ready ? super.LMSInitialize(nothing) : "false";
  }
}

/** The platform of scorm-again, from npm. */
async function again() {
  const { Scorm12API } = await import("./scorm12.js");
  const api = new Scorm12API({ autocommit: false, logLevel: 4 });
  const before = sessionStorage.getItem(KEPT);
  if (before) api.loadFromJSON(JSON.parse(before).cmi, "");
  const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(api.renderCommitCMI(true)));
  api.on("LMSCommit", keep);
  api.on("LMSFinish", keep);
  return api;
}

const PLATFORMS = {
  again,
  strict: () => new Strict(),
  lenient: () => new Strict(true),
  late: () => new Promise((resolve) => setTimeout(() => resolve(new Strict()), LATE)),
  slow: () => new Slow(),
  throwing: () => new Throwing(["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit"]),
  failing: () => new Throwing(["LMSSetValue", "LMSCommit"]),
  absent: () => undefined,
};

/** The same API, recording every call. */
function noted(api) {
  return new Proxy(api, {
    get:
      (target, name) =>
      (...args) => {
        try {
          const answer = target[name](...args);
          window.calls.push([name, args, answer]);
          return answer;
        } catch (error) {
          window.calls.push([name, args, `threw ${error.message}`]);
          throw error;
        }
      },
  });
}

const name = query.get("platform");
const begun = PLATFORMS[name]();
const inFrame = () => (document.querySelector("iframe").src = query.get("launch"));
const launch = query.get("opens") === "window" ? () => window.open(query.get("launch")) : inFrame;
if (name === "late") launch(); // the frame exists before its platform
const api = await begun;
if (api) window.API = noted(api);
if (name !== "late") launch();
window.launched = true;
