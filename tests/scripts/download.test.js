import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { registerHooks } from "node:module";
import { afterEach, mock, test } from "node:test";

const DATA = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
const hash = (/** @type {Uint8Array} */ data) =>
  `sha256-${createHash("sha256").update(data).digest("base64")}`;
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const FILES = {
  "a.whl": { url: "runtime/a.0.whl", bytes: DATA.length, integrity: hash(DATA) },
  "b.wasm": { url: "runtime/b.0.wasm", bytes: EMPTY_MODULE.length, integrity: hash(EMPTY_MODULE) },
};

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./manifest.js"
      ? {
          url: `data:text/javascript,export const files = ${encodeURIComponent(JSON.stringify(FILES))}`,
          shortCircuit: true,
        }
      : next(specifier, context),
});
Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
const download = await import("../../site/scripts/python/download.js");
const { DownloadError } = await import("../../site/scripts/python/error-messages.js");

/** What is asked for, with which cache. @type {string[]} */
let asked = [];

/** Answers one request after the other; the last answer stays. @param {((signal: AbortSignal) => Response | Promise<Response>)[]} answers */
function serve(...answers) {
  asked = [];
  download.received.done = download.received.total = 0;
  mock.method(console, "warn", () => {});
  mock.method(
    globalThis,
    "fetch",
    async (/** @type {URL} */ url, /** @type {RequestInit} */ { cache, signal }) => {
      assert.ok(url.href.includes("/runtime/"));
      asked.push(String(cache));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return /** @type {Function} */ (answer)(signal);
    },
  );
}
afterEach(() => mock.restoreAll());

const whole = () => new Response(DATA);
const flipped = DATA.with(500, DATA[500] ^ 1);
const stalled = (/** @type {AbortSignal} */ signal) =>
  new Response(
    new ReadableStream({
      start(control) {
        control.enqueue(DATA.slice(0, 10));
        signal.addEventListener("abort", () => control.error(signal.reason));
      },
    }),
  );
const broken = () =>
  new Response(
    new ReadableStream({
      pull(control) {
        if (control.desiredSize) control.enqueue(DATA.slice(0, 500));
        control.error(new TypeError("network error"));
      },
    }),
  );

const FAULTS = {
  missing: () => new Response("not found", { status: 404 }),
  "a broken server": () => new Response(DATA, { status: 500 }),
  "cut short": () => new Response(DATA.slice(0, 500)),
  "too long": () => new Response(Uint8Array.from([...DATA, 1])),
  "one bit": () => new Response(flipped),
  "a portal": () =>
    new Response("<!doctype html><title>Sign in</title>", { headers: { "content-type": "text/html" } }),
  "broken off": broken,
  "no network": () => Promise.reject(new TypeError("failed to fetch")),
};

test("a complete file is passed on and counted", async () => {
  serve(whole);
  assert.deepEqual(new Uint8Array(await download.bytes("a.whl")), DATA);
  assert.deepEqual(asked, ["default"]);
  assert.deepEqual([download.received.done, download.received.total], [1000, 1000]);
});

for (const [name, answer] of Object.entries(FAULTS)) {
  test(`${name}, once: the file is requested again, without the cache`, async () => {
    serve(answer, whole);
    assert.deepEqual(new Uint8Array(await download.bytes("a.whl")), DATA);
    assert.deepEqual(asked, ["default", "reload"]);
    assert.equal(download.received.done, 1000);
  });

  test(`${name}, always: the reader sees an error`, async () => {
    serve(answer);
    const error = await download.bytes("a.whl").catch((reason) => reason);
    assert.ok(error instanceof DownloadError);
    assert.ok(error.message); // error-messages.test.js reads it
    assert.deepEqual(asked, ["default", "reload"]);
    assert.equal(download.received.done, 0);
  });
}

test("wrong bytes of the right length are distinguished from all other faults", async () => {
  /** @type {unknown[]} */
  const reasons = [];
  for (const answer of [FAULTS["one bit"], FAULTS["cut short"]]) {
    serve(answer, whole);
    await download.bytes("a.whl", (reason) => reasons.push(reason));
  }
  assert.deepEqual(
    reasons.map((reason) => reason instanceof download.OtherBytes),
    [true, false],
  );
});

test("a download that has stopped is abandoned, a slow one is not", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  serve(stalled, stalled);
  const end = download.bytes("a.whl").catch((reason) => reason);
  for (let second = 0; second < 60; second += 1) {
    await new Promise(setImmediate);
    mock.timers.tick(1000);
  }
  assert.ok((await end) instanceof DownloadError);
  assert.equal(asked.length, 2);

  /** @type {ReadableStreamDefaultController} */
  let control;
  serve((signal) => {
    const start = (/** @type {ReadableStreamDefaultController} */ given) => {
      control = given;
      signal.addEventListener("abort", () => given.error(signal.reason));
    };
    return new Response(new ReadableStream({ start }));
  });
  const slow = download.bytes("a.whl");
  for (let at = 0; at < DATA.length; at += 100) {
    await new Promise(setImmediate);
    mock.timers.tick(19_000);
    // @ts-expect-error it is set by then
    control.enqueue(DATA.slice(at, at + 100));
  }
  // @ts-expect-error it is set by then
  control.close();
  assert.equal((await slow).byteLength, 1000);
  assert.equal(asked.length, 1);
  mock.timers.reset();
});

test("offline, the message says so", async () => {
  navigator.onLine = false; // the stand-in above
  serve(FAULTS["no network"]);
  await assert.rejects(download.bytes("a.whl"), /offline/);
  navigator.onLine = true;
});

test("a module is compiled with any MIME type, and other files are rejected", async () => {
  for (const type of ["application/wasm", "application/octet-stream", ""]) {
    serve(() => new Response(EMPTY_MODULE, { headers: { "content-type": type } }));
    assert.ok((await download.module("b.wasm")) instanceof WebAssembly.Module);
  }
  for (const answer of [FAULTS["a portal"], FAULTS.missing, () => new Response(EMPTY_MODULE.slice(0, 5))]) {
    serve(answer);
    await assert.rejects(download.module("b.wasm"), DownloadError);
    assert.deepEqual(asked, ["default", "reload"]);
  }
});
