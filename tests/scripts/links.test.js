/** Links that chat apps have changed, that were truncated, or that were typed by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { complaint, parse, take, write } from "../../site/scripts/figure/address.js";

/** @type {(low: number, high: number, whole?: boolean) => import("../../site/scripts/figure/numbers.js").Limits} */
const limits = (low, high, whole = false) => ({ low, high, whole });
/** @type {Map<string, import("../../site/scripts/figure/address.js").Spec>} */
const SPECS = new Map([
  ["mean", { kind: "number", limits: limits(-3, 3), log: false }],
  ["sd", { kind: "number", limits: limits(0.2, 3), log: false }],
  ["rate", { kind: "number", limits: limits(0.001, 10), log: true }],
  ["k", { kind: "number", limits: limits(1, 8, true), log: false }],
  ["show", { kind: "choice", options: ["distances", "covariance times u", "one & only", "x² − 3x"] }],
  ["on", { kind: "toggle" }],
  ["points", { kind: "list", limits: [limits(-5, 5), limits(-5, 5)], least: 0, most: 4 }],
  ["matrix", { kind: "list", limits: [limits(-2, 2)], least: 4, most: 4 }],
]);

/** @param {string} hash */
const taken = (hash) => take(parse(hash).fields, SPECS);
/** @param {string} hash @returns {object} a plain one, to compare with */
const fields = (hash) => ({ ...taken(hash).fields });
/** @param {string} hash */
const unread = (hash) =>
  taken(hash).problems.map(({ name, used }) => (used === undefined ? name : `${name}→${used}`));

test("the same link in every form that chat apps give it", () => {
  for (const hash of [
    "#normal?mean=1&sd=0.5",
    "#normal%3Fmean%3D1%26sd%3D0.5",
    "#normal%253Fmean%253D1%2526sd%253D0.5",
    "#normal?mean%3D1%26sd%3D0.5",
    "#normal?mean=1%26sd=0.5",
    "#normal?mean=1%26sd%3D0.5",
    "#normal?mean=1&amp;sd=0.5",
    "#normal?mean=1&amp;amp;sd=0.5",
    "#normal?mean=1&#38;sd=0.5",
    "#normal%3Fmean=1&amp;sd=0.5",
    "#normal?mean=1&amp%3Bsd=0.5",
    "#normal?mean=1&sd=0.5.",
    "#normal?mean=1&sd=0.5)",
    "#normal?mean=1&sd=0.5%22",
    "#normal?mean=1&sd=0,5",
    "#normal?mean=1&sd=0.5\u200b",
    "#normal?mean=%2B1&sd=0.5",
  ]) {
    assert.equal(parse(hash).name, "normal", hash);
    assert.deepEqual(fields(hash), { mean: ["1"], sd: ["0.5"] }, hash);
    assert.deepEqual(unread(hash), [], hash);
  }
});

test("a name without values", () => {
  for (const hash of ["#normal", "#normal?", "#normal.", "#normal)"])
    assert.deepEqual([parse(hash).name, fields(hash)], ["normal", {}]);
});

test("options and lists are read, encoded once or twice", () => {
  assert.deepEqual(fields("#pca?show=covariance%20times%20u"), { show: ["covariance times u"] });
  assert.deepEqual(fields("#pca?show=covariance%2520times%2520u"), { show: ["covariance times u"] });
  assert.deepEqual(fields("#pca?show=covariance+times+u."), { show: ["covariance times u"] });
  assert.deepEqual(fields("#pca?show=Covariance Times U"), { show: ["covariance times u"] });
  assert.deepEqual(fields("#pca?show=one+%26+only&k=2"), { show: ["one & only"], k: ["2"] });
  assert.deepEqual(fields("#pca?show=x%C2%B2%20%E2%88%92%203x"), { show: ["x² − 3x"] });
  assert.deepEqual(fields("#pca?points=1&points=2&points=-3&points=−0,5"), {
    points: ["1", "2", "-3", "-0.5"],
  });
  assert.deepEqual(fields("#pca?points=1,2,-3,-0.5"), { points: ["1", "2", "-3", "-0.5"] });
  assert.deepEqual(fields("#pca?points="), { points: [] });
});

test("names of Object.prototype are not names of controls", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "nothing"]) {
    assert.deepEqual(unread(`#kmeans?k=3&${name}=1`), [name]);
    assert.deepEqual(fields(`#kmeans?k=3&${name}=1`), { k: ["3"] });
  }
  assert.deepEqual(unread("#kmeans?on=constructor&show=toString"), ["on", "show"]);
});

test("a switch has many spellings", () => {
  for (const word of ["1", "true", "True", "on", "yes", "on."])
    assert.deepEqual(fields(`#a?on=${word}`), { on: ["1"] }, word);
  for (const word of ["0", "false", "off", "NO"])
    assert.deepEqual(fields(`#a?on=${word}`), { on: ["0"] }, word);
});

test("an unreadable value is left out and reported", () => {
  for (const [part, name] of [
    ["mean=abc", "mean"],
    ["mean=", "mean"],
    ["mean=NaN", "mean"],
    ["mean=Infinity", "mean"],
    ["mean=1&mean=2", "mean"],
    ["rate=-1", "rate"],
    ["rate=0", "rate"],
    ["show=four", "show"],
    ["on=7", "on"],
    ["on=", "on"],
    ["points=1&points=2&points=3", "points"],
    ["points=1&points=x", "points"],
    [`points=${Array(10).fill(1).join("&points=")}`, "points"],
    ["matrix=1", "matrix"],
    ["matrix=1&matrix=2&matrix=", "matrix"],
  ]) {
    assert.deepEqual(fields(`#a?sd=1&${part}`), { sd: ["1"] }, part);
    assert.deepEqual(unread(`#a?sd=1&${part}`), [name], part);
  }
});

test("a value out of range is clamped and reported", () => {
  assert.deepEqual(fields("#a?mean=99&rate=1e9&points=9&points=0"), {
    mean: ["3"],
    rate: ["10"],
    points: ["5", "0"],
  });
  assert.deepEqual(unread("#a?mean=99&rate=1e9&points=9&points=0"), ["mean→3", "rate→10", "points→5, 0"]);
  assert.deepEqual([fields("#a?k=2.5"), unread("#a?k=2.5")], [{ k: ["3"] }, ["k→3"]]);
  assert.deepEqual(unread("#a?mean=3.0000000001"), []); // a hair beyond, as sums of steps are
});

test("all problems are reported in one sentence", () => {
  assert.equal(complaint([]), "");
  const words = complaint(taken(`#a?mean=99&show=four&constructor=${"9".repeat(99)}`).problems);
  assert.match(words, /could not be read \(show=four; constructor=9+…\).*mean=99 became 3\.$/);
  assert.ok(words.length < 200, words);
});

test("a written link can be read", () => {
  const state = { show: ["one & only"], points: [], matrix: ["1", "-0.5", "0", "2"], on: ["0"] };
  assert.deepEqual(fields(write("a", state, {})), state);
  assert.equal(write("a", state, state), "#a");
});
