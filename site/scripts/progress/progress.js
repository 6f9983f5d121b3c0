/**
 * Progress of the learner: notices what happens in the page, shows it, and saves it (storage.js).
 * An entry point of every page.
 *
 * A lesson counts as read once its questions have come into view, and as tried once a control of
 * its figure was moved. That a guess was checked is saved, but neither shown nor graded. No other
 * script calls this one: it listens to events of the page.
 *
 * @typedef {import("./progress-data.js").Course} Course
 * @typedef {import("./progress-data.js").Lesson} Lesson
 */

import { parse } from "../figure/address.js";
import { openStore } from "./storage.js";
import { Question } from "./questions.js";
import * as progressData from "./progress-data.js";

/** What this visit has added; merged with what the store has, now or later. */
let mine = progressData.parse("");
let acted = false; // whether the learner has done something on this page
const article = document.querySelector("article.lesson");
const number = article instanceof HTMLElement ? Number(article.dataset.lesson) : 0; // 0: no lesson
const questions = [...document.querySelectorAll("fieldset.question")].map(
  (fieldset, index) => new Question(/** @type {HTMLFieldSetElement} */ (fieldset), () => answered(index)),
);
const store = openStore(() => {
  restore();
  if (mine.size || document.documentElement.dataset.package) save();
});

const all = () => progressData.merge(progressData.parse(store.text), mine);

/** @param {string} selector @returns {HTMLElement[]} */
const elements = (selector) =>
  [...document.querySelectorAll(selector)].filter((found) => found instanceof HTMLElement);

/**
 * The lessons that this page links to, or its own, with the number of questions.
 * @returns {Course}
 */
function course() {
  const links = elements("a[data-lesson]").map(
    ({ dataset }) => /** @type {const} */ ([Number(dataset.lesson), Number(dataset.questions)]),
  );
  return new Map(links.length || !number ? links : [[number, questions.length]]);
}

/**
 * Notes something about this lesson, and saves it if it is new.
 * @param {(lesson: Lesson) => void} note @param {boolean} [acts]   whether the learner did it
 */
function happened(note, acts = true) {
  acted ||= acts;
  const before = progressData.write(all());
  note(progressData.lesson(mine, number));
  if (progressData.write(all()) !== before) save();
}

function save(progress = all()) {
  const { answered, right, asked } = progressData.score(progress, course());
  const location = document.documentElement.dataset.page ?? "";
  store.save({ text: progressData.write(progress), location, answered, right, asked, acted });
  show();
}

/** Puts saved answers into the questions, and shows the progress. */
function restore() {
  const { answers = [] } = all().get(number) ?? {};
  for (const [index, question] of questions.entries()) {
    const saved = understood(answers[index], index);
    if (question.answer !== (saved?.text ?? "")) question.answer = saved?.text ?? "";
    // A new version of the course may judge an answer differently.
    if (saved && saved.right !== question.right) answered(index, false);
  }
  show();
}

/**
 * A saved answer; undefined if this version of the question does not have it. It stays saved.
 * @param {progressData.Answer | undefined} answer @param {number} index
 */
function understood(answer, index) {
  return answer && questions[index]?.takes(answer.text) ? answer : undefined;
}

/** @param {number} index @param {boolean} [acts]   whether the learner has answered now */
function answered(index, acts = true) {
  const { answer: text, right } = questions[index];
  happened(({ answers }) => (answers[index] = { text, right }), acts);
}

function show() {
  const progress = all();
  for (const link of elements("a[data-lesson]")) {
    const done = progress.get(Number(link.dataset.lesson)) ?? progressData.untouched();
    link.classList.toggle("is-read", done.read);
    link.querySelector(".done")?.remove();
    const words = link.closest(".contents")
      ? inWords(done, Number(link.dataset.questions))
      : done.read
        ? ", read"
        : "";
    if (!words) continue;
    const className = link.closest(".contents") ? "done" : "done unseen";
    link.append(Object.assign(document.createElement("span"), { className, textContent: words }));
  }
  const sum = progressData.score(progress, course());
  for (const box of elements(".so-far")) {
    const [words, where] = box.querySelectorAll("p");
    const done = number ? ofLesson(progress.get(number)) : ofCourse(sum);
    words.textContent = done;
    where.textContent = store.words;
    box.hidden = number ? !questions.length : !done;
  }
  const start = document.querySelector(".ways-in .start");
  const next = elements(".contents a[data-lesson]").find((link) => !link.classList.contains("is-read"));
  if (!(start instanceof HTMLAnchorElement) || !(next instanceof HTMLAnchorElement)) return;
  const part = [...(next.closest(".part")?.classList ?? [])].find((name) => /^part-\d/.test(name));
  start.href = next.href;
  start.className = `start ${part}`;
  const way = sum.read ? "Go on" : "Start";
  start.textContent = `${way} with lesson ${next.dataset.lesson}, ${next.dataset.title}`;
}

/**
 * @param {Lesson} lesson @param {number} asked
 * @returns {string} as in "Read, tried, 2 of 3 right"; "" if nothing was done
 */
function inWords({ read, tried, answers }, asked) {
  const right = answers.filter((answer) => answer?.right).length;
  const given = answers.some((answer) => answer);
  const words = [read && "read", tried && "tried", given && `${right} of ${asked} right`]
    .filter(Boolean)
    .join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Lesson} [lesson] @returns {string} */
function ofLesson({ answers } = progressData.untouched()) {
  const given = answers.filter(understood);
  const right = given.filter((answer) => answer?.right).length;
  return given.length ? `You have ${right} of ${questions.length} right.` : "";
}

/** @param {import("./progress-data.js").Score} sum @returns {string} "" if nothing was done */
function ofCourse({ read, tried, answered, right, asked }) {
  if (!read && !tried && !answered) return "";
  const lessons = course().size;
  const words = [`You have read ${read} of ${lessons} lessons`];
  if (tried) words.push(`tried the figures of ${tried}`);
  if (answered) words.push(`answered ${answered} of ${asked} questions, ${right} of them right`);
  return `${words.join(", ").replace(/, (?=(tried|answered)(?!.*, (tried|answered)))/, " and ")}.`;
}

/** The first press asks, the second forgets. @param {HTMLButtonElement} button */
function forget(button) {
  if (!button.dataset.asks) return ask(button, true);
  ask(button, false);
  mine = progressData.parse("");
  acted = true;
  save(mine);
  restore();
}

/** @param {HTMLElement} button @param {boolean} asks   whether the next press forgets */
function ask(button, asks) {
  if (asks) button.dataset.asks = "yes";
  else delete button.dataset.asks;
  button.textContent = asks ? "Forget all of it? Press again" : "Forget my progress";
}

const tried = (/** @type {Event} */ { target }) => {
  const demo = target instanceof Element && target.closest("article.lesson ml-demo form");
  if (demo) happened((lesson) => (lesson.tried = true));
};
const guessed = (/** @type {Event} */ { target }) => {
  if (target instanceof Element && target.closest("article.lesson ml-demo"))
    happened((lesson) => (lesson.guessed = true));
};
const reading = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  reading.disconnect();
  happened((lesson) => (lesson.read = true), false); // the text may have been in view from the start
});
const end = article?.querySelector("#check");
if (end) reading.observe(end);
document.addEventListener("input", tried);
document.addEventListener("ml:guessed", guessed);
addEventListener("hashchange", ({ newURL }) => {
  // A link in the text that sets a figure: `#normal?sd=0.5`.
  const { name, fields } = parse(new URL(newURL).hash);
  if (
    Object.keys(fields).length &&
    document.querySelector(`article.lesson ml-demo[name="${CSS.escape(name)}"]`)
  )
    happened((lesson) => (lesson.tried = true));
});
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest(".so-far button");
  if (button instanceof HTMLButtonElement) forget(button);
});
document.addEventListener("focusout", ({ target }) => {
  if (target instanceof HTMLButtonElement && target.dataset.asks) ask(target, false);
});
addEventListener("pageshow", (event) => event.persisted && restore());
addEventListener("storage", () => restore()); // in another tab of this browser
restore();
