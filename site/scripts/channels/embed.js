/**
 * The page in a frame: `?embed=1` shows it alone, without the figures' code unless `?code=1` asks
 * for it, and tells the page around the frame how tall it is. The blocks at the end are for every
 * page: they load page.js if module scripts are refused, report scripts that did not load, and
 * tighten the content security policy once Python's worker runs.
 *
 * A classic script that runs before the first paint; the build joins it with kiosk.js into
 * first.js. It posts to the parent, at the start and whenever the height has changed by more than a
 * pixel:
 *
 *   {subject: "lti.frameResize", height}               Canvas and others; as text too, for old versions
 *   {type: "plugin.resize", payload: {height}}         Open edX
 *   {context: "h5p", action: "hello"}                  at the start; a parent that answers it gets
 *   {context: "h5p", action: "prepareResize", …}       the height, and after "resizePrepared"
 *   {context: "h5p", action: "resize", …}              the height again
 *   "[iFrameSizer]<id>:<height>:<width>:<why>"         after a parent with iframe-resizer sent an id
 *
 * It listens to the parent alone: to the other half of H5P's handshake, to iframe-resizer's first
 * message, and to {subject: "ml.askHeight"} of our own embed-parent.js. It ignores everything else.
 */
{
  const page = document.documentElement;
  const query = new URLSearchParams(location.search);
  const embedded = query.get("embed") === "1";
  if (embedded) page.classList.add("embed");
  if (query.get("code") === "1") page.classList.add("code");
  const script = document.currentScript;
  // A course in one file has this script inside: there every link counts as part of the course.
  const root = script instanceof HTMLScriptElement && script.src ? new URL("../../../", script.src).href : "";

  let height = 0;
  let sizer = ""; // the id that iframe-resizer gave this frame
  let h5p = false; // whether the parent has answered as H5P's does

  /**
   * To any origin: a frame can't know the page around it, and a height is no secret.
   * @param {unknown} message
   */
  const post = (message) => window.parent.postMessage(message, "*");

  /** @param {string} why */
  const toSizer = (why) => post(`[iFrameSizer]${sizer}:${height}:${Math.ceil(innerWidth)}:${why}`);

  /** @param {"prepareResize" | "resize"} action */
  const toH5P = (action) =>
    post({ context: "h5p", action, height, scrollHeight: height, clientHeight: height });

  const tell = (again = false) => {
    const now = Math.ceil(page.getBoundingClientRect().height);
    if (!now || (!again && Math.abs(now - height) <= 1)) return;
    height = now;
    const resize = { subject: "lti.frameResize", height };
    post(resize);
    post(JSON.stringify(resize));
    post({ type: "plugin.resize", payload: { height } });
    if (sizer) toSizer("resize");
    if (h5p) toH5P("prepareResize");
  };

  /** @param {MessageEvent} event */
  const hear = ({ source, data }) => {
    if (source !== window.parent) return;
    if (typeof data === "string") {
      const id = /^\[iFrameSizer\]([^:]+):[^:]*:(?:true|false):/.exec(data)?.[1];
      if (!id) return;
      sizer = id;
      toSizer("init");
    } else if (data?.context === "h5p") {
      if (data.action === "ready") post({ context: "h5p", action: "hello" });
      if (data.action === "hello") h5p = true;
      if (h5p && (data.action === "hello" || data.action === "resize")) toH5P("prepareResize");
      if (h5p && data.action === "resizePrepared") toH5P("resize");
    } else if (data?.subject === "ml.askHeight") tell(true);
  };

  if (window.parent !== window) {
    // One frame late: a parent that answers with a new width would cause a loop in the observer.
    const observer = new ResizeObserver(() => requestAnimationFrame(() => tell()));
    addEventListener("message", hear);
    addEventListener("DOMContentLoaded", () => {
      observer.observe(page);
      tell(); // now: browsers may delay animation frames of an iframe that is out of view
      post({ context: "h5p", action: "hello" });
    });
  }

  /**
   * @param {Event} event   before "Open the full page" is followed: the same state, not embedded
   */
  const renew = ({ target }) => {
    const link = target instanceof Element ? target.closest(".full-page a") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const full = new URL(location.href);
    full.searchParams.delete("embed");
    link.href = full.href;
  };

  /**
   * @param {MouseEvent} event   links within the course stay embedded, others open outside the
   *   frame
   */
  const follow = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
    if (
      event.defaultPrevented ||
      event.button ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const url = new URL(link.href);
    if (!/^(https?|file):$/.test(url.protocol)) return;
    if (!url.href.startsWith(root)) return void Object.assign(link, { target: "_blank", rel: "noopener" });
    if (url.searchParams.has("embed")) return;
    event.preventDefault();
    url.searchParams.set("embed", "1");
    location.assign(url.href);
  };

  if (embedded) {
    addEventListener("pointerdown", renew);
    addEventListener("focusin", renew);
    addEventListener("click", follow);
  }
}

// Pages from disk, in frames without an origin, and from servers that send scripts with a wrong
// MIME type get no modules. One classic script, page.js, has them all (bundle/bundler.py). Modules
// load or fail before DOMContentLoaded, so by then it is known which ones failed.
{
  const { src: here } = /** @type {HTMLScriptElement} */ (document.currentScript);
  let over = false;
  let asked = false;
  const replace = () => {
    if (asked || !document.querySelector("script[data-refused]")) return;
    asked = true;
    const { href: src } = new URL("page.js", here);
    document.head.append(Object.assign(document.createElement("script"), { src }));
  };
  /** @param {ErrorEvent} event */
  const refused = ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || target.type !== "module") return;
    target.dataset.refused = "";
    if (over) replace();
  };
  document.addEventListener("error", refused, true); // this event does not bubble
  addEventListener("DOMContentLoaded", () => {
    over = true;
    replace();
  });
}

// A page whose scripts did not load completely stays still: one was cut short, or a network sent
// its sign-in page instead, and the browser may have cached that for a year. The page says so, and
// offers to load itself past the cache. (If this script is damaged too, demo.css says it; then only
// the reader can reload past the cache.)
{
  const LATE = 20_000; // ms after the text, if a script neither loads nor fails
  const SETTLED = 1_500; // ms after `load`: page.js may still be on its way
  const WHOLE =
    "The scripts of this page did not load completely, so its figures stand still. Your network may want you to sign in, or a filter may block them.";
  const OLD =
    "This browser is too old for the figures on this page. Update it, or use a current Chrome, Edge, Firefox, or Safari.";
  const old = () =>
    !(
      "noModule" in HTMLScriptElement.prototype &&
      "at" in Array.prototype &&
      "hasOwn" in Object &&
      "structuredClone" in window
    );

  const loaded = () => Boolean(customElements.get("ml-demo"));

  /** Fetches each script and style past the cache, then reloads the page. */
  const again = async () => {
    if (loaded()) return; // after all
    const parts = document.querySelectorAll("script[src], link[rel=modulepreload], link[rel=stylesheet]");
    const addresses = [...parts].map((part) =>
      part instanceof HTMLScriptElement ? part.src : (part.getAttribute("href") ?? ""),
    );
    const renewed = addresses.map((address) => fetch(new URL(address, location.href), { cache: "reload" }));
    await Promise.allSettled(renewed);
    location.reload();
  };

  const look = () => {
    if (loaded()) return;
    const failed = "data-state";
    for (const demo of document.querySelectorAll("ml-demo")) {
      const [trouble, state] = [demo.querySelector(".trouble"), demo.getAttribute(failed)];
      const [words, button] = [trouble?.querySelector("p"), trouble?.querySelector("button")];
      if (!trouble || !words || !button || state !== "poster") continue;
      words.textContent = old() ? OLD : WHOLE;
      button.textContent = "Load the page again";
      button.addEventListener("click", again, { once: true });
      trouble.removeAttribute("hidden");
      demo.setAttribute(failed, "failed");
    }
    const [first] = document.querySelectorAll("ml-demo");
    if (first)
      document.dispatchEvent(new CustomEvent("ml:error", { detail: { message: old() ? OLD : WHOLE } }));
  };

  addEventListener("DOMContentLoaded", () => setTimeout(look, LATE));
  addEventListener("load", () => loaded() || setTimeout(look, SETTLED));
}

// Scripts from `blob:` and `data:` URLs are for browsers that refuse Python's worker
// (fallback-hosts.js). Once the worker runs, the page allows scripts from its own origin alone: a
// second policy can only restrict the first one.
document.addEventListener("ml:ready", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.host !== "worker" || origin === "null") return;
  const [sandbox] = /'sha256-[^']+'/.exec(
    document.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "",
  ) ?? [""]; // sandbox.js
  const policy = {
    httpEquiv: "Content-Security-Policy",
    content: `script-src 'self' 'wasm-unsafe-eval' ${sandbox}; worker-src 'self' data:`,
  };
  document.head.append(Object.assign(document.createElement("meta"), policy));
});
