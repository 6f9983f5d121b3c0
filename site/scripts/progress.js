/**
 * Which lessons have been read: remembered in this browser, shown at every link to a lesson.
 *
 * A lesson counts as read once its questions have come into view. Where a frame or a setting refuses storage, nothing is
 * remembered, and nothing else suffers.
 */

import { Question } from "./questions.js";

const KEY = "ml-read";

/** @returns {Set<string>} addresses of lessons, relative to the course */
function load() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(found) ? found.map(String) : []);
  } catch {
    return new Set();
  }
}

/** @param {Set<string>} read */
function save(read) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...read]));
  } catch {
    // refused, or full
  }
}

/** @param {Set<string>} read */
function show(read) {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-lesson]"));
  for (const link of links) {
    if (!read.has(link.dataset.lesson ?? "") || link.querySelector(".read")) continue;
    link.append(Object.assign(document.createElement("span"), { className: "read unseen", textContent: ", read" }));
    link.classList.add("is-read");
  }
  const [words, start] = [document.querySelector(".read-so-far"), document.querySelector(".ways-in .start")];
  const contents = [...links].filter((link) => link.closest(".contents"));
  const count = contents.filter((link) => read.has(link.dataset.lesson ?? "")).length;
  if (!(words instanceof HTMLElement) || !(start instanceof HTMLAnchorElement) || !count) return;
  words.textContent = `You have read ${count} of ${contents.length} lessons.`;
  words.hidden = false;
  const next = contents.find((link) => !read.has(link.dataset.lesson ?? ""));
  if (!next) return;
  const part = [...(next.closest(".part")?.classList ?? [])].find((name) => /^part-\d/.test(name));
  start.href = next.href;
  start.className = `start ${part}`;
  start.textContent = `Go on with lesson ${next.querySelector("b")?.textContent}, ${next.querySelector(".name")?.textContent}`;
}

const questions = document.querySelector(".lesson > #check");
const here = document.querySelector("a[data-lesson][aria-current=page]");
if (questions && here instanceof HTMLElement) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    const read = load().add(here.dataset.lesson ?? "");
    save(read);
    show(read);
  });
  seen.observe(questions);
}
for (const fieldset of document.querySelectorAll("fieldset.question")) {
  new Question(/** @type {HTMLFieldSetElement} */ (fieldset), () => {});
}
show(load());
addEventListener("pageshow", (event) => event.persisted && show(load()));
