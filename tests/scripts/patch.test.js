import assert from "node:assert/strict";
import test from "node:test";

import { pack, unpack } from "../../site/scripts/see-python/patch.js";

const ORIGINAL = Array.from({ length: 300 }, (_, line) => `line ${line} of σ = ${line * line}\n`).join("");

test("a change can be decoded from its compressed text", async () => {
  const added = [`x${ORIGINAL}`, `${ORIGINAL}x`, ORIGINAL.replace("\n", "\n\n")];
  for (const changed of [ORIGINAL.replace("line 7 ", "new "), ...added, ORIGINAL, "", ORIGINAL.slice(5)]) {
    const text = await pack(ORIGINAL, changed);
    assert.match(text, /^[\w-]+$/);
    assert.equal(await unpack(ORIGINAL, text), changed);
  }
  assert.ok((await pack(ORIGINAL, ORIGINAL.replace("line 7 ", "new "))).length < 60);
});

test("a long change is rejected, and so is one of another figure or a damaged one", async () => {
  const noise = Array.from(crypto.getRandomValues(new Uint8Array(9_000)), (byte) =>
    String.fromCharCode(33 + (byte % 90)),
  ).join("");
  assert.equal(await pack("", noise), undefined, "no room");
  const text = await pack(ORIGINAL, `${ORIGINAL}x`);
  assert.equal(await unpack(`${ORIGINAL} `, text), undefined);
  for (const other of ["", "!", text.slice(1), text.slice(0, -4), "a".repeat(9_000)])
    assert.equal(await unpack(ORIGINAL, other), undefined);
});
