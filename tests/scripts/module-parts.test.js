import assert from "node:assert/strict";
import { test } from "node:test";
import {
  TRAP,
  functions,
  joined,
  merge,
  numberAt,
  numberBytes,
  sections,
  withCode,
} from "../../site/scripts/python/module-parts.js";

/** Two functions, `one` and `many`, which return 1 and 300. */
const MODULE = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 0, 1, 127], // a type: () → i32
  ...[3, 3, 2, 0, 0], // both functions have it
  ...[7, 14, 2, 3, 111, 110, 101, 0, 0, 4, 109, 97, 110, 121, 0, 1], // their names
  ...[10, 12, 2, 4, 0, 65, 1, 11, 5, 0, 65, 172, 2, 11], // i32.const 1; i32.const 300
]);

/** The hot part of the module, without these functions, and what it lacks. @param {number[]} cold */
function split(cold) {
  /** @type {Uint8Array[]} */
  const left = [];
  let index = 0;
  const hot = withCode(MODULE, (start, _, end) => {
    const found = MODULE.subarray(start, end);
    index += 1;
    if (!cold.includes(index - 1)) return [found];
    left.push(found);
    return [Uint8Array.from([TRAP.length, ...TRAP])];
  });
  return { hot, cold: joined(left) };
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {any} */
const exportsOf = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

test("sections and functions are found", () => {
  assert.deepEqual(
    [...sections(MODULE)].map(({ id }) => id),
    [1, 3, 7, 10],
  );
  const code = [...sections(MODULE)][3];
  assert.deepEqual(
    [...functions(MODULE, code.from)].map(({ start, end }) => end - start),
    [5, 6],
  );
});

for (const number of [0, 127, 128, 300, 5_847_858, 2 ** 32 - 1])
  test(`${number} is written and read`, () => {
    const bytes = numberBytes(number);
    assert.deepEqual(numberAt(Uint8Array.from([9, ...bytes, 9]), 1), [number, 1 + bytes.length]);
  });

test("a cold function traps, and the others work", () => {
  const { one, many } = exportsOf(split([1]).hot);
  assert.equal(one(), 1);
  assert.throws(many, WebAssembly.RuntimeError);
});

for (const cold of [[], [0], [1], [0, 1]])
  test(`without ${cold.length ? `functions ${cold}` : "any"}, the module is put together again`, () => {
    const parts = split(cold);
    assert.deepEqual(merge([parts.hot], parts.cold), [MODULE]);
  });

test("the functions of several modules follow each other, and the last modules may be missing", () => {
  const [first, second] = [split([1]), split([0, 1])];
  const cold = joined([first.cold, second.cold]);
  assert.deepEqual(merge([first.hot, second.hot], cold), [MODULE, MODULE]);
  assert.deepEqual(merge([first.hot], cold), [MODULE]);
});

test("too few functions are an error", () => {
  const { hot, cold } = split([0, 1]);
  assert.throws(() => merge([hot], cold.subarray(0, 5)), /too few cold functions/);
});

test("a module that is cut short is an error", () => {
  assert.throws(() => numberAt(Uint8Array.of(128, 128), 0), /ends inside a number/);
});
