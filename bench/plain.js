/**
 * The page that tutorials of Pyodide build, and build it well: everything on the main thread, a PNG for each input.
 * What can be fetched at once is; the figure is made once and only its parts are set; the PNG is not sent through text.
 */

// @ts-expect-error: the address is one of the server that measures
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
