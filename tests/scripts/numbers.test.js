/** How people write numbers. `node --test tests/scripts/numbers.test.js` runs this file. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clamp,
  next,
  read,
  readings,
  refusal,
  unfinished,
  write,
} from "../../site/scripts/figure/numbers.js";

/** @type {[number, string[]][]} */
const WRITTEN = [
  [
    0.5,
    ["0.5", "0,5", ".5", ",5", " 0.5 ", "0.5\u00a0", "+0.5", "5e-1", "5E−1", "1/2", "1 / 2", "５e-1", "٠٫٥"],
  ],
  [-1.5, ["-1.5", "−1.5", "–1.5", "—1,5", "﹣1.5", "－1.5", "⁻1.5", "‐1.5", "− 1,5", "−3/2"]],
  [1234.5, ["1,234.5", "1.234,5", "1 234,5", "1\u00a0234.5", "1\u202f234,5", "1'234.5", "1’234,5", "1234.5"]],
  [1234567, ["1,234,567", "1.234.567", "1 234 567", "1'234'567"]],
  [1.234, ["1.234", "1.2340"]],
  [0.234, ["0,234", "0.234"]],
  [12, ["12", "12.", "12,", "012"]],
  [8.2e-8, ["8.2e-8", "8.2·10⁻⁸", "8,2 × 10^-8", "8.2*10⁻⁸"]],
  [0.001, ["10⁻³", "10^-3", "1e-3"]],
  [0, ["0", "-0", "0,0"]],
];

for (const [number, texts] of WRITTEN)
  test(`${number}`, () => {
    for (const text of texts) assert.deepEqual(readings(text), [number], text);
  });

test("texts that are not numbers", () => {
  for (const text of [
    "",
    "-",
    "abc",
    "1 5",
    "1,23.4",
    "1.2.3",
    "12,34,567",
    "0x10",
    "Infinity",
    "NaN",
    "1/0",
    "50%",
    "1e",
    "--1",
    "1,5,6",
    "5 - 3",
    "1'5",
    "10^",
    "1e999",
  ])
    assert.deepEqual(readings(text), [], text);
});

test("a comma before three digits is ambiguous, unless only one reading is in the range", () => {
  assert.deepEqual(readings("1,234"), [1234, 1.234]);
  assert.deepEqual(readings("−12,000"), [-12000, -12]);
  assert.deepEqual(read("1,234", { low: -1e9, high: 1e9, whole: false }), { readings: [1234, 1.234] });
  assert.deepEqual(read("1,234", { low: -3, high: 3, whole: false }), { number: 1.234, fitted: 1.234 });
  assert.deepEqual(read("1,000", { low: 500, high: 4000, whole: true }), { number: 1000, fitted: 1000 });
  assert.match(refusal("1,234", [1234, 1.234]), /1234 or 1\.234/);
  assert.match(refusal(" zwei ", []), /“zwei”/);
});

test("a number outside its limits is clamped, and an integer is rounded", () => {
  assert.equal(clamp(2.5, { low: 1, high: 8, whole: true }), 3);
  assert.equal(clamp(99, { low: 1, high: 8, whole: true }), 8);
  assert.deepEqual(read("-9", { low: -3, high: 3, whole: false }), { number: -9, fitted: -3 });
});

test("an incomplete number is not an error", () => {
  for (const text of ["", "-", "1e", "1e-", ".", "−", "1/", "1 2", "1'2", "2·", "2·10", "10^"])
    assert.ok(unfinished(text), text);
  for (const text of ["abc", "1..", "--", "1.5", "5 m"]) assert.ok(!unfinished(text), text);
});

test("an arrow key goes to the next step", () => {
  const linear = { log: false, large: false };
  assert.equal(next(1, 0.5, linear), 1.5);
  assert.equal(next(1.2, 0.5, linear), 1.5);
  assert.equal(next(1.2, -0.5, linear), 1);
  assert.equal(write(next(0.3, 0.1, linear)), "0.4");
  assert.equal(next(1, -0.5, { log: false, large: true }), -4);
});

test("an arrow key in a logarithmic field goes to the next of 1, 2, 5", () => {
  const log = { log: true, large: false };
  const up = [0.1, 0.2, 0.5, 1, 2, 5, 10];
  for (const [index, from] of up.slice(0, -1).entries()) {
    assert.equal(next(from, 1, log), up[index + 1]);
    assert.equal(next(up[index + 1], -1, log), from);
  }
  assert.equal(next(0.3, 1, log), 0.5);
  assert.equal(next(0.3, -1, log), 0.2);
  assert.equal(next(1e-16, 1, log), 2e-16);
  assert.equal(write(next(0.03, 1, { log: true, large: true })), "0.3");
});
