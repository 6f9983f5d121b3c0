/**
 * The page on a public screen: `?kiosk=1`, or a course built with `--kiosk`. No links out of the
 * course, and a clean start for the next visitor.
 *
 * A classic script that runs before the first paint; the build joins it with embed.js into
 * first.js. After `?idle=SECONDS` (90) without input a warning is shown for 20 s; then everything
 * stored is deleted, and kiosk.html shows the course until someone touches the screen.
 * styles/kiosk.css hides what leads out of the course.
 *
 * Times are from performance.now(): changes of the system clock don't affect it. While a computer
 * sleeps, that clock stops in some systems and runs in others. So the visitor always gets the
 * warning, even if the page wakes up late, and its seconds count from when it was shown.
 */
{
  const WARNING = 20; // s, at least (WCAG 2.2.1)
  const SLIDE = 8_000; // ms for a picture of kiosk.html
  const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "input", "focusin"];
  const page = document.documentElement;
  const query = new URLSearchParams(location.search);
  const always = page.dataset.kiosk; // seconds, written by the build with --kiosk
  const depth = (page.dataset.page ?? "").split("/").length - 1;
  const home = new URL("./" + "../".repeat(depth), location.href);

  /**
   * The URL of a link with the options of the kiosk; "" if it leads out of the course.
   * @param {string} href
   */
  const inside = (href) => {
    const url = new URL(href, location.href);
    const leads = url.href.startsWith(home.href) && /(\/|\.html)$/.test(url.pathname);
    if (!leads || /\/(downloads|gallery)\.html$|\/(guide|single|packages)\//.test(url.pathname)) return "";
    if (!always) url.searchParams.set("kiosk", "1");
    const idle = query.get("idle");
    if (idle) url.searchParams.set("idle", idle);
    return url.href;
  };

  /** A clean start: deletes everything that the last visitor left. */
  const restart = () => {
    for (const store of ["localStorage", "sessionStorage"]) {
      try {
        const storage = /** @type {Storage} */ (/** @type {any} */ (window)[store]);
        for (const key of Object.keys(storage))
          if (key.startsWith("ml-") && key !== "ml-deaths") storage.removeItem(key);
      } catch {
        // refused: then nothing is stored
      }
    }
    location.replace(inside(new URL("kiosk.html", home).href));
  };

  /** Warns and restarts when there was no input for a while. @param {number} timeout s */
  const watch = (timeout) => {
    const box = document.createElement("div");
    box.className = "still-there";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-labelledby", "still-there");
    box.setAttribute("aria-describedby", "still-there-why");
    box.innerHTML =
      '<h2 id="still-there">Are you still there?</h2><p id="still-there-why">In <span>20</span> seconds the course starts anew ' +
      'for the next visitor.</p><button type="button">Continue</button>';
    const button = /** @type {HTMLButtonElement} */ (box.querySelector("button"));
    const count = /** @type {HTMLElement} */ (box.querySelector("span"));
    let last = performance.now();
    let warned = 0; // when, by performance.now()
    /** @type {Element | null} */
    let before = null;

    const here = () => {
      last = performance.now();
      if (!box.isConnected) return;
      box.remove();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
    for (const kind of INPUT)
      addEventListener(kind, (event) => (event.target === button && kind === "focusin") || here(), true);
    button.addEventListener("click", here);
    setInterval(() => {
      const now = performance.now();
      if (box.isConnected) {
        const left = Math.ceil(WARNING - (now - warned) / 1000);
        count.textContent = String(left);
        return left <= 0 && restart();
      }
      if (now - last < timeout * 1000) return;
      warned = now;
      count.textContent = String(WARNING);
      before = document.activeElement;
      document.body.append(box);
      button.focus({ preventScroll: true });
    }, 1000);
  };

  /**
   * kiosk.html: shows one picture after the other until there is input.
   * @param {HTMLElement} show
   */
  const attract = (show) => {
    const slides = /** @type {HTMLElement[]} */ ([...show.querySelectorAll(".slide")]);
    const pause = /** @type {HTMLButtonElement} */ (show.querySelector("button"));
    let at = 0;
    let moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const turn = () => {
      slides[at].hidden = true;
      at = (at + 1) % slides.length;
      slides[at].hidden = false;
    };
    const name = () => (pause.textContent = moves ? "Pause" : "Show the others");
    name();
    setInterval(() => moves && turn(), SLIDE);
    pause.addEventListener("click", () => {
      moves = !moves;
      name();
    });
    const start = /** @type {HTMLAnchorElement} */ (show.querySelector("a.start"));
    start.focus();
    const begin = (/** @type {Event} */ { target }) =>
      (target instanceof Element && target.closest("button")) || (location.href = start.href);
    addEventListener("click", begin);
    addEventListener("keydown", (event) => !["Tab", "Shift"].includes(event.key) && begin(event));
  };

  if (query.get("kiosk") === "1" || always) {
    page.classList.add("kiosk");
    const prevent = (/** @type {Event} */ event) => event.preventDefault();
    for (const kind of ["contextmenu", "dragstart", "dragover", "drop", "auxclick"])
      addEventListener(kind, prevent);
    // Print, save, open, view source: each opens something outside the course.
    addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && /^[psou]$/i.test(event.key)) event.preventDefault();
    });
    addEventListener(
      "click",
      (event) => {
        const link = event.target instanceof Element ? event.target.closest("a") : null;
        if (!link?.href || link.getAttribute("href")?.startsWith("#")) return;
        event.preventDefault(); // no other window, whatever key is pressed
        const href = inside(link.href);
        if (href) location.href = href;
      },
      true,
    );
    addEventListener("DOMContentLoaded", () => {
      for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
        document.querySelectorAll("a[href]")
      )) {
        link.removeAttribute("target");
        if (link.getAttribute("href")?.startsWith("#")) continue;
        const href = inside(link.href);
        if (href) link.href = href;
        else link.removeAttribute("href"); // its text stays
      }
      const show = document.querySelector(".attract");
      if (show instanceof HTMLElement) attract(show);
      else watch(Number(query.get("idle")) || Number(always) || 90);
    });
  }
}
