/** "Copy" buttons of figures, of the embed panel and of the code panel. */

import { say } from "./live-region.js";

/**
 * Copies a text and says so on the button that was pressed. If a frame or a setting blocks the
 * clipboard, the text is shown selected in a field, so that the reader can copy it.
 * @param {string} text @param {HTMLButtonElement} button
 * @param {HTMLInputElement | HTMLTextAreaElement} field   for the text; it may be hidden so far
 * @param {string} done   what the button says then
 */
export async function copy(text, button, field, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field.value = text;
    field.hidden = false;
    field.focus();
    field.select();
    return;
  }
  if (button.dataset.words) return; // it says so already; a disabled button would lose the focus
  const words = (button.dataset.words = button.textContent ?? "");
  button.textContent = done;
  say(done);
  setTimeout(() => {
    button.textContent = words;
    delete button.dataset.words;
  }, 1500);
}
