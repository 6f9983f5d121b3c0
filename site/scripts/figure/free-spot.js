/**
 * Where a new point goes: the free spot nearest to the middle. A pure function; controls.js calls it
 * for *Add point*.
 *
 * @typedef {object} Range   of one coordinate: those of its number field
 * @property {number} min
 * @property {number} max
 * @property {number} step
 */

const CELLS = 12; // spots along each axis
const FREE_DISTANCE = 0.12; // as a fraction of the ranges: a spot this far from every point is free

/** @param {Range} range @param {number} fraction from 0 to 1 @returns {number} a value on a step */
function valueAt({ min, max, step }, fraction) {
  const value = min + Math.round((fraction * (max - min)) / step) * step;
  return Number(Math.min(value, max).toPrecision(12));
}

/**
 * @param {[number, number][]} points   existing points
 * @param {Range} x @param {Range} y
 * @returns {[number, number]} on the steps, near the middle, away from the other points
 */
export function freeSpot(points, x, y) {
  const size = [x.max - x.min, y.max - y.min];
  /** @param {[number, number]} one @param {[number, number]} other @returns {number} */
  const distance = (one, other) => Math.hypot((one[0] - other[0]) / size[0], (one[1] - other[1]) / size[1]);
  /** @type {[number, number]} */
  const middle = [valueAt(x, 0.5), valueAt(y, 0.5)];
  /** @type {[number, number]} */
  let best = middle;
  let bestScore = -Infinity;
  for (let column = 0; column <= CELLS; column += 1) {
    for (let row = 0; row <= CELLS; row += 1) {
      /** @type {[number, number]} */
      const spot = [valueAt(x, column / CELLS), valueAt(y, row / CELLS)];
      const gap = Math.min(...points.map((point) => distance(point, spot)), FREE_DISTANCE);
      const score = gap - 0.01 * distance(spot, middle); // if no spot is free, the widest gap wins
      if (score > bestScore) [best, bestScore] = [spot, score];
    }
  }
  return best;
}
