import assert from "node:assert/strict";
import test from "node:test";

import { excerpt, parts } from "../../site/scripts/see-python/python-source.js";
import { literal, texts } from "../../site/scripts/see-python/python-values.js";

const FILE = `"""Move the curve."""

import math


def pdf(x, mean):
    """f(x)

    = exp(x)."""
    return math.exp(x - mean)

# The scene


@cache
def demo(
    fig: Figure,
) -> Update:
    def update(mean=0.5):
        return "words"

    return update


LAST = 1
class Late:
    pass
`;

test("a file is split into its functions and classes, with their decorators", () => {
  const lines = FILE.split("\n");
  const found = parts(FILE).map(({ name, from, to }) => [name, lines[from], lines[to - 1].trim()]);
  assert.deepEqual(found, [
    ["pdf", "def pdf(x, mean):", "return math.exp(x - mean)"],
    ["demo", "@cache", "return update"],
    ["Late", "class Late:", "pass"],
  ]);
});

test("an excerpt and the text around it make up the whole file", () => {
  for (const name of ["pdf", "demo", "Late", "", "gone"]) {
    const { before, shown, after, line } = excerpt(FILE, name);
    assert.equal(before + shown + after, FILE);
    assert.equal(FILE.split("\n")[line - 1], shown.split("\n")[0]);
  }
  assert.equal(excerpt(FILE, "gone").shown, FILE);
});

const VALUES = [
  ["number", ["0.5"], "0.5"],
  ["number", ["-1e-12"], "-1e-12"],
  ["toggle", ["1"], "True"],
  ["toggle", ["0"], "False"],
  ["choice", ["two features"], '"two features"'],
  ["choice", ['a "b" \\'], '"a \\"b\\" \\\\"'],
  ["matrix", ["1", "2", "3", "4"], "((1, 2), (3, 4))"],
  ["matrix", ["1"], "((1,),)"],
  ["points", ["1", "-2.5", "3", "4"], "[(1, -2.5), (3, 4)]"],
  ["points", [], "[]"],
];

test("values are written as in Python, and can be read", () => {
  for (const [kind, value, written] of VALUES) {
    const columns = kind === "matrix" && value.length === 4 ? 2 : 1;
    assert.equal(literal(kind, value, columns), written);
    assert.deepEqual(texts(kind, written), value, written);
  }
});

test("a typed value is read, and other text is not", () => {
  assert.deepEqual(texts("number", " −3.50 "), ["-3.50"]);
  assert.deepEqual(texts("number", "1_000"), ["1000"]);
  assert.deepEqual(texts("choice", "'sample'"), ["sample"]);
  assert.deepEqual(texts("matrix", "[[1,2],[3,4]]"), ["1", "2", "3", "4"]);
  for (const [kind, typed] of [
    ["number", ""],
    ["number", "-"],
    ["number", "1 2"],
    ["toggle", "true"],
    ["points", "(1, )x"],
    ["matrix", "1,,2"],
  ])
    assert.equal(texts(kind, typed), undefined, typed);
});
