/**
 * A plain page as Pyodide tutorials suggest, done well: everything on the main thread, a PNG for each input. Downloads run in parallel,
 * the figure is created once and then updated, and the PNG is passed as bytes.
 */

// @ts-expect-error: only the benchmark's server has this URL
import { loadPyodide } from "./pyodide/pyodide.mjs";

const image = /** @type {HTMLImageElement} */ (document.getElementById("picture"));
const inputs = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("input")]);

const source = fetch("plain.py").then((response) => response.text());
const pyodide = await loadPyodide();
await pyodide.loadPackage(["numpy", "matplotlib"]);
pyodide.runPython(await source);
const draw = pyodide.globals.get("draw");

function update() {
  const png = draw(...inputs.map((input) => input.valueAsNumber));
  const data = png.toJs();
  png.destroy();
  const old = image.src;
  image.src = URL.createObjectURL(new Blob([data], { type: "image/png" }));
  URL.revokeObjectURL(old);
}

update();
await image.decode();
performance.mark("plain-ready");
for (const input of inputs) input.addEventListener("input", update);
