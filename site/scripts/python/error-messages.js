/**
 * Why something did not work, as a sentence for the reader: the cause that was seen, and the next
 * step. download.js and start-failure.js call it.
 *
 * @typedef {object} Fault   of a download
 * @property {"status" | "page" | "silent" | "damaged" | "blocked"} kind
 *     status    the server, or a filter in between, sent an error
 *     page      a web page came instead, such as the sign-in page of a network
 *     silent    the download stopped
 *     damaged   the file ended early, or has another hash
 *     blocked   there was no answer, though the browser is online
 * @property {number} [status]
 */

/** A file could not be downloaded; the message is for the reader. */
export class DownloadError extends Error {}

/** A failed attempt; after the second one, download.js throws a DownloadError instead. */
export class AttemptError extends Error {
  /** @param {Fault} fault @param {string} message @param {unknown} [cause] */
  constructor(fault, message, cause) {
    super(message, { cause });
    this.fault = fault;
  }
}

const REFUSED = [401, 403, 407, 451, 511];

/**
 * @param {string} what   the file's name
 * @param {string} folder   where it is on the server
 * @param {Fault} fault @param {boolean} online
 */
export function explain(what, folder, { kind, status = 0 }, online) {
  if (!online)
    return "Python can’t be downloaded while you are offline. Connect to the internet and try again.";
  const part = `part of Python (${what})`;
  const Part = `Part of Python (${what})`;
  if (kind === "page")
    return `The network sent a web page instead of ${part}. You may have to sign in to this network: open another page, sign in, and try again.`;
  if (kind === "silent")
    return `${Part} stopped downloading. The connection may be too slow. Check it and try again.`;
  if (kind === "blocked")
    return `${Part} was blocked, or the connection failed. If a content blocker, a firewall, or a filter blocks the folder ${folder}, allow it and try again.`;
  if (kind === "damaged") return `${Part} didn’t download completely. Check your connection and try again.`;
  if (REFUSED.includes(status))
    return `The server or a filter refused to send ${part} (error ${status}). Allow the folder ${folder}, or ask your administrator to, then try again.`;
  if (status === 404 || status === 410)
    return `The server doesn’t have ${part} (error ${status}). Reload the page in case the course has changed, or try again later.`;
  return `The server has a problem and didn’t send ${part} (error ${status}). Wait a moment and try again.`;
}

/**
 * Why Python did not start though it has all files.
 * @param {unknown} cause
 * @param {{wasm: boolean, worker: boolean}} has   what this browser has and allows
 */
export function explainStart(cause, has) {
  const { name = "", message = "" } = cause instanceof Error ? cause : { message: String(cause) };
  if (!has.wasm)
    return "This browser doesn’t run WebAssembly, which Python needs. It may be switched off by a setting or by Lockdown Mode. Allow it for this site, or use another browser, then try again.";
  if (name === "CompileError" || name === "LinkError")
    return "This browser is too old for Python on a page. Update it, or use a current Chrome, Edge, Firefox, or Safari, then try again.";
  if (name === "RangeError" || /out of memory|could not allocate/i.test(message))
    return "There isn’t enough free memory to start Python. Close other tabs or programs and try again.";
  if (name === "QuotaExceededError" || name === "SecurityError")
    return "This browser refuses the page the storage it needs. Allow site data for this page, then try again.";
  if (!has.worker || name === "Refused")
    return "This browser, or the page that embeds this one, doesn’t let scripts run in the background, which Python needs. Open the page in its own tab and try again.";
  return "Python started but stopped with an error. Try again; if that doesn’t help, reload the page.";
}
