/** For the scripts that run Python in the build: the same input gives the same bytes, and errors are short. */

import crypto from "node:crypto";
import path from "node:path";
import zlib from "node:zlib";

const script = process.argv[1];

/** Slow to compress, which happens once; every reader downloads the result. The window spans the whole snapshot. */
export const COMPRESSION = {
  [zlib.constants.ZSTD_c_compressionLevel]: 22,
  [zlib.constants.ZSTD_c_windowLog]: 26,
  [zlib.constants.ZSTD_c_enableLongDistanceMatching]: 1,
};

/** Makes random numbers and the clock reproducible. */
export function freeze() {
  const began = Date.UTC(2000, 0, 1);
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const fill = (/** @type {ArrayBufferView} */ view) => {
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).forEach(
      (_, i, bytes) => (bytes[i] = random() * 256),
    );
    return view;
  };
  Math.random = random;
  /** @type {any} */ (crypto).randomFillSync = fill;
  globalThis.crypto.getRandomValues = /** @type {any} */ (fill);
  globalThis.Date = /** @type {any} */ (
    class extends Date {
      constructor(/** @type {any[]} */ ...args) {
        super(.../** @type {[any]} */ (args.length ? args : [began]));
      }
      static now() {
        return began;
      }
    }
  );
  performance.now = () => 0;
  process.env.TZ = "UTC";
  process.argv.length = 1; // Emscripten hands the rest to Python
}

/** @param {string} text */
export const say = (text) => process.stderr.write(`${path.basename(script, ".mjs")}: ${text}\n`);

// Without this, Node prints the source line of an error, and Pyodide's lines are a megabyte long.
process.on("uncaughtException", (error) => {
  say(error.stack ?? String(error));
  process.exit(1);
});
