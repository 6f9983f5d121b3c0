/**
 * What a learner has read, tried, guessed and answered: plain values, and the text they are saved
 * as. Pure functions; progress.js, storage.js and scorm-frame.js use them.
 *
 * The text is like `1 4rt:a!,2.5 11r`: the version of this format, then for each lesson its number,
 * `r` if it was read, `t` if its figure was tried, and the answers in the order of the questions,
 * each with `!` if it was right. A lesson with a checked guess has one more entry, `4g`: older
 * versions of the course skip it and read the rest. A whole course takes far less than the 4096
 * characters that SCORM 1.2 allows (tests/scripts/progress-data.test.js measures it).
 *
 * @typedef {{text: string, right: boolean}} Answer
 * @typedef {{read: boolean, tried: boolean, guessed: boolean, answers: (Answer | undefined)[]}}
 *   Lesson
 * @typedef {Map<number, Lesson>} Progress   by the number of the lesson
 * @typedef {Map<number, number>} Course   how many questions each lesson asks
 * @typedef {{read: number, tried: number, answered: number, right: number, asked: number}} Score
 */

const VERSION = "1";
const MAX_ANSWER_LENGTH = 12; // characters of an answer
const WRITTEN = /^[\w.~*'()%-]*!?$/; // an answer, as `escaped` writes it
const ENTRY = /^(\d{1,3})(?:g|(r?)(t?)(?::(.*))?)$/;

/** A lesson in which nothing was done. @returns {Lesson} */
export function untouched() {
  return { read: false, tried: false, guessed: false, answers: [] };
}

/**
 * The entry of a lesson, created if it is missing.
 * @param {Progress} progress @param {number} number
 * @returns {Lesson}
 */
export function lesson(progress, number) {
  const found = progress.get(number) ?? untouched();
  progress.set(number, found);
  return found;
}

/**
 * The progress in a text; empty if the text is not in this format.
 * @param {string} text
 * @returns {Progress}
 */
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
      const text = unescaped(right ? written.slice(0, -1) : written);
      return text ? { text, right } : undefined;
    });
  }
  return progress;
}

/**
 * Whether all of a text is in this format. Another text may come from a newer version of the
 * course, or from a platform that encoded it again: that is not the same as no progress.
 * @param {string} text
 */
export function isReadable(text) {
  const [version, ...entries] = text.trim().split(" ");
  return (
    !version || (version === VERSION && entries.every((entry) => isWhole(ENTRY.exec(entry)?.[4], entry)))
  );
}

/** @param {string | undefined} answers @param {string} entry */
function isWhole(answers, entry) {
  return (
    ENTRY.test(entry) &&
    (answers ?? "")
      .split(",")
      .every((written) => !written || (WRITTEN.test(written) && unescaped(written) !== ""))
  );
}

/** @param {string} written */
function unescaped(written) {
  try {
    return decodeURIComponent(written);
  } catch {
    return ""; // a percent sign that encodes nothing
  }
}

/** @param {Progress} progress @returns {string} */
export function write(progress) {
  const entries = [...progress]
    .sort(([a], [b]) => a - b)
    .map(([number, { read, tried, guessed, answers }]) => {
      const written = Array.from(answers, (answer) =>
        answer ? `${escaped(answer.text)}${answer.right ? "!" : ""}` : "",
      );
      const list = written.join(",").replace(/,+$/, "");
      const rest = `${read ? "r" : ""}${tried ? "t" : ""}${list && `:${list}`}`;
      return [rest || !guessed ? `${number}${rest}` : "", guessed ? `${number}g` : ""]
        .filter(Boolean)
        .join(" ");
    });
  return [VERSION, ...entries].join(" ");
}

/** Shortened, without characters that have a meaning in this format. @param {string} text */
function escaped(text) {
  const short = text.length > MAX_ANSWER_LENGTH ? Number(text).toPrecision(5) : text;
  return encodeURIComponent(short.slice(0, MAX_ANSWER_LENGTH)).replace(/!/g, "%21");
}

/**
 * Both combined; `later` wins where both have an answer.
 * @param {Progress} earlier @param {Progress} later
 * @returns {Progress}
 */
export function merge(earlier, later) {
  /** @type {Progress} */
  const both = new Map();
  for (const number of new Set([...earlier.keys(), ...later.keys()])) {
    const [a, b] = [earlier.get(number) ?? untouched(), later.get(number) ?? untouched()];
    const answers = Array.from(
      { length: Math.max(a.answers.length, b.answers.length) },
      (_, i) => b.answers[i] ?? a.answers[i],
    );
    both.set(number, {
      read: a.read || b.read,
      tried: a.tried || b.tried,
      guessed: a.guessed || b.guessed,
      answers,
    });
  }
  return both;
}

/**
 * How much of a course is done.
 * @param {Progress} progress @param {Course} course
 * @returns {Score}
 */
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
