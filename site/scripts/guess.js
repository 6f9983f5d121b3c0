/**
 * A guess: the reader sets some controls, then asks for the answer, which comes into the picture.
 *
 * `.control.check` holds a hidden field with how much of the answer may be seen: "0" none, up to "1" all, "skip" if no guess was
 * made. The controls marked `data-guess` rest while an answer is there; any other one sets a new task, and hides the answer.
 * Nothing of it is ever in the address.
 *
 * Dispatches "ml:guessed" on the form, which bubbles, once an answer to a guess is there. A guess is never graded.
 */

const COMING = 700; // ms until the whole answer is there

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {HTMLFormElement} form @returns {HTMLInputElement | null} the field of its guess, if it has one */
function answerOf(form) {
  return form.querySelector(".control.check input[type=hidden]");
}

/** @param {HTMLInputElement} field @param {string} value */
function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Lets the controls of the guess rest while the answer is there, and shows the buttons that make sense. @param {HTMLFormElement} form */
export function arrange(form) {
  const field = answerOf(form);
  const check = field?.closest(".control");
  if (!field || !check) return;
  const answered = field.value !== "0";
  for (const button of check.querySelectorAll("button"))
    button.hidden = (button.dataset.does === "again") !== answered;
  for (const control of form.querySelectorAll("[data-guess]"))
    for (const part of control instanceof HTMLFieldSetElement ? [control] : control.querySelectorAll("input, button"))
      part.toggleAttribute("disabled", answered);
}

/** Lets the answer come in. @param {HTMLFormElement} form @param {HTMLInputElement} field */
function reveal(form, field) {
  const began = performance.now();
  const advance = (/** @type {number} */ now) => {
    if (field.value === "0" && now !== began) return; // reset meanwhile
    const part = still.matches ? 1 : Math.min(Math.max((now - began) / COMING, 0.02), 1);
    set(field, part.toFixed(2).replace(/\.?0+$/, ""));
    if (part < 1) return requestAnimationFrame(advance);
    field.dispatchEvent(new Event("change", { bubbles: true }));
    form.dispatchEvent(new CustomEvent("ml:guessed", { bubbles: true }));
  };
  advance(began);
}

/**
 * Gives the buttons of a guess their work.
 * @param {HTMLFormElement} form
 * @param {() => void} restart   puts the controls of the guess back, with new data where there are any
 */
export function bindGuess(form, restart) {
  const field = answerOf(form);
  if (!field) return;
  arrange(form);
  form.addEventListener("input", ({ target }) => {
    if (target !== field) field.value = "0"; // another task: its answer has not been asked for
    arrange(form);
  });
  field.closest(".control")?.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { does } = button.dataset;
    if (does === "check") reveal(form, field);
    if (does === "skip") set(field, "skip");
    if (does === "again") restart();
    arrange(form);
    // The button that was pressed is gone: what comes next takes the focus.
    const next = button.parentElement?.querySelector("button:not([hidden])");
    if (button.hidden && next instanceof HTMLElement) next.focus();
  });
}
