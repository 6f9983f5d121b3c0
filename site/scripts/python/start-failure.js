/**
 * Why Python did not start, as a sentence for the reader. python.js puts it into its PythonError.
 */

import { DownloadError, explainStart } from "./error-messages.js";

/** @param {unknown} cause @returns {Promise<string>} */
export async function explainFailure(cause) {
  if (await outdated()) return "The course has changed since this page was opened. Reload the page to go on.";
  if (cause instanceof DownloadError) return cause.message;
  if (!navigator.onLine)
    return "Python can’t be downloaded while you are offline. Connect to the internet and try again.";
  return explainStart(cause, { wasm: typeof WebAssembly === "object", worker: typeof Worker === "function" });
}

/** Whether the scripts of this page are no longer published. */
async function outdated() {
  try {
    const signal = AbortSignal.timeout(5_000);
    const response = await fetch(import.meta.url, { method: "HEAD", cache: "no-store", signal });
    return response.status === 404;
  } catch {
    return false;
  }
}
