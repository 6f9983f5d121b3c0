/**
 * Work that no reader waits for (the rest of Python, the files for offline use) stands back while a reader waits for something else.
 *
 * Whoever has a reader waiting dispatches "ml:busy" on document, again and again; python.js and offline.js wait for `calm`.
 */

const BUSY = 10_000; // ms

let until = 0;
document.addEventListener("ml:busy", () => (until = performance.now() + BUSY));

/** For how many ms such work stands back. */
export const busy = () => Math.max(0, until - performance.now());

/** Once no reader has waited for something else for a while. */
export async function calm() {
  for (let left; (left = busy()) > 0; ) await new Promise((resolve) => setTimeout(resolve, left));
}
