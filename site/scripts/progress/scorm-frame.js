/**
 * The page around the course in its SCORM package (bundle/templates/package.html). It has the
 * session with the platform while the learner goes from page to page in its frame, and opens the
 * page where the learner was last. The messages are listed in storage.js.
 */

import { FRAME, MESSAGE, ProgressStore, post } from "./storage.js";
import * as progressData from "./progress-data.js";

const FIRST = "index.html";
const pages = (document.documentElement.dataset.pages ?? "").split(" ");

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector(`iframe[name="${FRAME}"]`));
const note = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
/** @type {import("./scorm.js").Report | null} the last report from the frame */
let reported = null;
let said = ""; // the words that the frame got last

const store = new ProgressStore(() => {
  // If the platform is late, the learner may have started without it.
  if (!reported || reported.location === FIRST) open(store.location);
  tell();
});

/**
 * Opens the page where the learner was last. If it is not in this version of the course, or the
 * platform has changed its name, the start of the course is shown, with a sentence about that.
 * @param {string} location   as it was saved
 */
function open(location) {
  const missing = location !== "" && !pages.includes(location);
  note.hidden = !missing;
  note.textContent = missing
    ? "The page where you were last is not in this course any more. This is the start of the course."
    : "";
  if (!missing && location && location !== FIRST) frame.src = location;
}

/** Sends the frame what was saved, merged with what it has reported since. */
function tell() {
  if (!frame.contentWindow || !store.settled) return;
  const text = progressData.write(
    progressData.merge(progressData.parse(store.text), progressData.parse(reported?.text ?? "")),
  );
  said = store.words;
  post(frame.contentWindow, { text, words: said });
}

/** @param {any} report @returns {report is import("./scorm.js").Report} */
function isReport(report) {
  const { text, location, answered, right, asked, acted } = report ?? {};
  return (
    typeof acted === "boolean" &&
    [text, location].every((part) => typeof part === "string") &&
    [answered, right, asked].every(Number.isInteger)
  );
}

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || data?.type !== MESSAGE) return;
  if (!isReport(data.report)) return tell(); // from a page that was just opened
  reported = data.report;
  if (data.report.location !== FIRST) note.hidden = true; // the learner has gone on
  store.save(data.report);
  if (store.words !== said) tell();
});

frame.src = FIRST;
open(store.location);
