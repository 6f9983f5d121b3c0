/**
 * A guess: the reader sets some controls, then asks for the answer, which appears in the picture.
 * demo.js binds it to a form.
 *
 * `.control.check` has a hidden field that says how much of the answer is visible: from "0" for
 * none to "1" for all, or "skip" if there was no guess. Controls marked `data-guess` are disabled
 * while an answer is shown; any other control sets a new task, and hides the answer. None of this
 * is ever in the URL.
 *
 * Dispatches "ml:guessed", which bubbles, on the form once the answer to a guess is shown. Guesses
 * are never graded.
 */

const REVEAL = 700; // ms until the whole answer is shown

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement | null} the hidden field, if the figure has a guess
 */
function answerField(form) {
  return form.querySelector(".control.check input[type=hidden]");
}

/** @param {HTMLInputElement} field @param {string} value */
function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Disables the controls of the guess while the answer is shown, and shows the right buttons.
 * @param {HTMLFormElement} form
 */
export function updateControls(form) {
  const field = answerField(form);
  const check = field?.closest(".control");
  if (!field || !check) return;
  const answered = field.value !== "0";
  for (const button of check.querySelectorAll("button"))
    button.hidden = (button.dataset.does === "again") !== answered;
  for (const control of form.querySelectorAll("[data-guess]"))
    for (const part of control instanceof HTMLFieldSetElement
      ? [control]
      : control.querySelectorAll("input, button"))
      part.toggleAttribute("disabled", answered);
}

/** Fades the answer in. @param {HTMLFormElement} form @param {HTMLInputElement} field */
function reveal(form, field) {
  const began = performance.now();
  const advance = (/** @type {number} */ now) => {
    if (field.value === "0" && now !== began) return; // reset in the meantime
    const part = reducedMotion.matches ? 1 : Math.min(Math.max((now - began) / REVEAL, 0.02), 1);
    set(field, part.toFixed(2).replace(/\.?0+$/, ""));
    if (part < 1) return requestAnimationFrame(advance);
    field.dispatchEvent(new Event("change", { bubbles: true }));
    form.dispatchEvent(new CustomEvent("ml:guessed", { bubbles: true }));
  };
  advance(began);
}

/**
 * Gives the buttons of a guess their actions.
 * @param {HTMLFormElement} form
 * @param {() => void} restart   resets the controls of the guess, with new data if the figure has a
 *   seed
 */
export function bindGuess(form, restart) {
  const field = answerField(form);
  if (!field) return;
  updateControls(form);
  form.addEventListener("input", ({ target }) => {
    if (target !== field) field.value = "0"; // a new task, without its answer
    updateControls(form);
  });
  field.closest(".control")?.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { does } = button.dataset;
    if (does === "check") reveal(form, field);
    if (does === "skip") set(field, "skip");
    if (does === "again") restart();
    updateControls(form);
    // The pressed button is hidden now: the next one gets the focus.
    const next = button.parentElement?.querySelector("button:not([hidden])");
    if (button.hidden && next instanceof HTMLElement) next.focus();
  });
}
