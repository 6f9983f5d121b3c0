/**
 * The page around the course in its SCORM package: it has the session with the platform as long as the learner goes from
 * page to page in its frame, and opens the page where the learner was last. The messages are listed in keep.js.
 */

import { FRAME, Keeper, MESSAGE, post } from "./keep.js";
import * as record from "./record.js";

const FIRST = "index.html";

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector(`iframe[name="${FRAME}"]`));
/** @type {import("./scorm.js").Report | null} the last one from the frame */
let reported = null;

const keeper = new Keeper(() => {
  // A late platform: the learner may have begun without it.
  if (!reported || reported.location === FIRST) open(keeper.location);
  tell();
});

/** @param {string} location   of a page in this package, as it was kept */
function open(location) {
  if (/^[a-z0-9-]+(\/[a-z0-9-]+)*\.html$/.test(location) && location !== FIRST) frame.src = location;
}

/** What is kept, and what the frame has reported since. */
function tell() {
  if (!frame.contentWindow || !keeper.settled) return;
  const text = record.write(record.merge(record.parse(keeper.text), record.parse(reported?.text ?? "")));
  post(frame.contentWindow, { text, words: keeper.words });
}

/** @param {any} report @returns {report is import("./scorm.js").Report} */
function isReport(report) {
  const { text, location, answered, right, asked } = report ?? {};
  return [text, location].every((part) => typeof part === "string") && [answered, right, asked].every(Number.isInteger);
}

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || data?.type !== MESSAGE) return;
  if (!isReport(data.report)) return tell(); // a page that has just been opened
  reported = data.report;
  keeper.save(data.report);
});

frame.src = FIRST;
open(keeper.location);
