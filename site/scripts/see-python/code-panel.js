/**
 * The panel with a figure's code: excerpt, call, Run, Restore the original, tasks, and errors.
 * see-python.js creates one for a figure when it is first opened.
 *
 * The panel shows the mathematics first. Its line `update(mean=0.5, sd=1)` (call-line.js) has the
 * values of the controls. Changed code runs in a separate Python (sandbox.js), and the controls
 * follow its signature (signature.js).
 *
 * @typedef {import("../figure/controls.js").Fields} Fields
 * @typedef {import("../figure/demo.js").Demo} Demo
 * @typedef {import("./see-python.js").Code} Code
 */

import { CallLine } from "./call-line.js";
import { createEditor, defaultKeymap, editHistory, editorCommands, setIgnoreTab, styles } from "./editor.js";
import { notebook } from "./notebook.js";
import { page } from "./page-modules.js";
import { pack, unpack } from "./patch.js";
import { excerpt, parts } from "./python-source.js";
import * as sandbox from "./sandbox.js";
import { savedVersion } from "./saved-version.js";
import { adapt, restore } from "./signature.js";

const WHOLE = ""; // in the select: no name of a function
const MOST_SAVED = 60_000; // characters of a saved version, compressed
const IDLE = 800; // ms without a key, after which the syntax is checked
const KIOSK = document.documentElement.classList.contains("kiosk");
/** Why code can't be changed here; "" if it can. */
const FIXED = KIOSK
  ? "On this screen you can read the code but not change it."
  : location.protocol === "file:"
    ? "In this copy of the course you can read the code but not change it; to change it, open the course on its website."
    : origin === "null"
      ? "Inside this frame you can read the code but not change it; to change it, open this page in a tab of its own."
      : "";
const RUN_KEY = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘ Enter" : "Ctrl + Enter";

/**
 * @param {string} id @param {number} level   of the heading, one below that of the figure
 * @param {string} file
 */
const inside = (id, level, file) => `
  <h${level} class="panel-title" id="${id}-title">The Python of this figure</h${level}>
  <div class="task" role="group" aria-label="Task" hidden></div>
  <pre class="printed" tabindex="0" aria-label="Printed by the code" translate="no" hidden></pre>
  <div class="call" role="group" aria-label="The values now, as Python is called" translate="no"></div>
  <p class="show"><label for="${id}-part">Show</label> <select id="${id}-part" translate="no"></select></p>
  <div class="editor" translate="no"></div>
  <p class="misread" role="alert" hidden></p>
  <p class="told" hidden></p>
  <progress aria-label="Fetching Python" hidden></progress>
  <p class="fixed" hidden>${FIXED}</p>
  <p class="row changing"><button type="button" class="main" data-does="run">Run</button>
    <button type="button" data-does="original" disabled>Restore the original</button>
    <button type="button" data-does="mine" hidden>Your last version</button>
    <label class="tab"><input type="checkbox"> Tab key indents</label></p>
  <p class="hint changing" id="${id}-hint">${RUN_KEY} runs the code. To leave the editor by keyboard, press Esc and then Tab.</p>
  <p class="row"><button type="button" data-does="copy-code">Copy code</button>
    <button type="button" class="changing" data-does="link-code">Copy link to this version</button> <a download="${file}">Download ${file}</a>
    <button type="button" data-does="notebook">Download notebook</button>
    <input class="address" type="text" readonly aria-label="Link to this version" hidden>
    <button type="button" data-does="close">Close</button></p>`;

export class CodePanel {
  #demo;
  #code;
  #form;
  #editor;
  #call;
  #select;
  #run;
  #original;
  /** The source around the excerpt in the editor, and the number of its first line. */
  #around = { before: "", after: "", line: 1 };
  /** The source that draws the figure. */
  #ran;
  /** Whether the Python for changed code draws it, even if the code is the original again. */
  #sandboxed = false;
  /** @type {Fields} */
  #defaults;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;
  #busy = false;
  /** Whether the picture before this one failed. */
  #stopped = false;
  /** @type {HTMLElement | undefined} the sentence at the failing line */
  #mark;
  #saved;
  /** The lesson's task, while it is open. @type {HTMLElement | undefined} */
  #task;

  /** @param {Demo} demo @param {string} id @param {Code} code @param {() => void} close */
  constructor(demo, id, code, close) {
    if (!document.getElementById("code-styles"))
      document.head.append(
        Object.assign(document.createElement("style"), { id: "code-styles", textContent: styles }),
      );
    const panel = document.createElement("section");
    panel.id = id;
    panel.className = "embed-panel code-panel";
    panel.hidden = true;
    panel.setAttribute("aria-labelledby", `${id}-title`);
    const heading = demo.querySelector(".demo-title");
    panel.innerHTML = inside(id, Number(heading?.tagName.slice(1)) + 1, `${demo.id}.py`);
    this.element = panel;
    this.#demo = demo;
    this.#code = code;
    this.#ran = code.source;
    this.#saved = savedVersion(demo.id);
    this.#form = /** @type {HTMLFormElement} */ (demo.querySelector("form"));
    this.#defaults = JSON.parse(this.#form.dataset.defaults ?? "{}");
    this.#call = new CallLine(this.#form, this.#part(".call", HTMLElement));
    this.#select = this.#part("select", HTMLSelectElement);
    this.#run = this.#part("[data-does=run]", HTMLButtonElement);
    this.#original = this.#part("[data-does=original]", HTMLButtonElement);
    new MutationObserver(() => this.#call.renew()).observe(demo, { attributeFilter: ["data-frame"] });
    this.#form.addEventListener("input", () => this.#call.renew());

    const keys = { ...defaultKeymap, "Mod+Enter": () => (this.#start(), true) };
    const commands = FIXED ? [] : [editorCommands(keys, []), editHistory()];
    const options = { language: "python", value: "", tabSize: 4, readOnly: Boolean(FIXED) };
    this.#editor = createEditor(this.#part(".editor", HTMLElement), options, ...commands);
    const { textarea } = this.#editor;
    textarea.setAttribute("aria-label", `Python of this figure: ${demo.id}.py`);
    if (!FIXED) textarea.setAttribute("aria-describedby", `${id}-hint`);
    setIgnoreTab(true);
    this.#part(".tab input", HTMLInputElement).addEventListener("change", ({ target }) =>
      setIgnoreTab(!(/** @type {HTMLInputElement} */ (target).checked)),
    );
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll(".changing")))
      part.hidden = Boolean(FIXED);
    this.#part(".fixed", HTMLElement).hidden = !FIXED;
    this.#editor.on("update", () => this.#compare()); // undone changes are no input events
    this.#show(code.source, code.shown);
    this.#part("[data-does=mine]", HTMLElement).hidden = !this.#saved.get();
    this.#select.addEventListener("change", () => this.#show(this.#source(), this.#select.value));
    textarea.addEventListener("input", () => this.#changed());
    textarea.addEventListener("blur", () => this.#call.point(""));
    this.#editor.on("selectionChange", ([at, end], text) =>
      this.#call.point(this.#editor.focused ? wordAt(text, at, end) : ""),
    );

    const link = this.#part("a", HTMLAnchorElement);
    link.href = "#";
    link.addEventListener("click", () => {
      const { href } = Object.assign(link, {
        href: URL.createObjectURL(new Blob([this.#source()], { type: "text/x-python" })),
      });
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    });
    panel.addEventListener("click", ({ target }) => {
      const pressed = target instanceof Element ? target.closest("button") : null;
      const does = pressed?.dataset.does;
      if (does === "run") this.#start();
      if (does === "original") this.#restore();
      if (does === "mine") this.#offerMine();
      if (pressed && does === "link-code") this.#link(pressed);
      if (pressed && does === "copy-code") page.copy(this.#source(), pressed, textarea, "Code copied");
      if (does === "notebook") this.#notebook();
      if (does === "close") close();
    });
    demo.querySelector(".actions")?.after(panel);
  }

  /**
   * @template {Element} T
   * @param {string} selector @param {new () => T} kind @returns {T}
   */
  #part(selector, kind) {
    const found = this.element.querySelector(selector);
    if (found instanceof kind) return found;
    throw new Error(`The panel has no ${selector}`);
  }

  /** The whole file with the reader's changes. */
  #source() {
    return this.#around.before + this.#editor.value + this.#around.after;
  }

  /** Shows a part of a source. @param {string} source @param {string} name */
  #show(source, name) {
    const known = parts(source);
    this.#select.replaceChildren(
      ...known.map(
        ({ name }) => new Option(name === this.#code.shown ? `${name} (the mathematics)` : name, name),
      ),
      new Option("the whole file", WHOLE),
    );
    this.#select.value = known.some((part) => part.name === name) ? name : WHOLE;
    const { shown, ...around } = excerpt(source, this.#select.value);
    this.#around = around;
    this.#editor.container.style.setProperty("--lines-before", String(around.line - 1));
    this.#editor.setOptions({ value: shown });
    this.#editor.container.scrollTop = 0;
    this.#tell();
  }

  /** Offers the original if the code in the editor differs from it, or the sandbox draws. */
  #compare() {
    this.#original.disabled = this.#source() === this.#code.source && !this.#sandboxed;
  }

  /** The reader has typed something. */
  #changed() {
    this.#tell();
    clearTimeout(this.#idle);
    sandbox.ready().catch(() => {}); // Run reports the error
    this.#idle = setTimeout(async () => {
      const source = this.#source();
      const problem = await sandbox.check(this.#demo.id, source).catch((error) => error);
      if (problem && source === this.#source() && !this.#busy) this.#fail(problem);
    }, IDLE);
  }

  /**
   * Shows the change of a link, which the reader can run.
   * @param {string} change @param {string} words
   */
  async offer(change, words) {
    if (FIXED) return;
    this.#offer(await unpack(this.#code.source, change), words);
  }

  /**
   * The same for the saved version, which is a whole file: it outlives the original it was made
   * from.
   */
  async #offerMine() {
    this.#offer(
      await unpack("", this.#saved.get(), MOST_SAVED),
      "This is the version that you ran last. Press Run to use it.",
    );
  }

  /** @param {string | undefined} source @param {string} words */
  #offer(source, words) {
    if (source === undefined) {
      this.#fail(
        new sandbox.CodeError(
          "This change can’t be read: it is damaged, or was made for another version of the figure.",
          0,
          "",
        ),
      );
      return;
    }
    this.#show(source, this.#code.shown);
    if (this.#editor.value === excerpt(this.#code.source, this.#code.shown).shown) this.#show(source, WHOLE);
    this.#tell(words);
  }

  /**
   * Shows the lesson's task with the code that it changes; each run checks it.
   * @param {HTMLElement} task
   */
  pose(task) {
    const box = this.#part(".task", HTMLElement);
    if (this.#task !== task) {
      this.#task = task;
      const words = [...task.children]
        .filter((child) => !child.querySelector("button"))
        .map((child) => child.cloneNode(true));
      const back = Object.assign(document.createElement("a"), {
        href: "#task",
        textContent: "Back to the task in the lesson",
      });
      box.replaceChildren(...words, back);
      box.hidden = false;
      this.#show(this.#source(), this.#code.task ?? this.#code.shown);
    }
    box.scrollIntoView({ block: "start" });
    this.#editor.textarea.focus({ preventScroll: true });
  }

  /** A sentence that says whether the code solves the task; "" without a task. */
  async #judged() {
    if (!this.#task || !this.#code.check) return "";
    const wrong = await sandbox.judge(this.#demo.id, this.#code.check);
    const words = wrong ? `Not solved yet: ${wrong}` : "You solved the task.";
    const said = this.#task.querySelector("output");
    if (said) said.textContent = wrong ? "" : words;
    return ` ${words}`;
  }

  /** @param {HTMLButtonElement} button */
  async #link(button) {
    const change = await pack(this.#code.source, this.#source());
    const field = this.#part("input.address", HTMLInputElement);
    if (change === undefined)
      return this.#tell("This change is too long for a link. Download the file and send that.");
    const own = JSON.parse(this.#form.dataset.defaults ?? "{}");
    const values = Object.entries(page.controls.state(this.#form)).filter(([name]) =>
      Object.hasOwn(own, name),
    );
    const hash = page.address.write(this.#demo.id, { ...Object.fromEntries(values), python: [change] }, own);
    page.copy(page.address.link(hash), button, field, "Link copied");
  }

  /** Offers the figure as a notebook, with the reader's version if there is one. */
  async #notebook() {
    const { source: original, lesson, wheel } = this.#code;
    const now = this.#source();
    const mine = now === original ? await unpack("", this.#saved.get(), MOST_SAVED) : now;
    const [values, changed] = [this.#call.text(), this.#ran === mine];
    const reachable = location.protocol.startsWith("http");
    const found = reachable ? document.querySelector(".to-downloads a") : null;
    const address = reachable ? page.address.link(`#${this.#demo.id}`) : "";
    const downloads = found instanceof HTMLAnchorElement ? found.href : "";
    const fits = changed || this.#ran === original;
    const facts = {
      name: this.#demo.id,
      lesson,
      wheel,
      address,
      downloads,
      original,
      mine,
      values: fits ? values : "",
      changed,
    };
    const href = URL.createObjectURL(new Blob([notebook(facts)], { type: "application/x-ipynb+json" }));
    Object.assign(document.createElement("a"), { href, download: `${this.#demo.id}.ipynb` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  /** Runs the code, or stops it if it is running. */
  async #start() {
    if (FIXED) return;
    if (this.#busy) return sandbox.stop();
    clearTimeout(this.#idle);
    this.#busy = true;
    this.#run.textContent = "Stop";
    this.#tell("Running. The first time, Python has to start for it.");
    const follow = (/** @type {Event} */ event) =>
      event instanceof CustomEvent && this.#progress(event.detail);
    sandbox.progress.addEventListener("progress", follow);
    const source = this.#source();
    const own = source === this.#code.source;
    let drawn = "";
    try {
      const [version, { controls, printed }] = await Promise.all([
        own ? undefined : pack("", source, MOST_SAVED),
        sandbox.run(this.#demo.id, source, this.#demo.look),
      ]);
      const { defaults, unmade } = adapt(this.#form, controls, this.#defaults);
      this.#defaults = defaults;
      this.#ran = source;
      this.#sandboxed = true;
      this.#compare();
      this.#call.rebuild();
      this.#print(printed);
      this.#keep(version);
      this.#demo.paint({ draw: (request) => this.#draw(request()) }, defaults);
      const missing = unmade.length
        ? ` There is no control for ${unmade.join(", ")} here, so the default is used.`
        : "";
      drawn = `${own ? "The original" : "Your version"} draws the figure now.${missing}`;
      this.#tell(drawn);
      const judged = await this.#judged();
      if (judged && this.#sandboxed) this.#tell(drawn + judged);
    } catch (error) {
      if (!drawn || this.#sandboxed) this.#fail(error); // or else the original was restored meanwhile
    }
    sandbox.progress.removeEventListener("progress", follow);
    this.#busy = false;
    this.#run.textContent = "Run";
  }

  /**
   * A picture drawn by the changed code; null if it fails or the original was restored meanwhile:
   * then the last one stays.
   * @param {import("../python/python.js").DrawRequest} request
   */
  async #draw(request) {
    try {
      const drawing = await sandbox.draw(request);
      if (!this.#sandboxed) return null;
      if (this.#stopped) this.#tell();
      this.#stopped = false;
      this.#print(drawing.printed);
      return drawing;
    } catch (error) {
      if (!this.#sandboxed) return null;
      this.#fail(error);
      this.#stopped = true;
      return null;
    }
  }

  /**
   * Shows the progress of the downloads that the code needs.
   * @param {{words: string, done: number, total: number}} received   in bytes
   */
  #progress({ words, done, total }) {
    const [told, bar] = [this.#part(".told", HTMLElement), this.#part("progress", HTMLProgressElement)];
    const come = done >= total;
    told.textContent = come
      ? "Running."
      : `${words}: ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
    told.hidden = false;
    bar.hidden = come;
    bar.max = total;
    bar.value = done;
  }

  /** @param {string | undefined} version */
  #keep(version) {
    if (version) this.#saved.set(version);
    this.#part("[data-does=mine]", HTMLElement).hidden = !this.#saved.get();
  }

  #restore() {
    clearTimeout(this.#idle);
    this.#show(this.#code.source, this.#select.value);
    this.#editor.extensions.history?.clear();
    if (!this.#sandboxed) return;
    this.#ran = this.#code.source;
    this.#sandboxed = false;
    this.#compare();
    const before = page.controls.read(this.#form);
    restore(this.#form);
    this.#defaults = JSON.parse(this.#form.dataset.defaults ?? "{}");
    const { fields } = page.address.take(before, page.controls.specs(this.#form));
    page.controls.write(this.#form, { ...this.#defaults, ...fields });
    this.#call.rebuild();
    this.#print("");
    this.#demo.paint(page.python, this.#defaults);
    sandbox.leave(this.#demo.id);
    this.#tell("The original draws the figure again.");
  }

  /** @param {string} printed */
  #print(printed) {
    const box = this.#part(".printed", HTMLElement);
    box.textContent = printed;
    box.hidden = !printed;
  }

  /** Shows a sentence in place of the last one, or of an error. @param {string} [words] */
  #tell(words = "") {
    this.#mark?.remove();
    this.#mark = undefined;
    const [wrong, told] = [this.#part(".misread", HTMLElement), this.#part(".told", HTMLElement)];
    wrong.hidden = true;
    this.#part("progress", HTMLProgressElement).hidden = true;
    told.textContent = words;
    told.hidden = !words;
    if (words) page.say(words);
  }

  /** Shows an error below the editor and at its line. @param {unknown} error */
  #fail(error) {
    if (!(error instanceof sandbox.CodeError)) console.error(error);
    const { message, line, printed } =
      error instanceof sandbox.CodeError ? error : { message: String(error), line: 0, printed: "" };
    if (line && !this.#lineAt(line)) {
      const source = this.#source();
      this.#show(source, parts(source).find(({ from, to }) => from < line && line <= to)?.name ?? WHOLE);
    }
    this.#tell();
    if (printed) this.#print(printed);
    const wrong = this.#part(".misread", HTMLElement);
    wrong.textContent = line ? `Line ${line}: ${message}` : message;
    wrong.hidden = false;
    const place = this.#lineAt(line);
    if (!place) return;
    this.#mark = Object.assign(document.createElement("span"), {
      className: "at-line",
      textContent: `  ← ${message}`,
    });
    const end = place.lastChild;
    if (end instanceof Text && end.data.endsWith("\n")) end.splitText(end.data.length - 1).before(this.#mark);
    const box = this.#editor.container;
    box.scrollTop = place.offsetTop - box.clientHeight / 2;
  }

  /** The element of a line of the file, if it is in the editor. @param {number} line   from 1 */
  #lineAt(line) {
    const at = line - this.#around.line + 1;
    return line && at > 0 ? this.#editor.lines[at] : undefined;
  }
}

/**
 * @param {string} text @param {number} at @param {number} end
 * @returns {string} the name at this position
 */
function wordAt(text, at, end) {
  const before = /\w*$/.exec(text.slice(0, at))?.[0] ?? "";
  const after = /^\w*/.exec(text.slice(end))?.[0] ?? "";
  return before + text.slice(at, end) + after;
}
