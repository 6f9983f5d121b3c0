/**
 * For a screen in public: `?kiosk=1`, or a course built with `--kiosk`. No way out, and a clean start once nobody is there.
 *
 * A classic script, run before anything is painted. After `?idle=SECONDS` (90) without input a warning stands for 20 s; then what
 * was remembered is forgotten and kiosk.html shows the course until somebody touches it. The rules in styles/kiosk.css hide what leads out.
 *
 * Time is that of performance.now(), which nobody can set: a new time of day, or another time zone, moves nothing. While a machine
 * sleeps, that clock stands still in some systems and goes on in others. Therefore nobody is ever sent away without the warning,
 * however late the page wakes, and its seconds count from when it was shown.
 */
{
  const WARNING = 20; // s, at least (WCAG 2.2.1)
  const SLIDE = 8_000; // ms for a picture of kiosk.html
  const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "input", "focusin"];
  const page = document.documentElement;
  const query = new URLSearchParams(location.search);
  const always = page.dataset.kiosk; // of the build: seconds
  const depth = (page.dataset.page ?? "").split("/").length - 1;
  const home = new URL("./" + "../".repeat(depth), location.href);

  /** What a link within the course takes along. @param {string} href */
  const inside = (href) => {
    const url = new URL(href, location.href);
    const leads = url.href.startsWith(home.href) && /(\/|\.html)$/.test(url.pathname);
    if (!leads || /\/(downloads|gallery)\.html$|\/(guide|single|packages)\//.test(url.pathname)) return "";
    if (!always) url.searchParams.set("kiosk", "1");
    const idle = query.get("idle");
    if (idle) url.searchParams.set("idle", idle);
    return url.href;
  };

  /** A clean start: nothing of the visitor before is left. */
  const restart = () => {
    for (const store of ["localStorage", "sessionStorage"]) {
      try {
        const kept = /** @type {Storage} */ (/** @type {any} */ (window)[store]);
        for (const key of Object.keys(kept)) if (key.startsWith("ml-") && key !== "ml-deaths") kept.removeItem(key);
      } catch {
        // refused: then nothing is there
      }
    }
    location.replace(inside(new URL("kiosk.html", home).href));
  };

  /** Watch for a visitor who has gone. @param {number} patience s */
  const watch = (patience) => {
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
    for (const kind of INPUT) addEventListener(kind, (event) => (event.target === button && kind === "focusin") || here(), true);
    button.addEventListener("click", here);
    setInterval(() => {
      const now = performance.now();
      if (box.isConnected) {
        const left = Math.ceil(WARNING - (now - warned) / 1000);
        count.textContent = String(left);
        return left <= 0 && restart();
      }
      if (now - last < patience * 1000) return;
      warned = now;
      count.textContent = String(WARNING);
      before = document.activeElement;
      document.body.append(box);
      button.focus({ preventScroll: true });
    }, 1000);
  };

  /** kiosk.html: one picture after the other, until somebody is there. @param {HTMLElement} show */
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
    const begin = (/** @type {Event} */ { target }) => target instanceof Element && target.closest("button") || (location.href = start.href);
    addEventListener("click", begin);
    addEventListener("keydown", (event) => !["Tab", "Shift"].includes(event.key) && begin(event));
  };

  if (query.get("kiosk") === "1" || always) {
    page.classList.add("kiosk");
    const prevent = (/** @type {Event} */ event) => event.preventDefault();
    for (const kind of ["contextmenu", "dragstart", "dragover", "drop", "auxclick"]) addEventListener(kind, prevent);
    // Print, save, open, source: each opens something that is not the course.
    addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && /^[psou]$/i.test(event.key)) event.preventDefault();
    });
    addEventListener(
      "click",
      (event) => {
        const link = event.target instanceof Element ? event.target.closest("a") : null;
        if (!link?.href || link.getAttribute("href")?.startsWith("#")) return;
        event.preventDefault(); // no other window, whatever key is held
        const href = inside(link.href);
        if (href) location.href = href;
      },
      true,
    );
    addEventListener("DOMContentLoaded", () => {
      for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[href]"))) {
        link.removeAttribute("target");
        if (link.getAttribute("href")?.startsWith("#")) continue;
        const href = inside(link.href);
        if (href) link.href = href;
        else link.removeAttribute("href"); // its words stay
      }
      const show = document.querySelector(".attract");
      if (show instanceof HTMLElement) attract(show);
      else watch(Number(query.get("idle")) || Number(always) || 90);
    });
  }
}
