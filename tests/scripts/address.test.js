import assert from "node:assert/strict";
import { test } from "node:test";
import { link, parse, write } from "../../site/scripts/figure/address.js";

test("an address has a name and the values of each control, in order", () => {
  assert.deepEqual(parse("#normal?mean=1&pair=2&pair=3"), {
    name: "normal",
    fields: { mean: ["1"], pair: ["2", "3"] },
  });
  assert.deepEqual(parse("normal"), { name: "normal", fields: {} });
  assert.deepEqual(parse(""), { name: "", fields: {} });
  assert.deepEqual(parse("#demo?a=b?c"), { name: "demo", fields: { a: ["b?c"] } });
});

test("only values that differ from their defaults are written", () => {
  const defaults = { x: ["0"], kind: ["two"], pair: ["2", "3"] };
  assert.equal(write("d", { x: ["0"], kind: ["two"], pair: ["2", "3"] }, defaults), "#d");
  assert.equal(write("d", { x: ["1"], kind: ["two"], pair: ["2", "4"] }, defaults), "#d?x=1&pair=2&pair=4");
});

test("a written address can be read, with special characters and empty lists", () => {
  const fields = { kind: ["one & only #?="], free: [], x: ["-1.5"] };
  const { name, fields: read } = parse(write("d", fields, { kind: ["two"], free: ["1"], x: ["0"] }));
  assert.equal(name, "d");
  assert.deepEqual(read, { kind: ["one & only #?="], free: [""], x: ["-1.5"] });
});

test("a shared link has no options of this frame or kiosk, but those of the figure", () => {
  const page = "https://example.org/demos/normal.html";
  Object.assign(globalThis, { location: new URL("?embed=1&lock=normal.sd&kiosk=1#normal", page) });
  assert.equal(link("#normal?mean=1"), `${page}?lock=normal.sd#normal?mean=1`);
});
