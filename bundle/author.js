/**
 * Added to each page by `--serve`, for authors: reloads the page after each build, and shows build errors and which figures run from a
 * changed file.
 */
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  let known = Number(script.dataset.builds);
  const PLACE = "ml-author-place";

  /** @param {string} words @param {boolean} wrong */
  function note(words, wrong) {
    const old = document.querySelector("#author-note");
    old?.remove();
    if (!words) return;
    const box = document.createElement("aside");
    box.id = "author-note";
    box.setAttribute("role", wrong ? "alert" : "note");
    box.textContent = words;
    box.style.cssText =
      "position: fixed; inset: auto 0 0 0; z-index: 9; margin: 0; padding: 0.4rem 1rem; max-height: 40vh; overflow: auto; " +
      "white-space: pre-wrap; font: 0.85rem/1.4 ui-monospace, monospace; color: #fff; background: " +
      (wrong ? "#9b1c1c" : "#334155");
    document.body.append(box);
  }

  /** @param {{error: string, edited: string[]}} news */
  function show({ error, edited }) {
    const here = [...document.querySelectorAll("ml-demo")].map((demo) => demo.getAttribute("name") ?? "");
    const running = edited.filter((name) => here.includes(name));
    if (error) note(`The course was not built.\n${error}`, true);
    else if (running.length)
      note(
        `Author preview: ${running.map((name) => `py/demos/${name}.py`).join(", ")} runs from its changed file. ` +
          "Run python build_bundle.py before you publish.",
        false,
      );
    else note("", false);
  }

  async function listen() {
    let first = true;
    for (;;) {
      try {
        const answer = await fetch(`/author.json?${first ? "" : known}`, { cache: "no-store" });
        const news = await answer.json();
        if (news.builds !== known && !news.error) {
          // The URL keeps the state of the figures (address.js); this keeps the scroll position.
          sessionStorage.setItem(PLACE, JSON.stringify([location.pathname, scrollY]));
          location.reload();
          return;
        }
        known = news.builds;
        first = false;
        show(news);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500)); // the server is restarting or was stopped
      }
    }
  }

  addEventListener("load", () => {
    const [path, y] = JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");
    sessionStorage.removeItem(PLACE);
    if (path === location.pathname) scrollTo(0, y);
    listen();
  });
})();
