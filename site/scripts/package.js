/**
 * The page around the course in its SCORM package: it has the session with the platform as long as the learner goes from
 * page to page in its frame, and opens the page where the learner was last. The messages are listed in keep.js.
 */

import { FRAME, Keeper, MESSAGE, post } from "./keep.js";
import * as record from "./record.js";

const FIRST = "index.html";
const pages = (document.documentElement.dataset.pages ?? "").split(" ");

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector(`iframe[name="${FRAME}"]`));
const note = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
/** @type {import("./scorm.js").Report | null} the last one from the frame */
let reported = null;
let said = ""; // to the frame, of where progress is kept

const keeper = new Keeper(() => {
  // A late platform: the learner may have begun without it.
  if (!reported || reported.location === FIRST) open(keeper.location);
  tell();
});

/**
 * The page where the learner was last. A version of the course may have it no more, and a platform may have changed its name:
 * then the start of the course is shown, and a sentence about it.
 * @param {string} location   as it was kept
 */
function open(location) {
  const missing = location !== "" && !pages.includes(location);
  note.hidden = !missing;
  note.textContent = missing ? "The page where you were last is not in this course any more. This is the start of the course." : "";
  if (!missing && location && location !== FIRST) frame.src = location;
}

/** What is kept, and what the frame has reported since. */
function tell() {
  if (!frame.contentWindow || !keeper.settled) return;
  const text = record.write(record.merge(record.parse(keeper.text), record.parse(reported?.text ?? "")));
  said = keeper.words;
  post(frame.contentWindow, { text, words: said });
}

/** @param {any} report @returns {report is import("./scorm.js").Report} */
function isReport(report) {
  const { text, location, answered, right, asked, acted } = report ?? {};
  return typeof acted === "boolean" && [text, location].every((part) => typeof part === "string") && [answered, right, asked].every(Number.isInteger);
}

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || data?.type !== MESSAGE) return;
  if (!isReport(data.report)) return tell(); // a page that has just been opened
  reported = data.report;
  if (data.report.location !== FIRST) note.hidden = true; // the learner has gone on
  keeper.save(data.report);
  if (keeper.words !== said) tell();
});

frame.src = FIRST;
open(keeper.location);
