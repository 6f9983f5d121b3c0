/**
 * What a figure says about itself over its picture: that Python is starting or a picture takes
 * long, and why something failed, with a button for the next step. demo.js calls it.
 */

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

export class Status {
  #status;
  #trouble;
  #form;

  /** @param {HTMLElement} status @param {HTMLElement} trouble @param {HTMLFormElement} form */
  constructor(status, trouble, form) {
    this.#status = status;
    this.#trouble = trouble;
    this.#form = form;
  }

  /**
   * Shows what is going on, in the corner of the picture.
   * @param {string} words @param {number} [part]   from 0 to 1, if known
   */
  report(words, part) {
    const [text, bar] = [this.#status.querySelector(".words"), this.#status.querySelector(".bar")];
    if (text) text.textContent = words;
    if (bar instanceof HTMLElement) bar.style.transform = `scaleX(${part ?? 0})`;
    this.#status.hidden = false;
  }

  /** @param {{words: string, done: number, total: number}} progress   of a download, in bytes */
  progress({ words, done, total }) {
    if (total) this.report(`${words}, ${megabytes(done)} of ${megabytes(total)} MB`, done / total);
    else this.report(words);
  }

  /** Takes the report away. */
  done() {
    if (!this.#status.hidden) this.#status.hidden = true;
  }

  /** @param {string} message @param {boolean} fatal   whether Python could not start */
  fail(message, fatal) {
    this.#status.hidden = true;
    const [words, button] = [this.#trouble.querySelector("p"), this.#trouble.querySelector("button")];
    if (!words || !button) return;
    words.textContent = message;
    button.textContent = fatal ? "Try again" : "Reset the controls";
    button.dataset.does = fatal ? "again" : "reset";
    this.#trouble.hidden = false;
    document.dispatchEvent(new CustomEvent("ml:error", { detail: { message } }));
  }

  /** Takes the words of a failure away, and moves the focus from their button to the controls. */
  recover() {
    const first = this.#form.querySelector("[name]:enabled");
    if (first instanceof HTMLElement && this.#trouble.contains(document.activeElement)) first.focus();
    this.#trouble.hidden = true;
  }
}
