/**
 * The questions at the end of a lesson: each says at once whether an answer is right, and what to
 * do next. progress.js creates one `Question` for each <fieldset class="question">, and saves the
 * answers.
 *
 * The build has checked their markup (bundle/questions.py) and put an empty <output> into each.
 */

import * as numbers from "../figure/numbers.js";

const RIGHT = "Right.";
/** @type {Record<string, string>} the first words, by how the answer is wrong */
const NOT_YET = { low: "Not yet: too small.", high: "Not yet: too large.", other: "Not yet." };

export class Question {
  #fieldset;
  #fields;
  #said;

  /**
   * @param {HTMLFieldSetElement} fieldset
   * @param {() => void} answered   called after each answer of the reader
   */
  constructor(fieldset, answered) {
    this.#fieldset = fieldset;
    this.#fields = [...fieldset.querySelectorAll("input")];
    this.#said = /** @type {HTMLOutputElement} */ (fieldset.querySelector("output"));
    fieldset.addEventListener("change", () => {
      this.#judge();
      answered();
    });
  }

  /** The answer: the option's value, or the number; "" if there is none. */
  get answer() {
    const number = this.#number;
    if (this.#typed) return number === undefined ? "" : numbers.write(number);
    return this.#fields.find((field) => field.checked)?.value ?? "";
  }

  /** Puts a saved answer back. */
  set answer(answer) {
    for (const field of this.#fields) {
      if (this.#typed) field.value = answer;
      else field.checked = field.value === answer;
    }
    this.#judge();
  }

  /** Whether a saved answer fits: the question may have changed since. @param {string} answer */
  takes(answer) {
    return this.#typed
      ? numbers.readings(answer).length === 1
      : this.#fields.some(({ value }) => value === answer);
  }

  /** Whether it asks for a number. */
  get #typed() {
    return "number" in this.#fields[0].dataset;
  }

  /** What the text in its field can mean. */
  get #readings() {
    const { value, dataset } = this.#fields[0];
    return numbers.readings(numbers.withoutUnit(value, dataset.unit ?? ""));
  }

  get #number() {
    const all = this.#typed ? this.#readings : [];
    return all.length === 1 ? all[0] : undefined;
  }

  /** Whether the answer is right. */
  get right() {
    return this.#miss() === "";
  }

  /** How the answer is wrong: "low", "high", or "other"; "" if it is right. */
  #miss() {
    const [first] = this.#fields;
    if (!this.#typed)
      return this.#fields.find((field) => field.checked)?.hasAttribute("data-right") ? "" : "other";
    const number = this.#number;
    if (number === undefined) return "other";
    const { right, within } = first.dataset;
    const over = number - Number(right);
    // A little tolerance: in floating point, 0.1 + 0.2 is not 0.3.
    if (Math.abs(over) <= Number(within) + 1e-9 * Math.abs(Number(right))) return "";
    return over < 0 ? "low" : "high";
  }

  /** Whether the field has a text that is not exactly one number. */
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
    else
      this.#next(
        this.#misread ? numbers.refusal(this.#fields[0].value, this.#readings) : NOT_YET[this.#miss()],
      );
  }

  /** @param {string} words */
  #next(words) {
    const demo = Object.assign(document.createElement("a"), { href: "#demo", textContent: "the demo" });
    this.#said.replaceChildren(`${words} Look at `, demo, " and try again, or open the answer below.");
  }
}
