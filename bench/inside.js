/**
 * Measurements inside a page, the course's or the plain one. measure.py injects it before the page's own scripts, as `window.bench`.
 *
 * The course draws a picture on a canvas and then increments data-frame of its <ml-demo>; the plain page gives an <img> a new PNG.
 */

(() => {
  /** @typedef {{demo: string, slider: string}} Place selectors; `demo` is empty on the plain page */

  const MARKS = ["ml-ready", "plain-ready"];
  const QUIET = 400; // after so many ms without a new picture, none will come
  const TIMEOUT = 10_000; // ms for one picture

  /** @type {{start: number, duration: number}[]} */
  const tasks = [];
  /** Times of the first picture and of readiness, in ms from the navigation. */
  const times = { picture: 0, ready: 0, boot: "" };

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, duration });
  }).observe({ type: "longtask", buffered: true });

  new PerformanceObserver((list) => {
    const mark = list.getEntries().find(({ name }) => MARKS.includes(name));
    if (!(mark instanceof PerformanceMark) || times.ready) return;
    times.ready = mark.startTime;
    times.boot = mark.detail?.boot ?? "";
  }).observe({ type: "mark", buffered: true });

  /** @param {number} ms */
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const frame = () => new Promise((done) => requestAnimationFrame(done));

  // `load` does not bubble, but it can be captured. The second frame from now begins when the first one is on the screen.
  document.addEventListener(
    "load",
    async ({ target }) => {
      if (
        times.picture ||
        !(target instanceof HTMLImageElement) ||
        !target.matches("#picture, ml-demo .picture img")
      )
        return;
      await target.decode();
      await frame();
      await frame();
      times.picture ||= performance.now();
    },
    { capture: true },
  );

  /** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
  function find(selector, kind) {
    const found = document.querySelector(selector);
    if (found instanceof kind) return found;
    throw new Error(`this page has no ${selector}`);
  }

  /** @param {Place} place @returns {HTMLCanvasElement | HTMLImageElement} */
  const picture = ({ demo }) =>
    demo ? find(`${demo} canvas`, HTMLCanvasElement) : find("#picture", HTMLImageElement);

  /**
   * Calls `then` for each new picture, which the next frame shows.
   * @param {Place} place @param {() => void} then @returns {() => void} stops watching
   */
  function watch(place, then) {
    if (place.demo) {
      const observer = new MutationObserver(then);
      observer.observe(find(place.demo, HTMLElement), { attributeFilter: ["data-frame"] });
      return () => observer.disconnect();
    }
    const image = find("#picture", HTMLImageElement);
    image.addEventListener("load", then);
    return () => image.removeEventListener("load", then);
  }

  /** @param {Place} place @returns {Promise<void>} resolves at the next picture */
  const next = (place) =>
    new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error("no new picture after a change")), TIMEOUT);
      const end = watch(place, () => {
        clearTimeout(timer);
        end();
        done();
      });
    });

  /** @param {Place} place resolves when no more pictures come */
  async function settled(place) {
    let last = performance.now();
    const end = watch(place, () => (last = performance.now()));
    while (performance.now() - last < QUIET) await sleep(QUIET / 4);
    end();
  }

  /** @param {HTMLInputElement} slider @param {number} value */
  function set(slider, value) {
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {HTMLInputElement} slider @param {number} count @returns {number[]} as many values, evenly over the slider's range */
  function values({ min, max }, count) {
    return Array.from(
      { length: count },
      (_, i) => Number(min) + ((Number(max) - Number(min)) * (i + 1)) / count,
    );
  }

  /** @param {CanvasImageSource & {width: number, height: number}} source @returns {Promise<string>} a hash of its pixels */
  async function digest(source) {
    const { width, height } =
      source instanceof HTMLImageElement
        ? { width: source.naturalWidth, height: source.naturalHeight }
        : source;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("no canvas");
    context.drawImage(source, 0, 0);
    const hash = await crypto.subtle.digest("SHA-256", context.getImageData(0, 0, width, height).data);
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @param {number} from @param {number} to @returns {number} ms of the longest task that began in this time; 0: none over 50 */
  const longest = (from, to) =>
    Math.max(0, ...tasks.filter(({ start }) => start >= from && start < to).map(({ duration }) => duration));

  /** The measurements from the navigation until the page was ready. */
  async function start() {
    await sleep(200); // let the observers report
    return { origin: performance.timeOrigin, ...times, task: longest(0, times.ready) };
  }

  /**
   * Separate changes with pauses between them: ms from the event to the frame that shows the new pixels.
   * @param {Place} place @param {number} count
   */
  async function moves(place, count) {
    const slider = find(place.slider, HTMLInputElement);
    /** @type {number[]} */
    const found = [];
    for (const value of values(slider, count)) {
      await sleep(80 + 17 * Math.random()); // at a random time between two frames
      const seen = next(place);
      const began = performance.now();
      set(slider, value);
      await seen;
      if (!place.demo) await find("#picture", HTMLImageElement).decode();
      await frame();
      found.push(performance.now() - began);
    }
    return found;
  }

  /**
   * A drag over the whole slider in one second, with up to `count` events. Events are aligned with frames, like pointer events. If the
   * page is too busy, events are skipped, and after a slow one the page gets time to show a picture.
   * @param {Place} place @param {number} count
   * @param {boolean} filmed   whether pictures are counted; the film needs as much memory as they do
   */
  async function drag(place, count, filmed) {
    const slider = find(place.slider, HTMLInputElement);
    const track = values(slider, count);
    await settled(place);
    /** @type {Promise<ImageBitmap>[]} */
    const shots = [];
    let [fresh, dragging, sent, events] = [false, true, -1, 0];
    const end = watch(place, () => (fresh = true));
    await frame();
    const began = performance.now();
    let ended = began;
    const film = () => {
      if (filmed && fresh) shots.push(createImageBitmap(picture(place)));
      fresh = false;
      if (dragging) requestAnimationFrame(film);
    };
    film();
    while (sent < count - 1) {
      await frame();
      const now = performance.now();
      sent = Math.min(count - 1, Math.max(sent + 1, Math.floor(((now - began) * count) / 1000)));
      set(slider, track[sent]);
      events += 1;
      ended = performance.now();
      if (ended - now > 1000 / count) await sleep(1000 / count);
    }
    await settled(place);
    await frame();
    await frame();
    dragging = false;
    end();
    const pictures = new Set(await Promise.all(shots.map(async (shot) => digest(await shot))));
    const last = await digest(picture(place));
    return {
      events,
      seconds: (ended - began) / 1000,
      pictures: pictures.size,
      last,
      value: slider.value,
      task: longest(began, ended),
    };
  }

  /** Redraws the same values on the plain page, which always draws whole pictures: a hash of the pixels. @param {Place} place */
  async function again(place) {
    const slider = find(place.slider, HTMLInputElement);
    for (const value of [Number(slider.min), slider.valueAsNumber]) {
      const seen = next(place);
      set(slider, value);
      await seen;
    }
    return digest(picture(place));
  }

  /** A hash of the picture, once it has settled. @param {Place} place */
  async function pixels(place) {
    await settled(place);
    return digest(picture(place));
  }

  /**
   * The time of each step in the worker, in ms.
   * @param {object[]} requests as python.js sends them @param {number} limit stops after so many ms
   */
  async function steps(requests, limit) {
    const script = find("script[src$='/ml-demo.js']", HTMLScriptElement).src;
    const { draw, done } = await import(new URL("python.js", script).href);
    const began = performance.now();
    /** @type {{ms: number, bytes: number, words: string}[]} */
    const found = [];
    for (const request of requests) {
      const drawing = await draw(() => request);
      found.push({ ms: drawing.took, bytes: drawing.pixels.length, words: drawing.caption });
      done(drawing);
      if (performance.now() - began > limit) break;
    }
    return found;
  }

  /** Starts every demo of the page, and returns their number. */
  async function wakeAll() {
    const demos = [...document.querySelectorAll("ml-demo")];
    for (const demo of demos) {
      if (!(demo instanceof HTMLElement)) continue;
      demo.scrollIntoView();
      const began = performance.now();
      while (demo.dataset.state !== "ready") {
        if (demo.dataset.state === "failed" || performance.now() - began > 60_000)
          throw new Error(`${demo.id} failed`);
        await sleep(50);
      }
    }
    return demos.length;
  }

  /** The error message that the page shows, or "". */
  const trouble = () =>
    document.querySelector("ml-demo[data-state=failed] .trouble")?.textContent?.trim() ?? "";

  Object.assign(window, { bench: { times, start, moves, drag, again, pixels, steps, wakeAll, trouble } });
})();
