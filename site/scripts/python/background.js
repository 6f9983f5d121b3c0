/**
 * Pauses background work while a reader waits: start.js awaits `calm` before it sends the parts of
 * Python that no figure needs, such as the rest of the standard library.
 *
 * sandbox.js dispatches "ml:busy" on document when a reader opens the code, and again and again
 * while changed code runs. offline.js listens to the same event for its downloads.
 */

const PAUSE = 10_000; // ms

let until = 0;
document.addEventListener("ml:busy", () => (until = performance.now() + PAUSE));

/** For how many ms background work still has to pause. */
export const busyFor = () => Math.max(0, until - performance.now());

/** Resolves once no reader has waited for a while. */
export async function calm() {
  for (let left; (left = busyFor()) > 0;) await new Promise((resolve) => setTimeout(resolve, left));
}
