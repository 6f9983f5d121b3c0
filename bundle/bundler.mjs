/**
 * Runs esbuild and Zstandard for bundler.py, which calls it as `node bundle/bundler.mjs COMMAND …`:
 *
 *     modules PATH…      each entry point as a module; what several of them import, in chunks
 *     page FOLDER NAME…  the entry points NAME of FOLDER as one classic script
 *     module PATH        a module with everything it imports; styles and Python files as texts
 *     files NAME=PATH…   the files, compressed and in base64
 *     minified PATH…     styles and classic scripts without comments and white space
 *
 * Writes JSON to stdout: a text, a list of texts, or an object of texts.
 */
import { readFileSync, realpathSync } from "node:fs";
import zlib from "node:zlib";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const OLDEST_BROWSERS = ["chrome112", "firefox113", "safari16.4"];
/** Pyodide's package does not export this file by name. */
const ALIAS = {
  "pyodide-asm": fileURLToPath(new URL("../node_modules/pyodide/pyodide.asm.mjs", import.meta.url)),
};
/** Slow to compress, which happens once; every reader downloads the result. */
const COMPRESSION = {
  [zlib.constants.ZSTD_c_compressionLevel]: 22,
  [zlib.constants.ZSTD_c_windowLog]: 24,
};
/**
 * Published as they are: pages and workers share the first two, and the build writes the others.
 */
const EXTERNAL = /[/](?:error-messages|download|manifest|editor)[.]js$/;

/** @param {import("esbuild").BuildOptions} options */
async function bundled(options) {
  const made = await build({
    bundle: true,
    write: false,
    charset: "ascii",
    target: OLDEST_BROWSERS,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
    ...options,
  });
  return /** @type {import("esbuild").OutputFile[]} */ (made.outputFiles)[0].text;
}

/**
 * Bundles each entry point with the modules that it alone imports. All files are published in one
 * folder, whatever folder they come from.
 * @param {string[]} paths
 * @returns {Promise<{texts: Record<string, string>, imports: Record<string, string[]>}>} by name:
 *   the texts, and the static imports
 */
async function modules(paths) {
  const made = await build({
    entryPoints: paths,
    outdir: "/",
    entryNames: "[name]",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    chunkNames: "[name]-[hash]",
    charset: "utf8",
    target: OLDEST_BROWSERS,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    plugins: [
      {
        name: "external",
        setup: ({ onResolve }) =>
          onResolve({ filter: EXTERNAL }, ({ path }) => ({ path: `./${basename(path)}`, external: true })),
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
 * The entry points of a page as one classic script. It runs those that the browser has refused
 * (embed.js marks them), or all of them in a page that loads no modules.
 * @param {string} folder @param {string[]} names
 */
function page(folder, names) {
  const parts = names.map((name) => `${JSON.stringify(basename(name))}: () => import("./${name}")`);
  const contents = `
    const parts = {${parts}};
    const refused = [...document.querySelectorAll("script[data-refused]")].map(({ src }) => src.split("/").pop());
    if (refused.length) import("./channels/inline-fonts.js");
    for (const name of refused.length ? refused : Object.keys(parts)) parts[name]?.();
  `;
  return bundled({
    stdin: { contents, resolveDir: folder },
    absWorkingDir: realpathSync(folder), // esbuild writes the path from here to each module into the script
    format: "iife",
    define: { "import.meta.url": "here" },
    // A script inside a page has no URL; nothing is fetched there either.
    banner: { js: '{const here=document.currentScript.src||"file:///a/b/c";' },
    footer: { js: "}" },
  });
}

/** @param {string} file */
const module = (file) =>
  bundled({
    entryPoints: [file],
    format: "esm",
    loader: { ".css": "text", ".html": "text", ".py": "text" },
    alias: ALIAS,
    external: ["node:*", "ws"],
  });

/** @param {string[]} pairs */
function files(pairs) {
  const texts = pairs.map((pair) => {
    const [name, path] = pair.split(/=(.*)/s);
    const bytes = readFileSync(path);
    // The snapshot is compressed already, and the decoder must be readable without a decoder.
    const packed =
      name === "snapshot.bin" || name === "zstddec.js"
        ? bytes
        : zlib.zstdCompressSync(bytes, { params: COMPRESSION });
    return [name, packed.toString("base64")];
  });
  return Object.fromEntries(texts);
}

/** @param {string[]} paths */
function minified(paths) {
  const options = {
    charset: /** @type {const} */ ("utf8"),
    target: OLDEST_BROWSERS,
    minifyWhitespace: true,
    legalComments: /** @type {const} */ ("none"),
  };
  const texts = paths.map(async (path) => {
    const loader = extname(path) === ".css" ? "css" : "js";
    return (await transform(readFileSync(path, "utf8"), { ...options, loader })).code;
  });
  return Promise.all(texts);
}

const [command, ...args] = process.argv.slice(2);
const answer = {
  modules: () => modules(args),
  page: () => page(args[0], args.slice(1)),
  module: () => module(args[0]),
  files: () => files(args),
  minified: () => minified(args),
}[command];
process.stdout.write(JSON.stringify(await answer?.()));
