/**
 * Saves the course for offline use once the page has what it needs itself, and shows the state in
 * the footer. An entry point of every page. The service worker does the work (site/sw.js, where the
 * messages are listed).
 *
 * Does nothing in a frame, in a page without a web app manifest (packages for learning platforms
 * have none), and where a browser has or allows no service worker.
 */

const BUSY = 5_000; // ms; sandbox.js dispatches "ml:busy" as often
const CALM = 2_000; // ms after the start of Python
const AGAIN = "ml-again";
const SOON = 60_000; // ms
const LATE = 30_000; // ms; by then a page whose figures are far below has what it needs

const manifest = document.querySelector("link[rel=manifest]");
const line = document.querySelector(".offline");
const demos = document.querySelector("ml-demo") !== null;

/** The service workers; reading the property throws in some frames. */
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
  if (said !== words + (offer ?? "")) {
    // not the text of the page, which may be translated
    said = words + (offer ?? "");
    const focused = line.contains(document.activeElement);
    line.textContent = words;
    if (focused) {
      line.tabIndex = -1; // the pressed button is gone: the focus stays here
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
function saveCourse(workers) {
  const script = import.meta.url;
  let asked = false; // whether this page has requested the files
  let later = false; // whether it has requested the packages after them
  /** @type {ServiceWorkerRegistration | undefined} */
  let registration;

  /** @param {string} call */
  const tell = (call) => workers.controller?.postMessage({ call, script });

  let lastBusy = -Infinity; // when a reader last waited for changed code, in ms
  /** The service worker starts no download while a reader waits. */
  const giveWay = () => {
    if (performance.now() - lastBusy < BUSY) registration?.active?.postMessage({ call: "wait" });
  };

  const register = async () => {
    const address = new URL("sw.js", /** @type {HTMLLinkElement} */ (manifest).href);
    registration = await workers.register(address, { updateViaCache: "none" });
    await workers.ready;
    giveWay();
    registration.active?.postMessage({ call: "status" });
  };
  const install = async () => {
    asked = true;
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
    } else if (work === "coming" && !ready)
      say(`Preparing for offline use: ${megabytes(done)} of ${megabytes(total)}`);
    else if (work === "full" && !ready)
      say(`Offline use needs ${megabytes(total)}, more than this browser can store.`);
    else if (work === "failed" && !ready)
      say("Couldn’t download everything for offline use. ", "Try again", installByHand);
    else if (!metered()) {
      if (ready) say("Ready for offline use.");
      if (!asked) install();
    } else if (ready)
      say(
        "Ready for offline use. ",
        `Download the latest version (${megabytes(total - done)})`,
        installByHand,
      );
    else say("", `Save for offline use (${megabytes(total - done)})`, installByHand);
  };

  document.addEventListener("ml:busy", ({ timeStamp }) => {
    lastBusy = timeStamp;
    giveWay();
  });
  workers.addEventListener("message", ({ data }) => {
    if (data?.offline) show(data.offline);
    if (data?.again) loadAgain();
  });
  // A new version of the service worker started while this page was open.
  workers.addEventListener("controllerchange", () => {
    asked = later = false;
    workers.controller?.postMessage({ call: "status" });
  });
  workers.startMessages();

  let told = !demos;
  if (!demos) tell("left"); // this page can't show whether Python starts
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
  started
    .then(async () => {
      const known = await workers.getRegistration(/** @type {HTMLLinkElement} */ (manifest).href);
      if (known || !metered()) await register();
      else say("", "Save for offline use", installByHand);
    })
    .catch((error) => console.warn("The course is not kept for offline use here.", error));
}

/** Reloads the page, but not again and again. */
function loadAgain() {
  try {
    if (Date.now() - Number(sessionStorage.getItem(AGAIN)) < SOON) return;
    sessionStorage.setItem(AGAIN, String(Date.now()));
    location.reload();
  } catch {
    // No storage: the reader has the page's own "Try again".
  }
}

/** Asks the browser to keep the files; not Firefox, which would show the reader a prompt. */
async function persist() {
  const firefox = CSS.supports("-moz-appearance", "none");
  if (firefox || !navigator.storage?.persist || (await navigator.storage.persisted())) return;
  await navigator.storage.persist();
}

const workers = container();
if (manifest && workers) saveCourse(workers);
