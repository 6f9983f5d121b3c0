/**
 * Scripts and files for browsers that refuse modules and workers: see carrier.py, which reads and writes for it.
 *
 *     node bundle/carrier.mjs modules FOLDER NAME…  the modules NAME of the folder, each in one file, what they share in others
 *     node bundle/carrier.mjs page FOLDER NAME…   the modules NAME of the folder as one classic script
 *     node bundle/carrier.mjs workers FOLDER      worker.js and unpack.js, each with what it imports
 *     node bundle/carrier.mjs files NAME=PATH…    the files as texts
 *     node bundle/carrier.mjs module PATH         a module with what it imports; styles as texts
 *     node bundle/carrier.mjs shrunk PATH…        styles and classic scripts without what only their authors read
 *
 * Writes JSON: a text, or an object of texts.
 */
import { readFileSync, realpathSync } from "node:fs";
import zlib from "node:zlib";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const FLOOR = ["chrome112", "firefox113", "safari16.4"];
/** What Pyodide's package does not let others import by name. */
const ALIAS = { "pyodide-asm": fileURLToPath(new URL("../node_modules/pyodide/pyodide.asm.mjs", import.meta.url)) };
/** Made once, carried by everybody. */
const COMPRESSION = {
  [zlib.constants.ZSTD_c_compressionLevel]: 22,
  [zlib.constants.ZSTD_c_windowLog]: 24,
};

/** @param {import("esbuild").BuildOptions} options */
async function bundled(options) {
  const made = await build({
    bundle: true,
    write: false,
    charset: "ascii",
    target: FLOOR,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
    ...options,
  });
  return /** @type {import("esbuild").OutputFile[]} */ (made.outputFiles)[0].text;
}

/** Published as they are: workers and pages share them, or the build makes them. */
const APART = /[/](?:causes|download|manifest|editor)[.]js$/;

/**
 * The modules that are asked for by name, each joined with what it alone imports. What several need is in files of its own.
 * @param {string} folder @param {string[]} names
 * @returns {Promise<{texts: Record<string, string>, imports: Record<string, string[]>}>} texts by name; what each module imports at once
 */
async function modules(folder, names) {
  const made = await build({
    entryPoints: names.map((name) => `${folder}/${name}`),
    outdir: "/",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    chunkNames: "[name]-[hash]",
    charset: "utf8",
    target: FLOOR,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    plugins: [
      {
        name: "apart",
        setup: ({ onResolve }) => onResolve({ filter: APART }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
  const imports = Object.entries(made.metafile.outputs).map(([name, output]) => [
    basename(name),
    output.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path)),
  ]);
  return {
    texts: Object.fromEntries(made.outputFiles.map(({ path, text }) => [basename(path), text])),
    imports: Object.fromEntries(imports),
  };
}

/**
 * The page's modules as one classic script. It runs those that the browser has refused (embed.js marks them), or, in a page that asks for
 * none, all.
 * @param {string} folder @param {string[]} names
 */
function page(folder, names) {
  const parts = names.map((name) => `${JSON.stringify(name)}: () => import("./${name}")`);
  const contents = `
    const parts = {${parts}};
    const refused = [...document.querySelectorAll("script[data-refused]")].map(({ src }) => src.split("/").pop());
    if (refused.length) import("./faces.js");
    for (const name of refused.length ? refused : Object.keys(parts)) parts[name]?.();
  `;
  return bundled({
    stdin: { contents, resolveDir: folder },
    absWorkingDir: realpathSync(folder), // esbuild writes the way from there to each module into the script
    format: "iife",
    define: { "import.meta.url": "here" },
    // Inside a page there is no address; nothing is fetched there either.
    banner: { js: '{const here=document.currentScript.src||"file:///a/b/c";' },
    footer: { js: "}" },
  });
}

/** @param {string} file */
const module = (file) => bundled({ entryPoints: [file], format: "esm", loader: { ".css": "text", ".html": "text", ".py": "text" }, alias: ALIAS, external: ["node:*", "ws"] });

/** @param {string[]} pairs */
function texts(pairs) {
  const files = pairs.map((pair) => {
    const [name, path] = pair.split(/=(.*)/s);
    const bytes = readFileSync(path);
    // The snapshot is packed already, and with the decoder everything begins.
    const packed = name === "snapshot.bin" || name === "zstddec.js" ? bytes : zlib.zstdCompressSync(bytes, { params: COMPRESSION });
    return [name, packed.toString("base64")];
  });
  return Object.fromEntries(files);
}

/** @param {string} folder */
const workers = async (folder) => ({
  worker: await module(`${folder}/worker.js`),
  unpack: await module(`${folder}/unpack.js`),
});

/** @param {string[]} paths */
function shrunk(paths) {
  const options = { charset: /** @type {const} */ ("utf8"), target: FLOOR, minifyWhitespace: true, legalComments: /** @type {const} */ ("none") };
  const texts = paths.map(async (path) => {
    const loader = extname(path) === ".css" ? "css" : "js";
    return (await transform(readFileSync(path, "utf8"), { ...options, loader })).code;
  });
  return Promise.all(texts);
}

const [what, first, ...rest] = process.argv.slice(2);
const answer = {
  modules: () => modules(first, rest),
  page: () => page(first, rest),
  workers: () => workers(first),
  files: () => texts([first, ...rest]),
  module: () => module(first),
  shrunk: () => shrunk([first, ...rest]),
}[what];
process.stdout.write(JSON.stringify(await answer?.()));
