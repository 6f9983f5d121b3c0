/**
 * Copies a text at the press of a button, and says so on it. Where a frame or a setting refuses the clipboard, the text
 * stands selected in a field, for the reader to take.
 *
 * @param {string} text @param {HTMLButtonElement} button
 * @param {HTMLInputElement | HTMLTextAreaElement} field   where the text can be taken from; it may be hidden so far
 * @param {string} done   what is said
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
  if (button.dataset.words) return; // it says so already; a button that is switched off would lose the focus
  const words = (button.dataset.words = button.textContent ?? "");
  button.textContent = done;
  const said = document.getElementById("said");
  if (said) said.textContent = done;
  setTimeout(() => {
    button.textContent = words;
    delete button.dataset.words;
  }, 1500);
}
