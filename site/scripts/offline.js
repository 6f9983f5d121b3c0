/**
 * Has the course kept for offline use, once the page has what it needs itself, and says so in the footer. The work is the service
 * worker's (site/sw.js, where the messages are listed).
 *
 * Nothing happens in a frame, in a page without a web app manifest (packages for learning platforms have none), or where a browser
 * has or allows no service worker: there the page is as it always was.
 */

import { calm } from "./background.js";

const CALM = 2_000; // ms after the start of Python
const AGAIN = "ml-again";
const SOON = 60_000; // ms
const LATE = 30_000; // ms; by then a page whose demos are far below has all it needs

const manifest = document.querySelector("link[rel=manifest]");
const line = document.querySelector(".offline");
const demos = document.querySelector("ml-demo") !== null;

/** Where the browser, or the frame, has no such thing, even asking may throw. */
function container() {
  try {
    return window.parent === window ? navigator.serviceWorker : undefined;
  } catch {
    return undefined;
  }
}

/** Whether every byte may cost the reader money. */
function metered() {
  const { connection } = /** @type {any} */ (navigator);
  return Boolean(connection?.saveData) || connection?.type === "cellular";
}

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

let said = "";

/** @param {string} words @param {string} [offer] on a button @param {() => void} [act] */
function say(words, offer, act) {
  if (!(line instanceof HTMLElement)) return;
  if (said !== words + (offer ?? "")) { // not what the page shows: that may be translated
    said = words + (offer ?? "");
    const focused = line.contains(document.activeElement);
    line.textContent = words;
    if (focused) {
      line.tabIndex = -1; // the button that was pressed is gone: the focus stays where it was
      line.focus({ preventScroll: true });
    }
    if (offer) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: offer });
      button.addEventListener("click", () => act?.());
      line.append(button);
    }
  }
  line.hidden = !words && !offer;
}

/** @param {ServiceWorkerContainer} workers */
function keep(workers) {
  const script = import.meta.url;
  let asked = false; // for the files, in this page
  let later = false; // whether it was asked for what may come after them
  /** @type {ServiceWorkerRegistration | undefined} */
  let registration;

  /** @param {string} call */
  const tell = (call) => workers.controller?.postMessage({ call, script });

  const register = async () => {
    const address = new URL("sw.js", /** @type {HTMLLinkElement} */ (manifest).href);
    registration = await workers.register(address, { updateViaCache: "none" });
    await workers.ready;
    registration.active?.postMessage({ call: "status" });
  };
  const install = async () => {
    asked = true;
    await calm();
    if (!registration) await register();
    registration?.active?.postMessage({ call: "install" });
  };
  const installByHand = () => {
    say("Preparing for offline use…");
    install().catch((error) => {
      console.warn(error);
      say("This browser can’t save the course for offline use.");
    });
  };

  /** @param {OfflineStatus} status */
  const show = ({ ready, newest, work, done, total }) => {
    if (newest) {
      say(`Ready for offline use (${megabytes(total)}).`);
      persist();
      if (!metered() && !later) registration?.active?.postMessage({ call: "later" });
      later = true;
    } else if (work === "coming" && !ready) say(`Preparing for offline use: ${megabytes(done)} of ${megabytes(total)}`);
    else if (work === "full" && !ready) say(`Offline use needs ${megabytes(total)}, more than this browser can store.`);
    else if (work === "failed" && !ready) say("Couldn’t download everything for offline use. ", "Try again", installByHand);
    else if (!metered()) {
      if (ready) say("Ready for offline use.");
      if (!asked) install();
    } else if (ready) say("Ready for offline use. ", `Download the latest version (${megabytes(total - done)})`, installByHand);
    else say("", `Save for offline use (${megabytes(total - done)})`, installByHand);
  };

  document.addEventListener("ml:busy", () => registration?.active?.postMessage({ call: "wait" }));
  workers.addEventListener("message", ({ data }) => {
    if (data?.offline) show(data.offline);
    if (data?.again) loadAgain();
  });
  // A new version of the service worker came while this page was open.
  workers.addEventListener("controllerchange", () => {
    asked = later = false;
    workers.controller?.postMessage({ call: "status" });
  });
  workers.startMessages();

  let told = !demos;
  if (!demos) tell("left"); // it says nothing of whether Python starts
  const once = (/** @type {string} */ call) => {
    if (!told) tell(call);
    told = true;
  };
  document.addEventListener("ml:ready", () => once("started"));
  document.addEventListener("ml:error", () => {
    if (document.querySelector("ml-demo .trouble:not([hidden]) [data-does=again]")) once("failed");
  });
  addEventListener("load", () => customElements.get("ml-demo") ?? once("failed"));
  addEventListener("pagehide", () => once("left"));

  const started = new Promise((resolve) => {
    document.addEventListener("ml:ready", () => setTimeout(resolve, CALM));
    document.addEventListener("ml:error", resolve);
    setTimeout(resolve, demos ? LATE : CALM);
  });
  started.then(async () => {
    await calm();
    const known = await workers.getRegistration(/** @type {HTMLLinkElement} */ (manifest).href);
    if (known || !metered()) await register();
    else say("", "Save for offline use", installByHand);
  }).catch((error) => console.warn("The course is not kept for offline use here.", error));
}

/** Reload the page, but not over and over. */
function loadAgain() {
  try {
    if (Date.now() - Number(sessionStorage.getItem(AGAIN)) < SOON) return;
    sessionStorage.setItem(AGAIN, String(Date.now()));
    location.reload();
  } catch {
    // No memory: the reader has the page's own "Try again".
  }
}

/** Ask the browser once not to throw the files away. Firefox would put a question to the reader, who has not asked for anything. */
async function persist() {
  const firefox = CSS.supports("-moz-appearance", "none");
  if (firefox || !navigator.storage?.persist || (await navigator.storage.persisted())) return;
  await navigator.storage.persist();
}

const workers = container();
if (manifest && workers) keep(workers);
