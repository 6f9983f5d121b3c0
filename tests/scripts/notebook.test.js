import assert from "node:assert/strict";
import test from "node:test";

import { notebook } from "../../site/scripts/see-python/notebook.js";

const FACTS = {
  name: "normal",
  lesson: "lesson 11, The normal",
  wheel: "m-0.1-py3-none-any.whl",
  original: '"""Drag the bell."""\n\nx = 1\n',
};
const cells = (facts) => JSON.parse(notebook({ ...FACTS, ...facts })).cells;
const text = ({ source }) => source.join("");

test("a notebook names the figure, its lesson, and the package, and shows the figure", () => {
  const [about, code, figure, ...more] = cells({ values: "mean=1" });
  for (const part of ["# Drag the bell.", "`normal`", FACTS.lesson, `%pip install ./${FACTS.wheel}`])
    assert.ok(text(about).includes(part), part);
  assert.equal(text(code), FACTS.original.trimEnd());
  assert.match(text(figure), /^show\(demo, mean=1\)$/m);
  assert.deepEqual(more, []);
});

test("the reader's version follows, with its values if they differ", () => {
  const all = cells({
    mine: "x = 2\n",
    values: "k=3",
    changed: true,
    address: "https://a.example/n",
    downloads: "https://a.example/d",
  });
  assert.equal(all.length, 6);
  assert.ok(text(all[0]).includes("(https://a.example/n)") && text(all[0]).includes("(https://a.example/d)"));
  assert.match(text(all[2]), /^show\(demo\)$/m);
  assert.equal(text(all[4]), "x = 2");
  assert.match(text(all[5]), /^show\(demo, k=3\)$/m);
  assert.equal(new Set(all.map(({ id }) => id)).size, 6);
});
