/**
 * The rest of Python comes in the background, which pauses while a reader waits for something else.
 *
 * sandbox.js dispatches "ml:busy" on document, again and again, while a reader waits for changed
 * code; start.js awaits `calm`. For files for offline use, offline.js tells the service worker.
 */

const BUSY = 10_000; // ms

let until = 0;
document.addEventListener("ml:busy", () => (until = performance.now() + BUSY));

/** For how many ms background work still has to pause. */
export const busy = () => Math.max(0, until - performance.now());

/** Resolves once no reader has waited for a while. */
export async function calm() {
  for (let left; (left = busy()) > 0;) await new Promise((resolve) => setTimeout(resolve, left));
}
