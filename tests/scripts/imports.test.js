// The import graph of site/scripts: no module imports itself through others, and no folder does.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../site/scripts/", import.meta.url));
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm; // types in comments load nothing
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+\.js)"/g; // static and dynamic
const BUILT = "python/manifest.js"; // the build writes it

/** The modules, and for each the modules that it imports. @returns {Map<string, string[]>} */
function imports() {
  const names = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  return new Map(
    names.map((name) => {
      const code = readFileSync(join(ROOT, name), "utf8").replace(COMMENT, "");
      const found = [...code.matchAll(IMPORT)].map(([, path]) => normalize(join(dirname(name), path)));
      return [name, found.filter((path) => path !== BUILT)];
    }),
  );
}

/** A cycle of a graph, as a list of its nodes; empty if there is none. @param {Map<string, string[]>} graph */
function cycle(graph) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} node @param {string[]} path @returns {string[]} */
  const visit = (node, path) => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const found = visit(next, [...path, node]);
      if (found.length) return found;
    }
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const found = visit(node, []);
    if (found.length) return found;
  }
  return [];
}

test("every import names an existing file", () => {
  const graph = imports();
  assert.ok(graph.size > 30);
  for (const [name, paths] of graph)
    for (const path of paths) assert.ok(graph.has(path), `${name} imports ${path}`);
});

test("no modules import each other in a cycle", () => {
  assert.deepEqual(cycle(imports()), []);
});

test("no folders import each other in a cycle", () => {
  /** @type {Map<string, string[]>} */
  const folders = new Map();
  for (const [name, paths] of imports()) {
    const known = folders.get(dirname(name)) ?? [];
    const others = paths.map(dirname).filter((folder) => folder !== dirname(name));
    folders.set(dirname(name), [...new Set([...known, ...others])]);
  }
  assert.deepEqual(cycle(folders), []);
});

test("a cycle is found", () => {
  assert.deepEqual(
    cycle(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
    ["b", "c", "b"],
  );
});
