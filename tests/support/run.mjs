/**
 * What figures say in given states, computed by Pyodide, the Python of the browser.
 *
 *     node tests/support/run.mjs CORE LIBRARY SOURCES < states.json > answers.json
 *
 * CORE     folder with Pyodide's files
 * LIBRARY  folder with the unpacked packages
 * SOURCES  folders with the course's own modules: py and tests/support
 */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [core, library, ...sources] = process.argv.slice(2).map((name) => path.resolve(name));
process.argv.length = 1; // Emscripten hands the rest to Python
const { loadPyodide } = await import(pathToFileURL(path.join(core, "pyodide.mjs")).href);

/** @param {any} FS @param {string} folder @param {string} target  Copy all files of a folder. */
function copy(FS, folder, target) {
  for (const name of /** @type {string[]} */ (fs.readdirSync(folder, { recursive: true }))) {
    const file = path.join(folder, name);
    if (!/\.(py|pyc|so|ttf|afm|json|mplstyle|npz)$|matplotlibrc$/.test(name) || !fs.statSync(file).isFile())
      continue;
    if (name.includes("__pycache__") && folder !== library) continue;
    const inside = path.posix.join(target, name.split(path.sep).join("/"));
    FS.mkdirTree(path.posix.dirname(inside));
    FS.writeFile(inside, new Uint8Array(fs.readFileSync(file)));
  }
}

const states = fs.readFileSync(0, "utf8"); // before Pyodide takes standard input over, and makes reading from it not wait
const python = await loadPyodide({
  indexURL: core,
  env: { HOME: "/home/pyodide", MPLBACKEND: "agg", PYTHONPATH: "/library:/course", PYTHONHASHSEED: "0" },
  fsInit: (/** @type {any} */ FS) => {
    copy(FS, library, "/library");
    for (const folder of sources) copy(FS, folder, "/course");
  },
});
python.globals.set("states", states);
const found = python.runPython(`
import json, run
json.dumps(run.answers(json.loads(states)))
`);
process.stdout.write(found);
