import assert from "node:assert/strict";
import { test } from "node:test";
import { freeSpot } from "../../site/scripts/figure/free-spot.js";

const wide = { min: -5, max: 5, step: 0.5 };
const classes = { min: 0, max: 1, step: 1 };

test("the first point is in the middle, on a step", () => {
  assert.deepEqual(freeSpot([], wide, wide), [0, 0]);
  const [, y] = freeSpot([], { min: 0, max: 10, step: 0.1 }, classes);
  assert.ok(y === 0 || y === 1, `${y} lies between the two classes`);
});

test("many new points all have different positions", () => {
  for (const y of [wide, classes]) {
    const points = [];
    for (let count = 0; count < 20; count += 1) points.push(freeSpot(points, wide, y));
    assert.equal(new Set(points.map(String)).size, points.length);
    for (const [x, height] of points) assert.ok(x % 0.5 === 0 && height % y.step === 0);
  }
});

test("a new point keeps its distance from the others", () => {
  const [x, y] = freeSpot([[0, 0]], wide, wide);
  assert.ok(Math.hypot(x, y) >= 1);
});
