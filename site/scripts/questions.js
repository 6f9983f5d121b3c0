/**
 * The questions at the end of a lesson: each says at once whether an answer is right, and what to do next.
 *
 * The build has checked their marks (bundle/questions.py) and put an empty <output> into each. What was answered is kept by
 * progress.js.
 */

import * as numbers from "./numbers.js";

const RIGHT = "Right.";
/** @type {Record<string, string>} what comes before the next step, by how the answer misses */
const NOT_YET = { low: "Not yet: too small.", high: "Not yet: too large.", other: "Not yet." };

export class Question {
  #fieldset;
  #fields;
  #said;

  /** @param {HTMLFieldSetElement} fieldset @param {() => void} answered   called after each answer of the reader */
  constructor(fieldset, answered) {
    this.#fieldset = fieldset;
    this.#fields = [...fieldset.querySelectorAll("input")];
    this.#said = /** @type {HTMLOutputElement} */ (fieldset.querySelector("output"));
    fieldset.addEventListener("change", () => {
      this.#judge();
      answered();
    });
  }

  /** What was answered: the option's value, or the number as it was typed; "" before. */
  get answer() {
    const number = this.#number;
    if (this.#typed) return number === undefined ? "" : numbers.write(number);
    return this.#fields.find((field) => field.checked)?.value ?? "";
  }

  /** An answer of before, put back. */
  set answer(answer) {
    for (const field of this.#fields) {
      if (this.#typed) field.value = answer;
      else field.checked = field.value === answer;
    }
    this.#judge();
  }

  /** Whether an answer that was kept can be put back: the question may be another one by now. @param {string} answer */
  takes(answer) {
    return this.#typed ? numbers.readings(answer).length === 1 : this.#fields.some(({ value }) => value === answer);
  }

  /** Whether it asks for a number. */
  get #typed() {
    return "number" in this.#fields[0].dataset;
  }

  /** What the text in its field can mean. */
  get #readings() {
    const { value, dataset } = this.#fields[0];
    return numbers.readings(numbers.without(value, dataset.unit ?? ""));
  }

  get #number() {
    const all = this.#typed ? this.#readings : [];
    return all.length === 1 ? all[0] : undefined;
  }

  /** Whether the answer is right. */
  get right() {
    return this.#miss() === "";
  }

  /** How the answer misses: "low", "high", or "other"; "" if it is right. */
  #miss() {
    const [first] = this.#fields;
    if (!this.#typed) return this.#fields.find((field) => field.checked)?.hasAttribute("data-right") ? "" : "other";
    const number = this.#number;
    if (number === undefined) return "other";
    const { right, within } = first.dataset;
    const over = number - Number(right);
    // A hair more than asked: 0.1 + 0.2 is not 0.3 in a computer's numbers.
    if (Math.abs(over) <= Number(within) + 1e-9 * Math.abs(Number(right))) return "";
    return over < 0 ? "low" : "high";
  }

  /** Whether there is something that is not one number. */
  get #misread() {
    return this.#typed && this.#fields[0].value.trim() !== "" && this.#number === undefined;
  }

  #judge() {
    const given = this.answer !== "" || this.#misread;
    this.#fieldset.classList.toggle("is-right", given && this.right);
    this.#fieldset.classList.toggle("is-not-yet", given && !this.right);
    if (this.#typed) this.#fields[0].toggleAttribute("aria-invalid", false);
    if (this.#misread) this.#fields[0].setAttribute("aria-invalid", "true");
    if (!given) this.#said.textContent = "";
    else if (this.right) this.#said.textContent = `${RIGHT} The answer below explains why.`;
    else this.#next(this.#misread ? numbers.refusal(this.#fields[0].value, this.#readings) : NOT_YET[this.#miss()]);
  }

  /** @param {string} words */
  #next(words) {
    const demo = Object.assign(document.createElement("a"), { href: "#demo", textContent: "the demo" });
    this.#said.replaceChildren(`${words} Look at `, demo, " and try again, or open the answer below.");
  }
}
