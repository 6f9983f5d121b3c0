import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { explain, explainStart } from "../../site/scripts/python/error-messages.js";

const of = (fault, online = true) => explain("numpy", "runtime/", fault, online);

test("each cause has its own message, with a next step", () => {
  const faults = [
    { kind: "page" },
    { kind: "silent" },
    { kind: "damaged" },
    { kind: "blocked" },
    ...[403, 404, 500].map((status) => ({ kind: "status", status })),
  ];
  const said = faults.map((fault) => of(fault));
  assert.equal(new Set(said).size, faults.length);
  for (const words of said) {
    assert.match(words, /numpy/);
    assert.match(words, /try again/);
    assert.doesNotMatch(words, /browser is too old|Chrome/);
  }
  assert.match(of({ kind: "page" }), /sign in/);
  assert.match(of({ kind: "blocked" }), /runtime\//);
  for (const status of [401, 403, 407, 451, 511]) assert.match(of({ kind: "status", status }), /refused/);
  assert.match(of({ kind: "blocked" }, false), /offline/);
});

test("only a browser that lacks a feature is called old", () => {
  const all = { wasm: true, worker: true };
  const named = (name, message = "") => Object.assign(new Error(message), { name });
  const causes = [
    [named("CompileError"), all, /too old/],
    [named("LinkError"), all, /too old/],
    [named("RangeError"), all, /memory/],
    [named("Error", "WebAssembly.Memory(): could not allocate memory"), all, /memory/],
    [named("SecurityError"), all, /site data/],
    [named("Refused"), all, /background/],
    [named("Error"), { wasm: false, worker: true }, /WebAssembly/],
    [named("Error"), { wasm: true, worker: false }, /background/],
    [named("TypeError", "x is not a function"), all, /error/],
    ["a text", all, /error/],
  ];
  for (const [cause, has, words] of causes) assert.match(explainStart(cause, has), words);
  for (const [cause, has] of causes.slice(2)) assert.doesNotMatch(explainStart(cause, has), /too old/);
});

test("the scripts that are fetched again are all that the workers load", () => {
  const folder = new URL("../../site/scripts/python/", import.meta.url);
  const text = (name) => readFileSync(new URL(name, folder), "utf8");
  const loaded = new Set();
  const follow = (name) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    if (name === "manifest.js") return; // the build makes it
    for (const [, other] of text(name).matchAll(/^import .*from "\.\/([\w-]+\.js)"/gm)) follow(other);
  };
  const workers = ["worker.js", "download-worker.js"];
  workers.forEach(follow);
  // Each worker is published in one file with its own imports; the build names shared modules.
  const [, apart] = /const EXTERNAL = (.*?);/.exec(
    readFileSync(new URL("../../bundle/bundler.mjs", import.meta.url), "utf8"),
  );
  const stays = new RegExp(apart.slice(1, -1));
  const published = new Set([...loaded].filter((name) => workers.includes(name) || stays.test(`/${name}`)));
  const [, listed] = /const WORKER_SCRIPTS = \[(.*?)\]/s.exec(text("start.js"));
  assert.deepEqual(new Set([...listed.matchAll(/"([\w.-]+)"/g)].map(([, name]) => name)), published);
});
