/**
 * Announces a sentence to screen readers, in the live region of templates/base.html.
 * @param {string} words
 */
export function say(words) {
  const region = document.getElementById("said");
  if (region) region.textContent = words;
}
