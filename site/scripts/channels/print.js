/**
 * Light pictures for printing: paper is light, whatever the screen is. ml-demo.js loads this file.
 *
 * Browsers do not wait for pictures when they print. So a page on a dark screen loads the light
 * ones when it is idle; styles show them on paper (base.css, demo.css).
 */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Adds the light picture, hidden on screens, behind each dark one. */
function addLightPictures() {
  const { connection } = /** @type {any} */ (navigator);
  if (!dark.matches || connection?.saveData) return;
  for (const picture of document.querySelectorAll("picture:has(source)")) {
    const shown = picture.querySelector("img");
    if (!shown || picture.nextElementSibling?.matches(".paper")) continue;
    const light = new Image();
    Object.assign(light, {
      className: "paper",
      alt: shown.alt,
      fetchPriority: "low",
      decoding: "sync",
      src: shown.src,
    });
    picture.after(light);
  }
}

function later() {
  if ("requestIdleCallback" in window) requestIdleCallback(addLightPictures, { timeout: 3000 });
  else setTimeout(addLightPictures, 1000);
}

if (document.readyState === "complete") later();
else addEventListener("load", later);
dark.addEventListener("change", later);
addEventListener("beforeprint", addLightPictures);
