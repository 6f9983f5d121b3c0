/**
 * What is printed: paper is light, whatever the screen is.
 *
 * A browser does not wait for pictures when it prints. So a page on a dark screen brings the light ones as soon as it has
 * nothing else to do; styles show them on paper (base.css, demo.css).
 */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Puts the light picture, hidden on screens, behind each one that a dark screen shows. */
function bring() {
  const { connection } = /** @type {any} */ (navigator);
  if (!dark.matches || connection?.saveData) return;
  for (const picture of document.querySelectorAll("picture:has(source)")) {
    const shown = picture.querySelector("img");
    if (!shown || picture.nextElementSibling?.matches(".paper")) continue;
    const light = new Image();
    Object.assign(light, { className: "paper", alt: shown.alt, fetchPriority: "low", decoding: "sync", src: shown.src });
    picture.after(light);
  }
}

function later() {
  if ("requestIdleCallback" in window) requestIdleCallback(bring, { timeout: 3000 });
  else setTimeout(bring, 1000);
}

if (document.readyState === "complete") later();
else addEventListener("load", later);
dark.addEventListener("change", later);
addEventListener("beforeprint", bring);
