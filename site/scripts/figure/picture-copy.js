/**
 * Copies of a figure's picture, for demo.js: a PNG to download, and an <img> in the page, so that a
 * page saved with the browser still shows the picture.
 */

/**
 * Offers a PNG file of what a figure shows.
 * @param {string} name @param {HTMLCanvasElement | undefined} canvas
 * @param {string} poster   the URL of the first picture, if the canvas is empty
 */
export function save(name, canvas, poster) {
  const download = `${name.replaceAll("_", "-")}.png`;
  /** @param {string} href */
  const offer = (href) => Object.assign(document.createElement("a"), { href, download }).click();
  if (!canvas) return offer(poster);
  canvas.toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    offer(url);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
}

/**
 * Puts a copy of the canvas into the page as an image, which a saved page shows: no script draws
 * there.
 * @param {HTMLElement} demo @param {HTMLCanvasElement} canvas
 */
export function putCopy(demo, canvas) {
  canvas.toBlob((blob) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const now = demo.querySelector("img.now") ?? Object.assign(new Image(), { className: "now" });
      now.setAttribute("src", String(reader.result));
      now.setAttribute("alt", canvas.getAttribute("aria-label") ?? "");
      if (!now.isConnected) canvas.after(now);
    });
    if (blob) reader.readAsDataURL(blob);
  });
}

/** @param {HTMLElement} demo */
export function removeCopy(demo) {
  demo.querySelector(".now")?.remove();
}
