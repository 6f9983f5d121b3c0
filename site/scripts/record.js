/**
 * What a learner has read, tried, guessed and answered: plain values, and the one text that they are kept as.
 *
 * The text is `1 4rt:a!,2.5 11r`: the version of this form, then for each lesson its number, `r` if it was read, `t` if its
 * demo was tried, and its answers in the order of the questions, each with `!` if it was right. A lesson where a guess was
 * checked has one more entry, `4g`: what read this form before there were guesses passes over it, and keeps the rest. A whole
 * course takes far less than the 4096 characters that SCORM 1.2 allows (tests/scripts/record.test.js measures it).
 *
 * @typedef {{text: string, right: boolean}} Answer
 * @typedef {{read: boolean, tried: boolean, guessed: boolean, answers: (Answer | undefined)[]}} Lesson
 * @typedef {Map<number, Lesson>} Progress   by the number of the lesson
 * @typedef {Map<number, number>} Course     how many questions each lesson asks
 * @typedef {{read: number, tried: number, answered: number, right: number, asked: number}} Score
 */

const VERSION = "1";
const LONGEST = 12; // characters of an answer
const WRITTEN = /^[\w.~*'()%-]*!?$/; // an answer, as `escaped` writes it
const ENTRY = /^(\d{1,3})(?:g|(r?)(t?)(?::(.*))?)$/;

/** A lesson in which nothing was done. @returns {Lesson} */
export function untouched() {
  return { read: false, tried: false, guessed: false, answers: [] };
}

/** A lesson's entry, made if it has none yet. @param {Progress} progress @param {number} number @returns {Lesson} */
export function lesson(progress, number) {
  const found = progress.get(number) ?? untouched();
  progress.set(number, found);
  return found;
}

/** What a text holds; nothing, if it is not one of ours. @param {string} text @returns {Progress} */
export function parse(text) {
  /** @type {Progress} */
  const progress = new Map();
  const [version, ...entries] = text.split(" ");
  if (version !== VERSION) return progress;
  for (const entry of entries) {
    const [, number, read, tried, answers = ""] = ENTRY.exec(entry) ?? [];
    if (!number) continue;
    const found = lesson(progress, Number(number));
    if (entry === `${number}g`) {
      found.guessed = true;
      continue;
    }
    found.read = read === "r";
    found.tried = tried === "t";
    found.answers = answers.split(",").map((written) => {
      const right = written.endsWith("!");
      const text = plain(right ? written.slice(0, -1) : written);
      return text ? { text, right } : undefined;
    });
  }
  return progress;
}

/**
 * Whether a text is one of ours, all of it. What is not may come from a newer version of the course, or from a platform that
 * has encoded it once more: it must not be taken for nothing.
 * @param {string} text
 */
export function isReadable(text) {
  const [version, ...entries] = text.trim().split(" ");
  return !version || (version === VERSION && entries.every((entry) => isWhole(ENTRY.exec(entry)?.[4], entry)));
}

/** @param {string | undefined} answers @param {string} entry */
function isWhole(answers, entry) {
  return ENTRY.test(entry) && (answers ?? "").split(",").every((written) => !written || (WRITTEN.test(written) && plain(written) !== ""));
}

/** @param {string} written */
function plain(written) {
  try {
    return decodeURIComponent(written);
  } catch {
    return ""; // somebody else's percent sign
  }
}

/** @param {Progress} progress @returns {string} */
export function write(progress) {
  const entries = [...progress].sort(([a], [b]) => a - b).map(([number, { read, tried, guessed, answers }]) => {
    const written = Array.from(answers, (answer) => (answer ? `${escaped(answer.text)}${answer.right ? "!" : ""}` : ""));
    const list = written.join(",").replace(/,+$/, "");
    const rest = `${read ? "r" : ""}${tried ? "t" : ""}${list && `:${list}`}`;
    return [rest || !guessed ? `${number}${rest}` : "", guessed ? `${number}g` : ""].filter(Boolean).join(" ");
  });
  return [VERSION, ...entries].join(" ");
}

/** Short, and without a sign that means something here. @param {string} text */
function escaped(text) {
  const short = text.length > LONGEST ? Number(text).toPrecision(5) : text;
  return encodeURIComponent(short.slice(0, LONGEST)).replace(/!/g, "%21");
}

/** Both together; where both have an answer, that of `later`. @param {Progress} earlier @param {Progress} later @returns {Progress} */
export function merge(earlier, later) {
  /** @type {Progress} */
  const both = new Map();
  for (const number of new Set([...earlier.keys(), ...later.keys()])) {
    const [a, b] = [earlier.get(number) ?? untouched(), later.get(number) ?? untouched()];
    const answers = Array.from({ length: Math.max(a.answers.length, b.answers.length) }, (_, i) => b.answers[i] ?? a.answers[i]);
    both.set(number, { read: a.read || b.read, tried: a.tried || b.tried, guessed: a.guessed || b.guessed, answers });
  }
  return both;
}

/** What of a course is done. @param {Progress} progress @param {Course} course @returns {Score} */
export function score(progress, course) {
  const sum = { read: 0, tried: 0, answered: 0, right: 0, asked: 0 };
  for (const [number, asked] of course) {
    const { read, tried, answers } = progress.get(number) ?? untouched();
    const given = answers.slice(0, asked).filter((answer) => answer !== undefined);
    sum.read += Number(read);
    sum.tried += Number(tried);
    sum.answered += given.length;
    sum.right += given.filter(({ right }) => right).length;
    sum.asked += asked;
  }
  return sum;
}
