/**
 * The questions at the end of a lesson: each says at once whether an answer is right, and what to do next.
 *
 * The build has checked their marks (bundle/questions.py) and put an empty <output> into each. What was answered is kept by
 * progress.js.
 */

const RIGHT = "Right.";
const MISREAD = "That is not a number.";
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
    // A browser tells of no change when what is typed is no number.
    fieldset.addEventListener("focusout", () => this.#misread && this.#judge());
  }

  /** What was answered: the option's value, or the number as it was typed; "" before. */
  get answer() {
    const [first] = this.#fields;
    if (first.type === "number") return first.value;
    return this.#fields.find((field) => field.checked)?.value ?? "";
  }

  /** An answer of before, put back. */
  set answer(answer) {
    for (const field of this.#fields) {
      if (field.type === "number") field.value = answer;
      else field.checked = field.value === answer;
    }
    this.#judge();
  }

  /** Whether the answer is right. */
  get right() {
    return this.#miss() === "";
  }

  /** How the answer misses: "low", "high", or "other"; "" if it is right. */
  #miss() {
    const [first] = this.#fields;
    if (first.type !== "number") return this.#fields.find((field) => field.checked)?.hasAttribute("data-right") ? "" : "other";
    if (!first.value) return "other";
    const { right, within } = first.dataset;
    const over = first.valueAsNumber - Number(right);
    // A hair more than asked: 0.1 + 0.2 is not 0.3 in a computer's numbers.
    if (Math.abs(over) <= Number(within) + 1e-9 * Math.abs(Number(right))) return "";
    return over < 0 ? "low" : "high";
  }

  get #misread() {
    return this.#fields[0].validity.badInput;
  }

  #judge() {
    const given = this.answer !== "" || this.#misread;
    this.#fieldset.classList.toggle("is-right", given && this.right);
    this.#fieldset.classList.toggle("is-not-yet", given && !this.right);
    if (!given) this.#said.textContent = "";
    else if (this.right) this.#said.textContent = `${RIGHT} The answer below says why.`;
    else this.#next(this.#misread ? MISREAD : NOT_YET[this.#miss()]);
  }

  /** @param {string} words */
  #next(words) {
    const demo = Object.assign(document.createElement("a"), { href: "#demo", textContent: "the demo" });
    this.#said.replaceChildren(`${words} Look at `, demo, " and try again, or open the answer below.");
  }
}
