/**
 * Counts how often Python's worker died, so that python.js stops restarting it after a few times.
 * A kiosk counts across pages: it has no reader who would reload the page.
 */

const RESTARTS = 3;
const WINDOW = 600_000; // ms in which they count
const KEY = "ml-deaths";

export const kiosk = document.documentElement.classList.contains("kiosk");

/** When workers died, in ms since 1970. @type {number[]} */
const deaths = [];
try {
  if (kiosk) deaths.push(...JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
} catch {
  // the browser refuses storage: deaths are counted for each page
}

export function countDeath() {
  deaths.push(Date.now());
  try {
    if (kiosk) sessionStorage.setItem(KEY, JSON.stringify(deaths));
  } catch {
    // refused, or full
  }
}

/** Whether Python has died too often to be started again. */
export const tooManyDeaths = () => deaths.filter((time) => Date.now() - time < WINDOW).length > RESTARTS;
